"""The gate between draft and answer: a claim passes only when code finds its quote, figures, names and tone in its source."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.figures import figures, stands
from bot.modality import disagreement
from bot.model import Claim, DraftClaim
from bot.quotes import locate
from knowledge.model import Document, Passage, Role
from knowledge.query import Vendor, family
from knowledge.sentences import spans
from knowledge.words import terms

COVER = 0.4
"""The share of a claim's content words that its passage must hold (shared notes on trust, C7)."""
LONGEST_CLAIM = 600

_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,30}:\S|www\.|//|\S@\S|\b\d{1,3}(?:\.\d{1,3}){3}\b|\]\(|\[\^?\w+\]|<[^>]*>"
    r"|\b[\w-]+\.(?:com|org|net|io|ai|co|cn|ru|eu|de|uk|gov|info|biz|xyz|dev|app|link|site|example|test|invalid|onion)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z][\w’'&-]*[A-Z0-9][\w’'&-]*|[A-Z][\w’'&.-]*\w|[A-Z]\b", re.UNICODE)
_OPENERS = frozenset(
    "a all also although an and any as at because before between both but by can company companies customers data each every for"
    " from generally here how however if in its it may most must no none not of on once one only or other our since some such"
    " suppliers than that the their then there these they this those to under unless until vendors we when where whether which"
    " while who with within without you your according buyers hosting personal processors using providers contracts following"
    " prior written approval after during regarding".split()
)
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
    """What the gate let through, and how many claims each check dropped."""

    claims: list[Claim] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)


def sift(drafts: Iterable[DraftClaim], grounds: Grounds) -> Sifted:
    """Pass each draft through every check; keep those that hold, once each, and count the others by check."""
    sifted = Sifted()
    for draft in drafts:
        claim = check(draft, grounds)
        if isinstance(claim, Claim) and any(_same(claim, other) for other in sifted.claims):
            claim = "repeated"
        if isinstance(claim, Claim):
            sifted.claims.append(claim)
        else:
            sifted.dropped[claim] = sifted.dropped.get(claim, 0) + 1
    return sifted


def check(draft: DraftClaim, grounds: Grounds) -> Claim | str:
    """Return the claim with its quote widened to whole sentences, or the name of the first check it fails.

    Checks, in order: id, text, link, quote, number, name, negation, modality, doubt, condition, bound, cover, role.
    """
    known = grounds.passages.get(draft.passage_id)
    if known is None:
        return "id"
    passage, document = known
    text = _clean(draft.text)
    if not text or len(text) > LONGEST_CLAIM or text != draft.text.strip():
        return "text"
    if _ADDRESS.search(text):
        return "link"
    place = locate(draft.quote, passage.text)
    if place is None:
        return "quote"
    start, end = _window(passage.text, place)
    failed = _unproved(text, passage.text[start:end], passage, document, grounds)
    if failed:
        return failed
    return Claim(text, passage.text[start:end], passage, document, start, end)


def _unproved(text: str, window: str, passage: Passage, document: Document, grounds: Grounds) -> str:
    """Return the first check that the claim's words fail against the sentences its quote stands in."""
    if _bare(text) in {_bare(window), *(_bare(window[start:end]) for start, end in spans(window))}:
        # A whole sentence of the source proves itself; a part of one may have lost its "not" and is checked below.
        return ""
    allowed = figures(window) | figures(passage.citation) | figures(grounds.question)
    if any(not stands(figure, allowed) for figure in figures(text)):
        return "number"
    if _strange_names(text, passage, document, grounds):
        return "name"
    if differs := disagreement(text, window):
        return differs
    words = [word for word in terms(text) if not word.isdigit()]
    held = set(terms(f"{passage.text} {passage.heading} {passage.citation}"))
    if words and sum(word in held for word in words) < COVER * len(words):
        return "cover"
    return "role" if _overreach(text, document, grounds) else ""


def _overreach(text: str, document: Document, grounds: Grounds) -> bool:
    """Tell whether the claim says more than its source's role can prove (design promise 4)."""
    about_vendor = any(name.casefold() in text.casefold() for vendor in grounds.vendors for name in family(vendor))
    if document.role in {Role.LAW, Role.POLICY, Role.GUIDANCE} and about_vendor and _COMPLIANCE.search(text):
        return True
    return document.role is Role.NEWS and document.standing == "allegation" and bool(_GUILT.search(text))


def _strange_names(text: str, passage: Passage, document: Document, grounds: Grounds) -> list[str]:
    """Return the names in the claim that neither its passage nor the question nor an alias of the document holds."""
    aliases = [name for vendor in grounds.vendors for name in family(vendor)]
    own = [passage.text, passage.heading, passage.citation, document.short, document.citation, *document.aliases]
    held = _name_words(" ".join([*own, grounds.question]))
    if any(_folded(name) in _folded(grounds.question + passage.text) for name in aliases):
        held |= _name_words(
            " ".join(name for name in aliases if _folded(name) in _folded(" ".join([*own, grounds.question])))
        )
    strange = []
    for found in _NAME.finditer(text):
        word = _name_form(found[0])
        opens = not text[: found.start()].strip() or text[: found.start()].rstrip().endswith((".", ":", "“", '"'))
        if word in held or (opens and (word in _OPENERS or not _looks_like_name(found[0], text[found.end() :]))):
            continue
        strange.append(found[0])
    return strange


def _looks_like_name(word: str, after: str) -> bool:
    """Tell whether a sentence's first word is a name although any first word has a capital."""
    if word.lower() in _OPENERS:
        return False
    if any(char.isupper() or char.isdigit() for char in word[1:]):
        return True
    return not _common(word) or bool(re.match(r"\s+[A-Z]", after))


def _common(word: str) -> bool:
    """Tell whether a word is formed like an ordinary noun or participle rather than like a name."""
    return bool(re.search(r"(?:ing|ed|tion|tions|ment|ments|ity|ities|ers|ors|ance|ence|al|ly|ses|ies)$", word))


def _name_words(text: str) -> set[str]:
    return {_name_form(word) for word in re.findall(r"[\w’'&.-]+", text)}


def _name_form(word: str) -> str:
    folded = _folded(word).strip(".-'&")
    folded = folded.removesuffix("'s").removesuffix("s'")
    return folded.replace(".", "")


def _window(text: str, place: tuple[int, int]) -> tuple[int, int]:
    """Return the span of the whole sentences that the quote touches, so that a "not" just outside it counts too."""
    touched = [(start, end) for start, end in spans(text) if start < place[1] and end > place[0]]
    return (touched[0][0], touched[-1][1]) if touched else place


def _same(one: Claim, other: Claim) -> bool:
    return one.passage.id == other.passage.id and (
        (one.start, one.end) == (other.start, other.end) or _folded(one.text) == _folded(other.text)
    )


def _clean(text: str) -> str:
    """Return the text without control and invisible characters, on one line."""
    kept = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    return re.sub(r"\s+", " ", kept).strip()


def _bare(sentence: str) -> str:
    """Return a sentence without its clause number and final stop."""
    return re.sub(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+", "", _folded(sentence)).rstrip(".!? ")


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return re.sub(r"\s+", " ", folded).casefold()
