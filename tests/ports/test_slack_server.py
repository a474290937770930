"""The local Slack behaves like Slack, as the real slack_sdk client and slack_bolt app find it."""

import asyncio
import re
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import uvicorn
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from tests.servers.slack import Refused, Slack

ADA, GRACE, GENERAL = "U0ADA", "U0GRACE", "C0GENERAL"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(ack_timeout=2.0) as running:
        yield running


@pytest.fixture
async def client(slack: Slack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)


@pytest.fixture
def app(slack: Slack, client: AsyncWebClient) -> AsyncApp:
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, process_before_response=True)

    @app.event("app_mention")
    async def answer(event, client):
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="An answer.")

    @app.event(re.compile(".*"))
    async def ignore():
        pass

    return app


@asynccontextmanager
async def served(slack: Slack, app: AsyncApp) -> AsyncIterator[None]:
    handler = AsyncSlackRequestHandler(app)
    routes = [Route("/slack/events", handler.handle, methods=["POST"])]
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    slack.events_url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    yield
    await slack.idle()
    server.should_exit = True
    await serving


@asynccontextmanager
async def connected(slack: Slack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
    await handler.connect_async()
    yield handler
    await handler.close_async()


def button(action_id: str = "more", **fields) -> list[dict]:
    element = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "More"}, **fields}
    return [{"type": "actions", "block_id": "buttons", "elements": [element]}]


def modal(callback_id: str = "vendor") -> dict:
    element = {"type": "plain_text_input", "action_id": "name"}
    label = {"type": "plain_text", "text": "Vendor"}
    titles = {"title": {"type": "plain_text", "text": "Vendor"}, "submit": {"type": "plain_text", "text": "Check"}}
    block = {"type": "input", "block_id": "vendor", "label": label, "element": element}
    return {"type": "modal", "callback_id": callback_id, **titles, "blocks": [block]}


