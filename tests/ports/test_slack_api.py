"""The local Slack answers the Web API as Slack does, as the real slack_sdk client finds it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import Slack

ADA, GRACE, GENERAL = "U0ADA", "U0GRACE", "C0GENERAL"
DIVIDER = {"type": "divider"}


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack() as running:
        yield running


@pytest.fixture
async def client(slack: Slack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)


async def refusal(call) -> str | None:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response.get("error")


async def test_a_call_needs_the_right_token(slack, client):
    assert await refusal(client.auth_test(token="xoxb-unknown")) == "invalid_auth"
    assert await refusal(client.auth_test(token=slack.app_token)) == "not_allowed_token_type"
    assert await refusal(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    assert await refusal(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    assert await refusal(client.api_call("agents.sessions.forget")) == "unknown_method"
    assert (await client.auth_test())["bot_id"] == "B0CAVEAT"


async def test_arguments_are_taken_from_query_form_and_json(slack):
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url = f"{slack.api_url}chat.postMessage"
    blocks = '[{"type": "divider"}]'
    async with aiohttp.ClientSession() as session:
        for sent in ({"params": {"text": "x"}}, {"data": {"text": "x", "blocks": blocks}}, {"json": {"text": "x"}}):
            async with session.post(f"{url}?channel={GENERAL}", headers=headers, **sent) as answer:
                assert (await answer.json())["ok"]
    assert [one.blocks for one in slack.messages(GENERAL)] == [[], [DIVIDER], []]


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
    replies = await client.conversations_replies(channel=GENERAL, ts=root.ts, limit=2)
    assert [len(page["messages"]) async for page in replies] == [2, 2, 1]
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
    assert (await client.blocks_validate(blocks=[DIVIDER]))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(view={"type": "modal", "blocks": []})
    assert caught.value.response["errors"][0]["pointer"] == "/view"


async def test_a_body_that_is_not_json_is_refused_and_recorded(slack):
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for body, error in (("{", "invalid_json"), ("[]", "json_not_object")):
            async with session.post(f"{slack.api_url}chat.postMessage", data=body) as answer:
                assert (await answer.json())["error"] == error
    assert [call.result["error"] for call in slack.calls()] == ["invalid_json", "json_not_object"]


async def test_a_post_to_a_user_opens_the_conversation_and_can_be_taken_back(slack, client):
    posted = await client.chat_postMessage(channel=ADA, text="hello")
    assert posted["channel"] == slack.dm(ADA).id
    await client.chat_delete(channel=posted["channel"], ts=posted["ts"])
    assert slack.messages(posted["channel"]) == []
    assert [one.payload["event"].get("subtype") for one in slack.deliveries] == [None, "message_deleted"]


async def test_an_outage_is_a_page_of_html(slack, client):
    slack.fail("chat.postMessage", status=503, times=2)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=GENERAL, text="x")
    assert caught.value.response.status_code == 503
    assert await refusal(client.chat_postMessage(channel=GENERAL, text="x")) is None
    assert slack.messages(GENERAL) == []


async def test_a_view_is_changed_only_by_who_saw_its_last_state(slack, client):
    tab = {"type": "home", "blocks": [DIVIDER]}
    first = (await client.views_publish(user_id=ADA, view=tab))["view"]
    second = (await client.views_publish(user_id=ADA, view=tab, hash=first["hash"]))["view"]
    assert (second["id"], second["hash"] != first["hash"]) == (first["id"], True)
    assert await refusal(client.views_publish(user_id=ADA, view=tab, hash=first["hash"])) == "hash_conflict"
    assert await refusal(client.views_update(view_id="V0", view=tab)) == "not_found"
    assert (await client.views_update(view_id=first["id"], view={"type": "home", "blocks": []}))["ok"]
    assert slack.home(ADA).body["blocks"] == []
    with pytest.raises(SlackApiError) as caught:
        await client.views_publish(user_id=ADA, view={**tab, "title": "x"})
    assert caught.value.response["error"] == "invalid_arguments"
    assert "[json-pointer:/view]" in caught.value.response["response_metadata"]["messages"][0]


async def test_blocks_in_attachments_are_checked_too(client):
    post = client.chat_postMessage(channel=GENERAL, text="x", attachments=[{"blocks": [{"type": "sections"}]}])
    assert await refusal(post) == "invalid_blocks"
    message = {"text": "x", "attachments": [{"blocks": [{"type": "sections"}]}]}
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(message=message)
    pointers = [one["pointer"] for one in caught.value.response["errors"]]
    assert pointers == ["/message", "/message/attachments/0/blocks/0/type"]


async def test_waiting_in_vain_tells_what_did_happen(slack, client):
    await client.auth_test()
    with pytest.raises(TimeoutError, match=r"auth\.test -> ok"):
        await slack.wait(lambda: slack.messages(GENERAL), 0.01)


async def test_an_old_trigger_opens_nothing(client):
    now = [1_790_000_000.0]
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Vendor"}, "blocks": [DIVIDER]}
    async with Slack(clock=lambda: now[0]) as slack:
        trigger = slack.world.triggers.issue("trigger", ADA)
        now[0] += 4
        client.base_url = slack.api_url
        assert await refusal(client.views_open(trigger_id=trigger, view=view)) == "expired_trigger_id"
        assert await refusal(client.views_open(trigger_id="another", view=view)) == "invalid_trigger_id"


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
    await stream.stop(markdown_text="you may.", blocks=[DIVIDER])
    assert (message.text, message.is_streaming) == ("Yes, you may.", False)
    assert message.stream.tasks["1"]["title"] == "Search"
    assert message.blocks == [DIVIDER]
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
