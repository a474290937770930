"""The local Slack delivers as Slack does, over HTTP and Socket Mode, as a real slack_bolt app finds it."""

import re
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import Refused, Slack
from tests.servers.slack.hosting import connected, served

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


def button(action_id: str = "more", **fields) -> list[dict]:
    element = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "More"}, **fields}
    return [{"type": "actions", "block_id": "buttons", "elements": [element]}]


def modal(callback_id: str = "vendor") -> dict:
    element = {"type": "plain_text_input", "action_id": "name"}
    label = {"type": "plain_text", "text": "Vendor"}
    titles = {"title": {"type": "plain_text", "text": "Vendor"}, "submit": {"type": "plain_text", "text": "Check"}}
    block = {"type": "input", "block_id": "vendor", "label": label, "element": element}
    return {"type": "modal", "callback_id": callback_id, **titles, "blocks": [block]}


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
    @app.middleware
    async def decline():
        return BoltResponse(status=503, headers={"X-Slack-No-Retry": "1"})

    async with served(slack, app):
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
    assert [attempt.status for attempt in slack.sent("app_mention")[0].attempts] == [503]


async def test_a_silent_app_is_a_timeout():
    async with Slack(ack_timeout=0.05, retry_delays=(0.0,)) as slack:
        silent = socket.create_server(("127.0.0.1", 0))
        slack.events_url = f"http://127.0.0.1:{silent.getsockname()[1]}/slack/events"
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.idle()
        silent.close()
    assert [attempt.failure for attempt in slack.sent("app_mention")[0].attempts] == ["http_timeout"] * 2


async def test_a_retry_goes_where_the_app_is_by_then(app, client):
    async with Slack(retry_delays=(0.0,) * 50) as slack:
        client.base_url = slack.api_url
        gone = socket.create_server(("127.0.0.1", 0))
        slack.events_url = f"http://127.0.0.1:{gone.getsockname()[1]}/slack/events"
        gone.close()
        await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        (delivery,) = slack.sent("app_mention")
        await slack.wait(lambda: delivery.attempts)
        async with served(slack, app):
            await slack.wait(lambda: delivery.acked)
    assert {attempt.failure for attempt in delivery.attempts} == {"connection_failed", None}


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


async def test_nobody_writes_where_they_are_not(slack):
    slack.add_channel("deal", ADA)
    with pytest.raises(Refused, match="not_in_channel"):
        await slack.say(GRACE, "C0DEAL", "let me in")


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


async def test_feedback_and_menus_send_what_was_chosen(slack, app, client):
    seen = []

    @app.action(re.compile(".*"))
    async def chosen(ack, action):
        await ack()
        seen.append(action.get("value") or action["selected_option"]["value"])

    thumbs = [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("good", "bad")]
    feedback = {"type": "feedback_buttons", "action_id": "feedback"}
    feedback |= {"positive_button": thumbs[0], "negative_button": thumbs[1]}
    menu = {"type": "static_select", "action_id": "menu", "options": thumbs}
    blocks = [{"type": "context_actions", "elements": [feedback]}, {"type": "actions", "elements": [menu]}]
    posted = await client.chat_postMessage(channel=GENERAL, text="A card", blocks=blocks)
    (message,) = slack.thread(GENERAL, posted["ts"])
    async with served(slack, app):
        await slack.click(ADA, message, "feedback", "negative")
        await slack.click(ADA, message, "menu", "good")
        with pytest.raises(LookupError, match="not offered"):
            await slack.click(ADA, message, "menu", "excellent")
    assert seen == ["bad", "good"]


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
    assert delivery.attempts[0].failure == "timeout"
    assert delivery.acked
    assert retries[0][0] == ["0"]
    assert retries[1] == (["1"], ["timeout"])


async def test_an_app_that_is_asked_to_reconnect_goes_on_answering(slack, app):
    async with connected(slack, app):
        await slack.wait(lambda: slack.connected == 1)
        await slack.disconnect()
        await slack.wait(lambda: slack.connected == 1 and len(slack.calls("apps.connections.open")) == 2)
        ask = await slack.say(ADA, GENERAL, f"<@{slack.bot}> may we?")
        await slack.wait(lambda: len(slack.thread(GENERAL, ask.ts)) == 2)