async def refusal(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


# Deliveries over HTTP


async def test_a_mention_is_acknowledged_and_answered_in_its_thread(slack, app):
    async with served(slack, app):
        ask = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.wait(lambda: len(slack.thread(GENERAL, ask.ts)) == 2)
    assert [(one.user, one.text) for one in slack.thread(GENERAL, ask.ts)][1:] == [(slack.bot, "An answer.")]
    assert [one.status for one in slack.sent("app_mention")] == [200]


async def test_an_event_carries_what_the_events_api_promises(slack, app):
    slack.add_channel("partners", ADA, is_ext_shared=True)
    async with served(slack, app):
        await slack.say(ADA, "C0PARTNERS", f"<@{slack.bot}> hello")
    payload = slack.sent("app_mention")[0].payload
    assert payload["team_id"] == "T0ACME"
    assert payload["api_app_id"] == "A0CAVEAT"
    assert payload["authorizations"][0]["user_id"] == slack.bot
    assert payload["is_ext_shared_channel"] is True
    assert payload["event"]["user_team"] == "T0ACME"


async def test_a_mention_is_also_a_message_when_channel_messages_are_subscribed():
    async with Slack(channel_messages=True) as slack:
        ask = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        pair = slack.sent("message") + slack.sent("app_mention")
    assert {one.payload["event"]["ts"] for one in pair} == {ask.ts}
    assert len({one.event_id for one in pair}) == 2


async def test_a_direct_message_is_one_event_and_the_echo_of_the_reply_another(slack, client):
    ask = await slack.say(ADA, slack.bot, f"<@{slack.bot}> may we?")
    await client.chat_postMessage(channel=ask.channel, thread_ts=ask.ts, text="Yes.")
    events = [one.payload["event"] for one in slack.deliveries]
    assert [event.get("bot_id") for event in events] == [None, "B0CAVEAT"]
    assert [event["channel_type"] for event in events] == ["im", "im"]
    assert events[1]["parent_user_id"] == ADA


async def test_an_event_answered_with_500_is_sent_again_under_the_same_id(slack, app, client):
    tries = []

    @app.middleware
    async def stumble(req, next_):
        tries.append((req.headers.get("x-slack-retry-num"), req.headers.get("x-slack-retry-reason")))
        if len(tries) < 3:
            raise RuntimeError
        await next_()

    async with served(slack, app):
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
    (delivery,) = slack.sent("app_mention")
    assert [attempt.status for attempt in delivery.attempts] == [500, 500, 200]
    assert tries == [(None, None), (["1"], ["http_error"]), (["2"], ["http_error"])]
    assert delivery.acked


async def test_an_event_is_tried_four_times_at_most(slack, app):
    @app.middleware
    async def stumble():
        raise RuntimeError

    async with served(slack, app):
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
    (delivery,) = slack.sent("app_mention")
    assert [attempt.status for attempt in delivery.attempts] == [500] * 4
    assert not delivery.acked


async def test_no_retry_in_the_answer_stops_the_retries(slack, app):
    from slack_bolt import BoltResponse

    @app.middleware
    async def decline():
        return BoltResponse(status=503, headers={"X-Slack-No-Retry": "1"})

    async with served(slack, app):
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
    assert [attempt.status for attempt in slack.sent("app_mention")[0].attempts] == [503]


async def test_a_silent_app_is_a_timeout(app):
    async with Slack(ack_timeout=0.05, retry_delays=(0.0,)) as slack:
        silent = socket.create_server(("127.0.0.1", 0))
        slack.events_url = f"http://127.0.0.1:{silent.getsockname()[1]}/slack/events"
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
        silent.close()
    assert [attempt.failure for attempt in slack.sent("app_mention")[0].attempts] == ["http_timeout"] * 2


async def test_a_past_event_can_be_delivered_again(slack, app):
    async with served(slack, app):
        ask = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
        attempt = await slack.redeliver(slack.sent("app_mention")[0])
    assert (attempt.number, attempt.status) == (1, 200)
    assert len(slack.thread(GENERAL, ask.ts)) == 3, "the tiny app keeps no record of what it has answered"


@pytest.mark.parametrize("seal", [{"secret": "not the secret"}, {"age": 400}, {"signed": False}])
async def test_bolt_refuses_a_false_seal(slack, app, seal):
    async with served(slack, app):
        ask = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
        forged = await slack.forge(slack.sent("app_mention")[0].payload, **seal)
        genuine = await slack.forge(slack.sent("app_mention")[0].payload)
    assert (forged.status, genuine.status) == (401, 200)
    assert len(slack.thread(GENERAL, ask.ts)) == 3


# Commands, buttons, modals, home


async def test_what_a_command_answers_is_shown_to_the_one_who_sent_it(slack, app):
    @app.command("/vendor-ask")
    async def ask(ack, command):
        await ack(text=f"Looking into {command['text']}")

    async with served(slack, app):
        delivery = await slack.command("/vendor-ask", "Alibaba & Co", ADA, GENERAL)
    assert (delivery.status, delivery.refused) == (200, None)
    assert [one.text for one in slack.whispers(ADA)] == ["Looking into Alibaba & Co"]
    assert slack.messages(GENERAL) == []


async def test_a_command_is_not_sent_twice(slack, app):
    async with served(slack, app):
        delivery = await slack.command("/unknown", "", ADA, GENERAL)
    assert [attempt.status for attempt in delivery.attempts] == [404]


async def test_an_answer_through_the_response_url_works_five_times(slack, app):
    @app.command("/vendor-ask")
    async def ask(ack, respond):
        await ack()
        answers = [await respond(f"part {part}", response_type="in_channel") for part in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [404]

    async with served(slack, app):
        delivery = await slack.command("/vendor-ask", "Alibaba", ADA, GENERAL)
    assert delivery.status == 200
    assert [one.text for one in slack.messages(GENERAL)] == [f"part {part}" for part in range(5)]


async def test_a_button_can_be_clicked_and_replace_its_message(slack, app, client):
    @app.action("more")
    async def more(ack, action, respond):
        await ack()
        await respond(f"You chose {action['value']}", replace_original=True, blocks=[])

    posted = await client.chat_postMessage(channel=GENERAL, text="A card", blocks=button(value="details"))
    (message,) = slack.thread(GENERAL, posted["ts"])
    async with served(slack, app):
        delivery = await slack.click(ADA, message, "more")
        with pytest.raises(LookupError):
            await slack.click(ADA, message, "more")
    assert delivery.payload["actions"][0]["block_id"] == "buttons"
    assert message.text == "You chose details"


async def test_a_modal_is_opened_by_a_command_and_submitted(slack, app):
    @app.command("/vendor-check")
    async def check(ack, command, client):
        await client.views_open(trigger_id=command["trigger_id"], view=modal())
        await ack()
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=command["trigger_id"], view=modal())

    @app.view("vendor")
    async def submitted(ack, view):
        name = view["state"]["values"]["vendor"]["name"]["value"]
        if name == "?":
            await ack(response_action="errors", errors={"vendor": "Who?"})
        else:
            await ack()

    async with served(slack, app):
        await slack.command("/vendor-check", "", ADA, GENERAL)
        with pytest.raises(ValueError, match="vendor must be filled in"):
            await slack.submit(ADA, {})
        corrected = await slack.submit(ADA, {"vendor": "?"})
        assert slack.modal(ADA) is not None
        await slack.submit(ADA, {"vendor": "Alibaba"})
    assert corrected.answer["errors"] == {"vendor": "Who?"}
    assert slack.modal(ADA) is None


async def test_an_old_trigger_opens_nothing(client):
    now = [1_790_000_000.0]
    async with Slack(clock=lambda: now[0]) as slack:
        trigger = slack.world.triggers.issue("trigger", ADA)
        now[0] += 4
        client.base_url = slack.api_url
        assert await refusal(client.views_open(trigger_id=trigger, view=modal())) == "expired_trigger_id"
        assert await refusal(client.views_open(trigger_id="another", view=modal())) == "invalid_trigger_id"


async def test_opening_the_home_tab_lets_the_app_publish_it(slack, app):
    @app.event("app_home_opened")
    async def home(event, client):
        section = {"type": "section", "text": {"type": "mrkdwn", "text": "Your vendors"}}
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section]})

    app._async_listeners.reverse()  # the newest first: bolt takes the first listener that matches
    async with served(slack, app):
        await slack.open_home(ADA)
        await slack.wait(lambda: slack.home(ADA))
    assert slack.home(ADA).body["blocks"][0]["text"]["text"] == "Your vendors"


