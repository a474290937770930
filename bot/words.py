"""The desk's own words around the claims: summary, unknowns, next steps and refusals, made from facts, never from a model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from bot.amounts import outside
from bot.model import Answer, Claim, Level, Risk, Source, Step
from knowledge.aim import Aim
from knowledge.bearing import Bearing
from knowledge.model import Document, Passage, Role, Standing, Status, Wording, role_of
from knowledge.parse.clean import visible
from knowledge.query import Query
from knowledge.rank import Bearings
from knowledge.words import terms

REASONS = 3
STEPS = 2
SCREEN, LABEL = 1_150, 70
"""Characters of claims and steps that fit a phone's screen, and what a claim takes for its label; steps give way."""
_ACTS = re.compile(
    r"\b(approv\w+|must (?:\w+ ){0,3}(?:assess|obtain|submit|request|record|ask|inform|notify|screen|register|document|send|complete|name)"
    r"|needs? (?:\w+ ){0,2}approval|before)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+")
SPOKEN = {
    Role.LIST: "Listed",
    Role.LAW: "The law",
    Role.POLICY: "Company policy",
    Role.GUIDANCE: "Guidance",
    Role.EVIDENCE: "The vendor states",
    Role.NEWS: "Reported",
}
ATTACHED = "The attached file states"
"""How a claim begins whose source is a file that came with the question: nobody knows yet that the vendor wrote it."""
_STANDINGS: dict[Standing | None, str] = {
    Standing.ALLEGATION: "allegation, not a finding",
    Standing.INCIDENT: "incident",
    Standing.DECISION: "official decision",
}
UNDERSTOOD = "Read with this thread as: {question}"
RUNGS = {
    "R0": "written by the language model, every sentence checked against its quote",
    "R1": "no language model used, sentences are verbatim",
    "R2": "no language model and no vectors used, sentences are verbatim",
}
_STATUS = {
    Status.DRAFT: "a draft",
    Status.PROPOSED: "only proposed",
    Status.NOT_YET_APPLICABLE: "in force but not yet applicable",
    Status.SUSPENDED: "suspended",
    Status.REPEALED: "repealed",
    Status.WITHDRAWN: "withdrawn",
    Status.SUPERSEDED: "superseded",
    Status.EXPIRED: "expired",
    Status.AMENDED_SINCE: "amended since this text was made",
    Status.PARTLY_APPLICABLE: "partly applicable",
}
SUMMARISED = "our summary"
MODEL = "model:"
"""How the counts of drops name a model that could not be used, with why in one word."""
STALE_SUMMARY = 365
"""Days after which a summary of ours is said to need another look."""
OLD_REPORT = 730
"""Days after which a report is said to be old."""
UNANSWERED = {
    "broken": "Something broke on my side while I worked on this, so I have no answer. Your question is kept."
    " Please ask again, and if it happens twice, give an administrator this number: {key}.",
    "late": "I could not answer this in the time that I give myself, because too much was asked at once or a part of mine"
    " did not answer. Your question is kept, nothing was left half said. Please ask again in a few minutes, and if it"
    " happens twice, give an administrator this number: {key}.",
    "asker": "You have asked as many questions as one person may ask within a few minutes, so I did not look this one up."
    " Those before it are answered. Please ask it again in some minutes; an administrator can raise the limit.",
    "place": "This channel has asked as many questions as one place may ask within a few minutes, so I did not look this"
    " one up. Those before it are answered. Please ask it again in some minutes, or in a direct message to me.",
    "stopped": "Stopped, as you wished: I gave this question up, and nothing of an unfinished answer is shown or kept. Ask it again"
    " whenever you like.",
}
"""Why there is no answer, what was kept and what to do next."""
CLOSED = (
    "This is not open to you here: one or more of its sources are not for you or not for this conversation, or the answer does"
    " not stand in it. Nothing was changed. Ask whoever asked the question, or an administrator, for access."
)
UNDONE = (
    "Something broke on my side, so this was not done; what was there before is kept. Please try again, and if it"
    " happens twice, give an administrator this number: {key}."
)


def spoken(role: Role, *, attached: bool) -> str:
    """Return who says a claim: its kind of source, or the file that came with the question."""
    return ATTACHED if attached else SPOKEN[role]


def plain(text: str) -> str:
    """Return a text from outside without invisible and control characters, so that it steers nothing that shows it."""
    return visible(text)


def day(when: date | None) -> str:
    """Return a date as people write it, `18 Jan 2022`; `undated` when it is not known."""
    return f"{when.day} {when:%b} {when.year}" if when else "undated"


