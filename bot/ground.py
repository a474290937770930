"""The gate between draft and answer: a claim passes only when code finds its quote, figures, names and tone in its source."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.addresses import addressed
from bot.figures import figures, stands
from bot.modality import disagreement
from bot.model import Claim, DraftClaim, Failed
from bot.names import folded, name_words, strange
from bot.quotes import locate
from knowledge.model import Document, Passage, Role, Standing
from knowledge.parse.clean import hides
from knowledge.sentences import spans
from knowledge.vendors import Vendor, family
from knowledge.words import terms

COVER = 0.4
"""The share of a claim's content words that its passage must hold (shared notes on trust, C7)."""
LONGEST_CLAIM = 600
REPEATED = "repeated"
ASIDE = 0.2
"""The share of an explanation's own words up to which a claim counts as leaving it out."""
_ASIDE = re.compile(r", (?:because|so that|so|which)\b")

_COMPLIANCE = re.compile(
    r"\b(?:compl(?:y|ies|ied|iant)|is (?:safe|secure|cleared|approved|trustworthy)|meets|satisf(?:y|ies)|conforms?|certified)\b",
    re.IGNORECASE,
)
_GUILT = re.compile(
    r"\b(?:convict\w*|guilty|violat\w+|breach(?:es|ed) the law|broke the law|illegal\w*|proven?|established|confirmed|committed)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What drafted claims are held against: the passages that may be cited, the question, the vendors it names."""

    passages: Mapping[str, tuple[Passage, Document]]
    question: str
    vendors: Sequence[Vendor] = ()


@dataclass(slots=True)
class Sifted:
    """What the gate let through, how many claims each check dropped, and which drafts failed one; repeating is no failure."""

    claims: list[Claim] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)


def sift(drafts: Iterable[DraftClaim], grounds: Grounds, before: Sequence[Claim] = ()) -> Sifted:
    """Pass each draft through every check; keep those that hold, once each, and count the others by check.

    What a claim of `before` says already is repeated.
    """
    sifted = Sifted()
    for number, draft in enumerate(drafts, 1):
        claim = check(draft, grounds)
        if isinstance(claim, Claim) and any(_same(claim, other) for other in (*before, *sifted.claims)):
            claim = REPEATED
        if isinstance(claim, Claim):
            sifted.claims.append(claim)
            continue
        sifted.dropped[claim] = sifted.dropped.get(claim, 0) + 1
        if claim != REPEATED:
            sifted.failed.append(Failed(number, draft, claim))
    return sifted


def check(draft: DraftClaim, grounds: Grounds) -> Claim | str:
    """Return the claim with its quote widened to whole sentences, or the name of the first check it fails.

    Checks, in order: id, text, link, quote, number, name, negation, modality, doubt, condition, bound, cover, role.
    """
    known = grounds.passages.get(draft.passage_id)
    if known is None:
        return "id"
    passage, document = known
    text = re.sub(r"\s+", " ", draft.text).strip()
    if not text or len(text) > LONGEST_CLAIM or hides(draft.text):
        return "text"
    if addressed(text):
        return "link"
    place = locate(draft.quote, passage.text)
    if place is None:
        return "quote"
    start, end = _window(passage.text, place)
    claim = Claim(text, passage.text[start:end], passage, document, start, end)
    if claim.opening and _bare(text) == _bare(claim.quote):
        # A point says nothing without the words that it hangs on: "This clause does not prohibit: (1) a service …".
        claim = replace(claim, text=f"{claim.opening} {claim.quote}")
    return _unproved(claim, grounds) or claim


def adds(text: str, said: str) -> bool:
    """Tell whether a text that is to say again what was said holds a figure or a name that was not."""
    allowed = figures(said)
    new = strange(text, name_words(said), set(terms(said)))
    return bool(new) or any(not stands(figure, allowed) for figure in figures(text))