# Socket Mode


async def test_a_question_goes_round_over_socket_mode(slack, app):
    @app.command("/vendor-ask")
    async def ask(ack):
        await ack("Looking")

    async with connected(slack, app):
        asked = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.wait(lambda: len(slack.thread(GENERAL, asked.ts)) == 2)
        delivery = await slack.command("/vendor-ask", "Alibaba", ADA, GENERAL)
    assert delivery.answer == {"text": "Looking"}
    assert [one.text for one in slack.whispers(ADA)] == ["Looking"]


async def test_an_envelope_without_an_acknowledgement_comes_again(app, client):
    async with Slack(ack_timeout=0.2) as slack:
        client.base_url = slack.api_url
        retries = []

        @app.middleware
        async def stumble(req, next_):
            retries.append((req.headers.get("x-slack-retry-num"), req.headers.get("x-slack-retry-reason")))
            if len(retries) == 1:
                raise RuntimeError
            await next_()

        async with connected(slack, app):
            await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
            await slack.idle()
        (delivery,) = slack.sent("app_mention")
    assert [attempt.failure for attempt in delivery.attempts] == ["timeout", None]
    assert retries[0][0] == ["0"]
    assert retries[1] == (["1"], ["timeout"])


async def test_an_app_that_is_asked_to_reconnect_goes_on_answering(slack, app):
    async with connected(slack, app):
        await slack.wait(lambda: slack.connected == 1)
        await slack.disconnect()
        await slack.wait(lambda: slack.connected == 1 and len(slack.calls("apps.connections.open")) == 2)
        ask = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.wait(lambda: len(slack.thread(GENERAL, ask.ts)) == 2)