def summarise(query: Query, risk: Risk, claims: Sequence[Claim], sources: Sequence[Source]) -> str:
    """Return one or two sentences: the level with its reasons for a vendor, otherwise the first claim."""
    number = {source.passage.id: source.n for source in sources}
    if risk.level is Level.UNKNOWN or query.aim is Aim.FACT:
        lead = f"{_attributed(claims[0])}{claims[0].text} [{number[claims[0].passage.id]}]"
    else:
        reasons = "; ".join(dict.fromkeys(risk.reasons[:REASONS]))
        lead = f"{risk.level.value.capitalize()} risk for {query.vendors[0].name}: {reasons}."
    alleged = [c for c in claims if c.role is Role.NEWS and c.document.standing is Standing.ALLEGATION]
    cautions = [
        f"The report of {day(alleged[0].document.published)} [{number[alleged[0].passage.id]}] is an allegation, not a finding."
    ] if alleged and "allegation" not in lead else []  # fmt: skip
    return " ".join([lead, *cautions])


def _attributed(claim: Claim) -> str:
    """Return what stands before a claim that is no fact yet but the words of a file that came with the question."""
    return f"The file {claim.document.title} states: " if claim.document.attached else ""


def standing(document: Document, passage: Passage, as_of: date) -> str:
    """Return what a reader must know about a source's status on a day, empty when it simply holds.

    A provision's own dates go before its document's.
    """
    applies_from, ends_on = passage.applies_from or document.applies_from, passage.ends_on or document.ends_on
    if applies_from and applies_from > as_of:
        return f"not yet applicable: it applies from {day(applies_from)}"
    if ends_on and ends_on < as_of:
        return f"no longer in force since {day(ends_on)}"
    return _STATUS.get(document.status, "")


def noted(claim: Claim, as_of: date) -> str:
    """Return what must be said in the sentence about its source on a day: its status, or that it is old; empty when it holds."""
    document = claim.document
    if state := standing(document, claim.passage, as_of):
        return state
    if document.review_due and document.review_due < as_of:
        return f"past its review date, {day(document.review_due)}"
    if claim.role is Role.NEWS and document.published and (as_of - document.published).days > OLD_REPORT:
        return f"{(as_of - document.published).days // 365} years old"
    if document.wording is Wording.SUMMARY and document.as_of and (as_of - document.as_of).days > STALE_SUMMARY:
        return f"{SUMMARISED}, last checked on {day(document.as_of)}"
    return ""


def says_more(claim: Claim) -> bool:
    """Tell whether a claim says it better than its quote, which is shown with its opening words: in other words, or far shorter."""
    whole = plain(f"{claim.opening} {claim.quote}").strip()
    if whole.endswith(plain(claim.text)):
        return False
    said = terms(plain(claim.text))
    held = sum(word in set(terms(whole)) for word in said)
    return held < SAME * len(said) or len(claim.text) < SHORTER * len(whole)


SAME, SHORTER = 0.88, 0.6
"""The share of a claim's words that its quote holds, and of its length, from which it would say the same twice."""
UNJUDGED = "Whether these sentences answer the question: they were chosen by their words, without a language model. Read the quotes."
_SILENT = {
    "open": "the language model is left alone for a while after it failed several times",
    "no_answer": "the language model found no answer in these passages",
    "budget:user": "your language model budget for today is used up, until 00:00 UTC",
    "budget:place": "this channel's language model budget for today is used up, until 00:00 UTC",
    "budget:all": "the language model budget for today is used up, until 00:00 UTC",
    "budget:unknown": "how much may still be spent on the language model today could not be read",
    "budget:cost": "the language model budget for today is used up, until 00:00 UTC",
}
"""Why there was no answer of the model, where more is known than that it gave none."""


def left_out(dropped: Mapping[str, int]) -> tuple[str, ...]:
    """Return what did not come into an answer: drafted sentences that failed a check, and a model that gave none.

    A second try that failed is not told: the first one stands.
    """
    failed = sum(count for check, count in dropped.items() if not check.startswith(MODEL))
    sentences = f"{failed} drafted sentence{'s' if failed > 1 else ''} failed a check and left out" if failed else ""
    whys = [check.removeprefix(MODEL) for check in dropped if check.startswith(MODEL)]
    silent = [_SILENT.get(why, "the language model gave no answer") for why in whys if not why.startswith("again")]
    return tuple(filter(None, (sentences, *dict.fromkeys(silent))))


