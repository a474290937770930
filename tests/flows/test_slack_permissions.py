"""Who may do what with an answer in Slack: every role presses every button of one running server."""

import asyncio
import copy

from tests.flows.processes import caveat_json
from tests.flows.test_slack import ADA, GENERAL, HOSTING, answers, served, settled

GRACE = "U0GRACE"
BUTTONS = ("evidence_show", "feedback", "memo_file", "owner_ask", "owner_resolved", "vendor_decide", "vendor_second")
READS = {"evidence_show", "feedback", "memo_file"}
MAY = {
    "guest": set(),
    "single": set(),
    "external": set(),
    "robot": set(),
    "gone": set(),
    "member": {*READS, "owner_ask"},
    "reviewer": set(BUTTONS),
}
"""What each role may do with an answer that cites company policy; those who may not come first, so that they find all undone."""
OPEN_TO = {"guest": READS, "single": READS, "external": set(), "robot": set(), "gone": set(), "member": READS}
"""What each role may do with an answer from public sources, in a channel that guests read."""
IN_TURN = ("guest", "single", "member", "reviewer")
"""Roles that may change what stands in a conversation, so that two of them never press at once."""
REFUSED = ("not open to you", "none here", "it stays open", "another person")


def people(slack):
    """Let one person of each role be there and return their ids."""
    other = slack.add_team("Elsewhere")
    joined = {
        "guest": slack.add_user("guest", is_restricted=True), "single": slack.add_user("single", is_ultra_restricted=True),
        "external": slack.add_user("external", other), "robot": slack.add_user("robot", is_bot=True),
        "gone": slack.add_user("gone", deleted=True), "member": slack.add_user("member"),
    }  # fmt: skip
    return {**{role: one.id for role, one in joined.items()}, "reviewer": GRACE}


async def came(slack, user, target, action):
    """Press a button and return what came of it: a whisper, a modal, or what is different in the conversation."""
    whispers, views = len(slack.whispers(user)), set(slack.workspace.views)
    before = _story(slack, target.channel)
    await slack.click(user, target, action, "positive" if action == "feedback" else None)

    def outcome():
        modals = [str(one.body) for id_, one in slack.workspace.views.items() if id_ not in views and one.user == user]
        story = _story(slack, target.channel)
        words = [*(m.text for m in slack.whispers(user)[whispers:]), *(one for one in modals if "looked up" not in one)]
        return words[0] if words else story if story != before else ""

    return await slack.wait(outcome, 30)


async def allowed(slack, who, targets):
    """Return by role which of these buttons did what they say."""
    done = {role: set() for role in who}

    async def press(role, action, target):
        words = await came(slack, who[role], target, action)
        if not any(one in words for one in REFUSED):
            done[role].add(action)

    for action, target in targets.items():
        await asyncio.gather(*(press(role, action, target) for role in who if role not in IN_TURN))
        for role in IN_TURN:
            if role in who:
                await press(role, action, target)
    return done


async def test_exactly_the_permitted_may_and_forged_payloads_of_another_team_do_nothing(home):
    async with served(home, CAVEAT_REVIEWERS=f"{ADA},{GRACE}") as (slack, _):
        who = people(slack)
        root = await slack.say(ADA, GENERAL, f"<@{slack.bot}> {HOSTING}")
        answer = (await slack.wait(lambda: answers(slack, GENERAL, root.ts), 30))[0]
        await came(slack, ADA, answer, "owner_ask")
        handed = answers(slack, GENERAL, root.ts)[-1]
        await came(slack, ADA, answer, "vendor_decide")
        form = slack.modal(ADA)
        until = form.body["blocks"][2]["element"]["initial_date"]
        given = {"choice": "approved", "until": until, "why": "A trial"}
        for user in (who["member"], who["external"], ADA):
            # The form of a reviewer, sent in somebody else's name, decides nothing.
            form.open, form.hash = True, f"sent-by-{user}"
            await slack.submit(user, given, form)
        waits = await slack.wait(lambda: next((m for m in answers(slack, GENERAL) if "Waiting" in m.text), None), 30)
        targets = dict.fromkeys(BUTTONS, answer) | {"owner_resolved": handed, "vendor_second": waits}
        assert await allowed(slack, who, targets) == MAY

        fair = slack.add_channel("fair", ADA, who["guest"])
        root = await slack.say(ADA, fair.id, f"<@{slack.bot}> {HOSTING}")
        public = (await slack.wait(lambda: answers(slack, fair.id, root.ts), 30))[0]
        assert "owner_ask" not in str(public.blocks)
        del who["reviewer"]
        assert await allowed(slack, who, dict.fromkeys(sorted(READS), public)) == OPEN_TO

        before = _story(slack, GENERAL), _story(slack, fair.id)
        mine = [one for one in slack.sent("block_actions") if one.payload["user"]["id"] == GRACE]
        for n, delivery in enumerate([*mine, *slack.sent("view_submission")[-1:]]):
            forged = copy.deepcopy(delivery.payload) | {"trigger_id": f"forged.{n}"}
            forged["team"] = {"id": "T0EVIL", "domain": "evil"}
            forged["user"]["team_id"] = "T0EVIL"
            if "view" in forged:
                forged["view"]["hash"] = f"forged.{n}"
            await slack.forge(forged, "interaction")
        await settled(slack)
        assert (_story(slack, GENERAL), _story(slack, fair.id)) == before
        kept = caveat_json(home, "decide", "list")["decisions"]
        assert [(one["by"], one["second"]) for one in kept] == [("ada", "grace")]
        assert caveat_json(home, "feedback")["up"] == 5


def _story(slack, channel):
    return str([(m.text, m.blocks, [file.name for file in m.files]) for m in slack.messages(channel)])