# The Web API


async def test_a_call_needs_the_right_token(slack, client):
    assert await refusal(client.auth_test(token="xoxb-unknown")) == "invalid_auth"
    assert await refusal(client.auth_test(token=slack.app_token)) == "not_allowed_token_type"
    assert await refusal(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    assert await refusal(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    assert await refusal(client.api_call("agents.sessions.setStatus")) == "unknown_method"
    assert (await client.auth_test())["bot_id"] == "B0CAVEAT"


async def test_arguments_are_taken_from_query_form_and_json(slack):
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url = f"{slack.api_url}chat.postMessage"
    blocks = '[{"type": "divider"}]'
    async with aiohttp.ClientSession() as session:
        for sent in ({"params": {"text": "x"}}, {"data": {"text": "x", "blocks": blocks}}, {"json": {"text": "x"}}):
            async with session.post(f"{url}?channel={GENERAL}", headers=headers, **sent) as answer:
                assert (await answer.json())["ok"]
    assert [one.blocks for one in slack.messages(GENERAL)] == [[], [{"type": "divider"}], []]


async def test_posts_are_refused_by_slacks_own_names(slack, client):
    slack.add_channel("secret", ADA, bot=False, is_private=True)
    slack.add_channel("random", ADA, bot=False)
    slack.add_channel("old", ADA, is_archived=True)
    theirs = await slack.say(ADA, GENERAL, "Mine")

    async def post(channel: str = GENERAL, **said) -> str:
        return await refusal(client.api_call("chat.postMessage", json={"channel": channel, **said}))

    assert await post("C0NOWHERE", text="x") == "channel_not_found"
    assert await post("C0SECRET", text="x") == "channel_not_found"
    assert await post("C0RANDOM", text="x") == "not_in_channel"
    assert await post("C0OLD", text="x") == "is_archived"
    assert await post() == "no_text"
    assert await post(text="x", thread_ts="1.000001") == "thread_not_found"
    assert await post(text="x", markdown_text="x") == "markdown_text_conflict"
    assert await post(text="x", metadata={"event_type": "x"}) == "invalid_metadata_schema"
    assert await post(text="x", blocks="[") == "invalid_blocks_format"
    assert await refusal(client.chat_update(channel=GENERAL, ts=theirs.ts, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=GENERAL, ts=theirs.ts)) == "cant_delete_message"
    assert await refusal(client.chat_update(channel=GENERAL, ts="1.000001", text="x")) == "message_not_found"


async def test_invalid_blocks_are_named_with_pointers(client):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    complaint = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["errors"] == [complaint]
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {complaint}"]


async def test_a_message_that_is_too_long_in_all_has_an_error_of_its_own(client):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5
    post = client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    assert await refusal(post) == "msg_blocks_too_long"


async def test_metadata_is_kept_and_returned_on_demand(slack, client):
    metadata = {"event_type": "answer", "event_payload": {"receipt": "r-1"}}
    posted = await client.chat_postMessage(channel=GENERAL, text="x", metadata=metadata)
    plain = await client.conversations_replies(channel=GENERAL, ts=posted["ts"])
    full = await client.conversations_replies(channel=GENERAL, ts=posted["ts"], include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata


async def test_a_thread_is_read_in_pages(slack, client):
    root = await slack.say(ADA, GENERAL, "root")
    for number in range(4):
        await slack.say(GRACE, GENERAL, f"reply {number}", root.ts)
    pages = [page async for page in await client.conversations_replies(channel=GENERAL, ts=root.ts, limit=2)]
    assert [len(page["messages"]) for page in pages] == [2, 2, 1]
    assert [one["text"] for one in (await client.conversations_history(channel=GENERAL))["messages"]] == ["root"]


async def test_people_and_places_carry_their_flags(slack, client):
    slack.add_user("guest", is_ultra_restricted=True)
    slack.add_user("stranger", slack.add_team("Vendor"))
    slack.add_channel("deal", ADA, "U0STRANGER", is_private=True, is_ext_shared=True)
    slack.workspace.user(GRACE).deleted = True
    guest = (await client.users_info(user="U0GUEST"))["user"]
    stranger = (await client.users_info(user="U0STRANGER"))["user"]
    deal = (await client.conversations_info(channel="C0DEAL"))["channel"]
    assert (guest["is_ultra_restricted"], stranger["is_stranger"]) == (True, True)
    assert (deal["is_private"], deal["is_ext_shared"], deal["is_member"]) == (True, True, True)
    assert (await client.conversations_members(channel="C0DEAL"))["members"] == [ADA, slack.bot, "U0STRANGER"]
    assert await refusal(client.conversations_open(users=[GRACE])) == "user_disabled"
    assert (await client.conversations_open(users=[ADA]))["channel"]["id"] == slack.dm(ADA).id
    assert len((await client.users_list())["members"]) == 4


async def test_a_rate_limit_carries_retry_after_and_is_over_when_it_says(slack, client):
    slack.fail("chat.postMessage", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert (await client.chat_postMessage(channel=GENERAL, text="x"))["ok"]
    assert [call.result.get("error") for call in slack.calls("chat.postMessage")] == ["ratelimited", None]


async def test_the_sdks_own_handler_waits_out_a_rate_limit(slack, client):
    slack.fail("users.info", error="ratelimited", times=2)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert await refusal(client.users_info(user=ADA)) == "ratelimited"


async def test_an_answer_can_be_lost_after_the_call_took_effect(slack, client):
    slack.fail("chat.postMessage", lost=True)
    client.retry_handlers.clear()
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert [one.text for one in slack.messages(GENERAL)] == ["x"]


async def test_reactions_are_counted_once(slack, client):
    said = await slack.say(ADA, GENERAL, "x")
    mark = {"channel": GENERAL, "timestamp": said.ts, "name": "eyes"}
    await client.reactions_add(**mark)
    assert said.reactions == {"eyes": [slack.bot]}
    assert await refusal(client.reactions_add(**mark)) == "already_reacted"
    await client.reactions_remove(**mark)
    assert await refusal(client.reactions_remove(**mark)) == "no_reaction"


async def test_an_ephemeral_message_is_seen_by_one(slack, client):
    await client.chat_postEphemeral(channel=GENERAL, user=ADA, text="psst")
    assert [one.text for one in slack.whispers(ADA)] == ["psst"]
    assert slack.messages(GENERAL) == []


async def test_blocks_can_be_validated_without_a_token(slack):
    client = AsyncWebClient(base_url=slack.api_url)
    assert (await client.blocks_validate(blocks=[{"type": "divider"}]))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(view={"type": "modal", "blocks": []})
    assert caught.value.response["errors"][0]["pointer"] == "/view"


async def test_waiting_in_vain_tells_what_did_happen(slack, client):
    await client.auth_test()
    with pytest.raises(TimeoutError, match=r"auth\.test -> ok"):
        await slack.wait(lambda: slack.messages(GENERAL), 0.01)


# Streams and the agent surface


async def test_a_stream_is_started_appended_to_and_stopped(slack, client):
    ask = await slack.say(ADA, slack.bot, "may we?")
    stream = await client.chat_stream(channel=ask.channel, thread_ts=ask.ts, buffer_size=4)
    await stream.append(markdown_text="Yes, ")
    await stream.append(chunks=[{"type": "task_update", "id": "1", "title": "Search", "status": "complete"}])
    (_, message) = slack.thread(ask.channel, ask.ts)
    assert (message.text, message.is_streaming) == ("Yes, ", True)
    assert await refusal(client.chat_update(channel=ask.channel, ts=stream.ts, text="x")) == "streaming_state_conflict"
    assert await refusal(client.chat_delete(channel=ask.channel, ts=stream.ts)) == "cant_delete_message"
    await stream.stop(markdown_text="you may.", blocks=button())
    assert (message.text, message.is_streaming) == ("Yes, you may.", False)
    assert message.stream.tasks["1"]["title"] == "Search"
    assert message.blocks == button()
    assert (await client.chat_update(channel=ask.channel, ts=stream.ts, text="Yes.", blocks=[]))["ok"]


async def test_an_expired_stream_takes_no_more_and_can_be_updated(slack, client):
    ask = await slack.say(ADA, slack.bot, "may we?")
    stream = await client.chat_stream(channel=ask.channel, thread_ts=ask.ts, buffer_size=1)
    await stream.append(markdown_text="Yes, ")
    slack.expire(slack.thread(ask.channel, ask.ts)[1])
    assert await refusal(stream.append(markdown_text="but")) == "message_not_in_streaming_state"
    assert await refusal(stream.stop()) == "message_not_in_streaming_state"
    assert (await client.chat_update(channel=ask.channel, ts=stream.ts, text="Yes, but"))["ok"]


async def test_a_stream_can_be_made_to_end_after_some_appends(client):
    async with Slack(stream_appends=1) as slack:
        client.base_url = slack.api_url
        ask = await slack.say(ADA, slack.bot, "may we?")
        stream = await client.chat_stream(channel=ask.channel, thread_ts=ask.ts, buffer_size=1)
        await stream.append(markdown_text="a")
        await stream.append(markdown_text="b")
        assert await refusal(stream.append(markdown_text="c")) == "message_not_in_streaming_state"


async def test_a_stream_is_refused_by_slacks_own_names(slack, client):
    ask = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
    to = {"recipient_user_id": ADA, "recipient_team_id": "T0ACME"}
    at = {"channel": GENERAL, "thread_ts": ask.ts}

    async def start(**args) -> str:
        return await refusal(client.api_call("chat.startStream", json=args))

    task = {"type": "task_update", "id": "1", "title": "Search", "status": "done"}
    assert await start(channel=GENERAL, **to) == "invalid_thread_ts"
    assert await start(**at) == "missing_recipient_user_id"
    assert await start(**at, recipient_user_id=ADA) == "missing_recipient_team_id"
    assert await start(**at, **to, markdown_text="x" * 12_001) == "msg_too_long"
    assert await start(**at, **to, chunks=[task]) == "invalid_arguments"
    both = {"markdown_text": "x", "chunks": [{"type": "markdown_text", "text": "x"}]}
    assert await start(**at, **to, **both) == "cannot_provide_both_markdown_text_and_chunks"
    started = await client.chat_startStream(**at, **to, markdown_text="x")
    where = {"channel": GENERAL, "ts": started["ts"]}
    chunks = [{"type": "markdown_text", "text": "x"}]
    assert await refusal(client.chat_appendStream(**where, chunks=chunks)) == "streaming_mode_mismatch"
    assert await refusal(client.chat_appendStream(channel=GENERAL, ts=ask.ts)) == "message_not_owned_by_app"


async def test_a_status_stands_until_the_reply_and_prompts_are_offered(slack, client):
    ask = await slack.say(ADA, slack.bot, "may we?")
    prompts = [{"title": "Check a vendor", "message": "Check Alibaba"}]
    await client.assistant_threads_setStatus(channel_id=ask.channel, thread_ts=ask.ts, status="is searching")
    await client.assistant_threads_setSuggestedPrompts(channel_id=ask.channel, prompts=prompts)
    assert slack.status(ask.channel, ask.ts) == "is searching"
    await client.chat_postMessage(channel=ask.channel, thread_ts=ask.ts, text="Yes.")
    assert slack.status(ask.channel, ask.ts) == ""
    assert slack.prompts(ask.channel)["prompts"] == prompts
    asked = client.assistant_threads_setSuggestedPrompts(channel_id=ask.channel, prompts=prompts * 5)
    assert await refusal(asked) == "invalid_arguments"


async def test_nobody_writes_where_they_are_not(slack):
    slack.add_channel("deal", ADA)
    with pytest.raises(Refused, match="not_in_channel"):
        await slack.say(GRACE, "C0DEAL", "let me in")
