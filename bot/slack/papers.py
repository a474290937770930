"""Files that people hand over in Slack: what to do with one that came alone, its vendors checked, and which files a question has."""

import asyncio
import json
import re
from dataclasses import dataclass
from functools import partial

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from bot import attached, roster
from bot.attached import Enclosed
from bot.batch import as_csv
from bot.checking import Checking
from bot.conversation import question_text
from bot.desk import Desk, answer_id
from bot.dossier import summary
from bot.errors import FileUnread
from bot.jobs import Jobs
from bot.model import Asker, AttachedFile, Fetch, Place, Question, VendorCheck
from bot.slack import kbviews, notices, ways
from bot.slack.admins import Admins
from bot.slack.blocks import CHECK, buttons
from bot.slack.elements import Block, button, cut, fallback, listed, rich, section, typed
from bot.slack.errands import Payload, Work
from bot.slack.event import DOOR
from bot.slack.files import Files, unfit
from bot.slack.payloads import from_choice, home_of, value_of
from knowledge import enclosure
from knowledge.evidence import FileRef
from knowledge.parse.tree import Parsed

OFFER, VENDORS = "paper_offer", "paper_vendors"
"""What a payload's `do` can be here: say what can be done with a file, check the vendors in it."""
PRESS_CHECK, PRESS_ASK = "paper_check", "paper_ask"
"""The actions of the buttons below a file that came alone; their value names the files, and whose they are."""
LONGEST = 60
_TABLES = re.compile(r"\.(?:csv|tsv|xlsx)$", re.IGNORECASE)
_NOT_YOURS = (
    "Only whoever shared this file can have it read for an answer, so nothing was done. Share it with me yourself, with your"
    " question."
)
_NO_REPORT = (
    "Slack did not take the report as a file; every check is kept with its receipt. An administrator can give the app the scope"
    " files:write, then ask me again."
)