def _unproved(claim: Claim, grounds: Grounds) -> str:
    """Return the first check that the claim's words fail against the sentences its quote stands in, opening words included."""
    text, passage, document = claim.text, claim.passage, claim.document
    window = f"{claim.opening} {claim.quote}".strip()
    whole = [claim.quote[start:end] for start, end in spans(claim.quote)][1 if claim.opening else 0 :]
    if _bare(text) in {_bare(window), *map(_bare, whole)}:
        # A whole sentence of the source proves itself; a part of one may have lost its "not" and is checked below.
        return ""
    allowed = _figures_for(window, passage, grounds)
    if any(not stands(figure, allowed) for figure in figures(text.replace(document.citation, " "))):
        return "number"
    if _strange_names(text, passage, document, grounds):
        return "name"
    if (differs := disagreement(text, window)) and disagreement(text, _without_aside(window, text)):
        return differs
    if not _covered(claim):
        return "cover"
    return "role" if _overreach(text, window, document, grounds) else ""


def _covered(claim: Claim) -> bool:
    """Tell whether the passage holds the claim's words, and the claim more than what its list hangs on."""
    passage = claim.passage
    words = [word for word in terms(claim.text) if not word.isdigit()]
    held = set(terms(f"{passage.context} {passage.text} {passage.heading} {passage.citation}"))
    if words and sum(word in held for word in words) < COVER * len(words):
        return False
    return not claim.opening or bool(set(words) & (set(terms(claim.quote)) - set(terms(claim.opening))))


def _without_aside(window: str, text: str) -> str:
    """Return the sentences up to an explanation that the claim leaves out; it limits nothing of what stands before it."""
    for aside in _ASIDE.finditer(window):
        head, tail = window[: aside.start()], window[aside.end() :]
        own = set(terms(tail)) - set(terms(head))
        if own and len(own & set(terms(text))) <= ASIDE * len(own):
            return head
    return window


def _figures_for(window: str, passage: Passage, grounds: Grounds) -> frozenset[str]:
    """Return the figures that a claim may use: its sentences', the question's, and the citation's where it adds to them."""
    own = figures(window)
    cited = figures(passage.citation)
    if any(figure.startswith("r:") for figure in own):
        # A sentence that says 28(2) is not about 28(1) because its passage is cited as 28(1)-(2).
        cited = frozenset(figure for figure in cited if not figure.startswith("r:"))
    return own | cited | figures(grounds.question)


def _overreach(text: str, window: str, document: Document, grounds: Grounds) -> bool:
    """Tell whether the claim says more than its source's role can prove (design promise 4)."""
    about_vendor = any(name.casefold() in text.casefold() for vendor in grounds.vendors for name in family(vendor))
    if document.role in {Role.LAW, Role.POLICY, Role.GUIDANCE} and about_vendor and _COMPLIANCE.search(text):
        return True
    if document.role is not Role.NEWS or document.standing is not Standing.ALLEGATION:
        return False
    proved = {found.casefold() for found in _GUILT.findall(window)}
    return any(found.casefold() not in proved for found in _GUILT.findall(text))


def _strange_names(text: str, passage: Passage, document: Document, grounds: Grounds) -> list[str]:
    """Return the names in the claim that neither its passage nor the question nor an alias of the document holds."""
    aliases = [name for vendor in grounds.vendors for name in family(vendor)]
    own = " ".join(
        [
            passage.context,
            passage.text,
            passage.heading,
            passage.citation,
            document.short,
            document.citation,
            *document.aliases,
        ]
    )
    spoken = f"{own} {grounds.question}"
    held = name_words(spoken)
    if any(folded(name) in folded(f"{grounds.question} {passage.context} {passage.text}") for name in aliases):
        held |= name_words(" ".join(name for name in aliases if folded(name) in folded(spoken)))
    return strange(text, held, set(terms(f"{passage.context} {passage.text} {passage.heading} {grounds.question}")))


def _window(text: str, place: tuple[int, int]) -> tuple[int, int]:
    """Return the span of the whole sentences that the quote touches, so that a "not" just outside it counts too."""
    touched = [(start, end) for start, end in spans(text) if start < place[1] and end > place[0]]
    return (touched[0][0], touched[-1][1]) if touched else place


def _same(one: Claim, other: Claim) -> bool:
    return one.passage.id == other.passage.id and (
        (one.start, one.end) == (other.start, other.end) or folded(one.text) == folded(other.text)
    )


def _bare(sentence: str) -> str:
    """Return a sentence without its clause number and final stop."""
    return re.sub(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+", "", folded(sentence)).rstrip(".!? ")
