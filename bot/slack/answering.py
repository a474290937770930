"""What Slack asked, done and rendered: a question, a check, a gap that is tried again, or what a payload's `do` names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.access import beyond
from bot.checking import Checking
from bot.conversation import question_text
from bot.desk import Desk
from bot.model import Asker, Outcome, Place, Question, VendorCheck
from bot.progress import Told
from bot.slack import blocks, cards
from bot.slack.errands import Work
from bot.slack.event import DOOR, Payload, begun, thread
from bot.slack.papers import Papers, refs, work_of


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers somebody at a place; `works` has what is done for each `do`."""

    desk: Desk
    checking: Checking
    works: Mapping[str, Work]
    papers: Papers

    async def answered(self, key: str, payload: Payload, asker: Asker, place: Place, told: Told) -> Payload:
        """Return the message that answers a payload; nothing where a gap is still one."""
        if do := work_of(payload):
            named = {"text": _name(payload["text"]), "thread": thread(payload)}
            return await self.works[do](key, payload | named, asker, place)
        if payload.get("check"):
            card = await self.checking.check(VendorCheck(key, _name(payload["text"]), asker, place))
            return cards.render(card, share=payload.get("origin", ""))
        question = Question(
            key, payload["text"], asker, place, thread=thread(payload) or begun(key), files=refs(payload),
            fetch=self.papers.fetch(payload),
        )  # fmt: skip
        if gap := payload.get("gap"):
            return await self._filled(gap, question)
        return await self._asked(replace(question, back={"door": DOOR, "payload": payload}), payload, told)

    async def _filled(self, gap: str, question: Question) -> Payload:
        """Ask anew what had no answer in an earlier edition."""
        answer = await self.desk.again(question)
        if answer.outcome is not Outcome.ANSWERED:
            return {}
        await self.desk.filled(gap, answer)
        return blocks.render(answer, later=True)

    async def _asked(self, question: Question, payload: Payload, told: Told) -> Payload:
        answer = await self.desk.ask(question, told)
        own = payload.get("chosen") and (payload["thread_ts"] or payload.get("to") == "person")
        # Asked again elsewhere, its files would not be there.
        more = beyond(question.asker, question.place) and bool(answer.edition) and not answer.files
        return blocks.render(answer, asked_by=payload["user"] if own else "", more=more)


def _name(text: str) -> str:
    """Return the name that was typed: mentions out, and the three characters that Slack escapes as they were."""
    return question_text(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