@dataclass(frozen=True, slots=True)
class Papers:
    """Says what can be done with a file, and checks the vendors in one."""

    files: Files
    admins: Admins
    checking: Checking
    desk: Desk

    @property
    def works(self) -> dict[str, Work]:
        """What is done for each `do` of a payload."""
        return {OFFER: self._offer, VENDORS: self._vendors}

    def fetch(self, payload: Payload) -> Fetch:
        """Return what brings the files of a payload's workspace."""
        return partial(self.files.bring, team=payload["team"], enterprise=payload.get("enterprise", ""))

    async def _offer(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        """Read what came without a question, say what could not be, and offer what can be done with the rest."""
        enclosed = await attached.opened(refs(payload), self.fetch(payload))
        admin = payload["kind"] == "im" and await self.admins.allows(payload["user"], payload["team"])
        read = [one for one in enclosed.files if one.sha256]
        if read:
            own = Question(key, "", asker, place, thread=payload["thread"], files=tuple(one.ref for one in read))
            await self.desk.handed(own)
        return _offered(payload, enclosed, read, admin=admin)

    async def _vendors(self, key: str, payload: Payload, asker: Asker, place: Place) -> Payload:
        """Check the vendors of the first file that names any: of a table each one, of a text the first few."""
        asked, said = VendorCheck(key, "", asker, place), []
        for ref in refs(payload)[: attached.MOST]:
            name = enclosure.shown(ref.name)
            try:
                told, content = await attached.brought(ref, self.fetch(payload))
                parsed = await attached.reading(enclosure.parsed_by_content, content, told)
            except FileUnread as unread:
                said.append(f"{name} was not read: {str(unread).rstrip('.')}. Nothing of it was checked.")
                continue
            if reply := await self._checked(asked, name, parsed):
                return reply
            said.append(
                f"I found no vendor in {name}: no column headed vendor, supplier, company or name, no list's name, no brand that I"
                " know, no legal form. Nothing was checked."
            )
        return notices.said(" ".join(said))

    async def _checked(self, asked: VendorCheck, name: str, parsed: tuple[Parsed, ...]) -> Payload:
        if vendors := roster.vendors_of(parsed):
            return _report(asked.key, name, await roster.checked(vendors, asked, self.checking.check))
        loaded = await asyncio.to_thread(self.checking.loaded, self.checking.today())
        named = await asyncio.to_thread(roster.named_in, "\n".join(one.text for one in parsed), loaded)
        found = [VendorCheck(f"{asked.key}:{one}", one, asked.asker, asked.place) for one in named]
        cards = [await self.checking.check(one) for one in found]
        kept = [(card.query, summary(card)) for card in cards if not card.refused]
        return notices.named(kept) if kept else {}


def refs(payload: Payload) -> tuple[FileRef, ...]:
    """Return the files of a payload."""
    return tuple(FileRef(str(one["id"]), str(one.get("name") or "")) for one in payload.get("files", ()))


def work_of(payload: Payload) -> str:
    """Return what is to be done with the files of a message, empty where they belong to its question."""
    if not payload.get("files") or payload.get("do"):
        return str(payload.get("do") or "")
    text = question_text(payload["text"])
    if attached.wants_checks(text, table=any(_TABLES.search(one.name) for one in refs(payload))):
        return VENDORS
    return OFFER if attached.bare(text) else ""


def strange(payload: Payload) -> Payload:
    """Return the refusal for somebody who pressed a button below another's file, nothing for everybody else."""
    return ways.whispered(_NOT_YOURS) if payload.get("of", payload["user"]) != payload["user"] else {}


def register_papers(app: AsyncApp, jobs: Jobs) -> None:
    """Attach the buttons below a file that came alone."""

    @app.action(PRESS_CHECK)
    async def checked(ack: AsyncAck, context: AsyncBoltContext, body: Payload, action: Payload) -> None:
        if own := _pressed(body, action):
            await jobs.put(body["trigger_id"], DOOR, own | home_of(context) | {"do": VENDORS})
        await ack()

    @app.action(PRESS_ASK)
    async def asked(ack: AsyncAck, context: AsyncBoltContext, body: Payload, action: Payload) -> None:
        own = _pressed(body, action)
        for n, question in enumerate(attached.POLICY_QUESTIONS if own else (), 1):
            await jobs.put(f"{body['trigger_id']}:{n}", DOOR, own | home_of(context) | {"text": question})
        await ack()


def _pressed(body: Payload, action: Payload) -> Payload:
    """Return the payload of a press, nothing where the button says what none of ours does."""
    try:
        value = json.loads(value_of(action))
        files = [{"id": str(id_), "name": str(name)} for id_, name in value["files"]]
        value["by"] = str(value["by"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    return from_choice(body, {**action, "value": ""}) | {"files": files, "of": value["by"]}


def _offered(payload: Payload, enclosed: Enclosed, read: list[AttachedFile], *, admin: bool) -> Payload:
    """Return the message with what can be done: for everybody what is read for him alone, for administrators filing too."""
    bad = [(one, words) for one in payload["files"] if admin and (words := unfit(one))]
    said = [words for _, words in bad]
    left = {str(one["id"]) for one, _ in bad}
    said += [attached.refusal(one) for one in enclosed.files if not one.sha256 and one.ref.id not in left]
    names = " and ".join(one.name for one in read)
    lead = f"You shared {names} without a question." if read else "You shared a file, and I could not read it."
    shown = []
    if read:
        value = json.dumps({"files": [(one.ref.id, cut(one.name, LONGEST)) for one in read], "by": payload["user"]})
        shown += [
            button(PRESS_CHECK, "Check the vendors named in it", value),
            button(PRESS_ASK, "Hold it against our policies", value),
        ]
        said.append("Ask your question about it here, and I read it for that answer alone; or press a button.")
    if admin and (fit := [one for one in payload["files"] if not unfit(one)]):
        shown += kbviews.filing(fit)
        said.append(
            "As an administrator you can file it into the knowledge base: I ask for its title and its readers first."
        )
    row: list[Block] = [{"type": "actions", "elements": shown}] if shown else []
    parts = [rich([section([typed(lead, bold=True)])]), *(rich([section([typed(one)])]) for one in said)]
    return {"text": fallback(" ".join((lead, *said))), "blocks": [*parts, *row]}


def _report(key: str, name: str, report: roster.Report) -> Payload:
    """Return what came of a table of vendors, with the whole of it as a file below."""
    words = roster.told(report, name)
    blocks: list[Block] = [rich([section([typed(words, bold=True)])])]
    if report.gravest:
        blocks.append(listed("The gravest", [[typed(cut(row["summary"], 300))] for row in report.gravest]))
        blocks.append(buttons([row["vendor"] for row in report.gravest], CHECK))
    file = ways.as_file(
        f"caveat-vendors-{answer_id(key)}.csv", f"Checks of {name}", as_csv(report.rows), lost=_NO_REPORT
    )
    return {"text": fallback(words), "blocks": blocks, "file": file}