def headline(answer: Answer) -> str:
    """Return what stands above the claims: the summary, without the first claim where that follows word for word."""
    first = f"{_attributed(answer.claims[0])}{answer.claims[0].text}" if answer.claims else ""
    if not first or says_more(answer.claims[0]) or not answer.summary.startswith(first):
        return answer.summary
    return re.sub(r"^\s*\[\d+\]\s*", "", answer.summary.removeprefix(first))


def label(document: Document, passage: Passage, note: str = "") -> str:
    """Return a source's date and how firm it is: `18 Jan 2022, allegation, not a finding, our summary of 30 Jun 2025`.

    A note says better what is left out of it then: the status, or how old the summary is.
    """
    if document.attached:
        return f"the file {document.title} that you attached, not checked against its source"
    role = role_of(document, passage)
    if document.role is Role.NEWS and role is not Role.NEWS:
        return f"our own note, {day(document.as_of)}"
    parts = [day(document.published)] if role is Role.NEWS or document.published else []
    if role is Role.NEWS:
        parts.append(_STANDINGS.get(document.standing, "reported, unconfirmed"))
    elif document.status is not Status.UNKNOWN and (not note or note.startswith(SUMMARISED)):
        parts.append(document.status.value.replace("_", " "))
    if document.wording is Wording.SUMMARY and not note.startswith(SUMMARISED):
        parts.append(f"our summary of {day(document.as_of)}" if document.as_of else "our summary")
    return ", ".join(parts)


def unknowns(query: Query, found: Bearings, claims: Sequence[Claim]) -> tuple[str, ...]:
    """Return what the answer does not cover: words of the question that no source holds, and evidence that is absent."""
    missing = [f"No source here mentions “{words}”." for words in found.missing]
    if claims and query.aim is Aim.NORM and not any(claim.role is Role.EVIDENCE for claim in claims):
        missing += [
            f"No evidence from {vendor.name} itself (contract, certificate, audit report) is in the knowledge base."
            for vendor in query.vendors
        ]
    return (*missing, *_unscreened(query, found))


def _unscreened(query: Query, found: Bearings) -> Iterator[str]:
    """Yield where to look for whether somebody stands on a list: texts tell of lists, and hold none of them."""
    named = [vendor.name for vendor in query.vendors] or [words for words in found.missing if words[:1].isupper()]
    if query.wants == "listing" and query.yes_no and named:
        yield (
            f"Whether {named[0]} stands on a screening list today: this answer read texts about lists. The command"
            f" “vendor-check {named[0]}” looks into the lists themselves."
        )


def before_our_time(day: date, first: date) -> str:
    """Return what to say of an answer as of a day before the first edition."""
    return (
        f"No edition was kept before {first:%-d %b %Y}: what was in force on {day:%-d %b %Y} is taken from the sources as"
        f" they are known today."
    )


def steps(
    query: Query, found: Bearings, claims: Sequence[Claim], sources: tuple[Source, ...]
) -> tuple[tuple[Step, ...], tuple[Source, ...]]:
    """Return what company policy says to do next, verbatim, and who owns that policy; sources it needs are appended."""
    if query.aim is Aim.FACT:
        return (), sources
    shown = {claim.quote for claim in claims} | {claim.text for claim in claims}
    chosen: list[Step] = []
    policies = [one for one in found.found if one.hit.role is Role.POLICY]
    room = SCREEN - sum(len(claim.text) + LABEL for claim in claims)
    for one in policies:
        act = _act(one, shown, query.text)
        if act and len(chosen) < STEPS and len(act) <= room:
            room -= len(act)
            sources = _with(sources, one)
            chosen.append(Step(act, _number(sources, one)))
    cited = {source.passage.id: source for source in sources if source.document.role is Role.POLICY}
    owned = [source for source in cited.values() if source.document.owner][:1]
    asks = (Step(f"Ask the {source.document.owner}, who owns {source.document.short}.", source.n) for source in owned)
    return (*chosen, *asks), sources


def _act(one: Bearing, shown: set[str], asked: str) -> str:
    """Return the first sentence of a policy passage that tells someone to act, not shown as a claim already nor for other amounts."""
    for sentence in one.sentences:
        text = _CLAUSE.sub("", sentence.text)
        if _ACTS.search(text) and text not in shown and sentence.cover > 0 and not outside(asked, text):
            return text
    return ""


def _with(sources: tuple[Source, ...], one: Bearing) -> tuple[Source, ...]:
    if any(source.passage.id == one.hit.passage.id for source in sources):
        return sources
    return (*sources, Source(len(sources) + 1, one.hit.passage, one.hit.document))


def _number(sources: Sequence[Source], one: Bearing) -> int:
    return next(source.n for source in sources if source.passage.id == one.hit.passage.id)
