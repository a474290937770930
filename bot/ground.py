"""The gate between draft and answer: a claim passes only when code finds its quote, figures, names and tone in its source."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.figures import figures, stands, undated
from bot.modality import disagreement
from bot.model import Claim, DraftClaim, Failed
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

_ADDRESS = re.compile(
    r"(?<![^\W\d_])[a-z][a-z+.-]{1,30}:\S|[\\/]{2}|@\S|\S@|\]\s?[(\[]|\[(?!\d{4}\] [A-Z]{2})\^?\w+\]|<[!@#/?a-z]|&\#?\w{2,};|::"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b0x[0-9a-f]{6,}\b|\b(?:[0-9a-f]{1,4}:){3,}|\blocalhost\b|\bwww\."
    r"|[\w-]\.(?:com|org|net|io|ai|co|cn|ru|eu|de|uk|info|biz|xyz|dev|app|link|site|top|zip|cloud|online|shop|example"
    r"|test|invalid|onion|local|internal)\b(?!\.\s?[a-z]\.)|\.gov[/:.]\w|-\w{1,60}\.gov\b|(?-i:(?:[a-z][a-z0-9-]|[0-9-][a-z])\.[a-z]{2,}\b)",
    re.IGNORECASE,
)
"""Every form of link, address or mention. Not one: SAM.gov (nobody but the US government can own such a name), a court's
[2026] IEHC 347, ISO27001:2022."""
_TOKEN = re.compile(r"\w(?:[\w’'&./-]*\w)?")
_SAME = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"\b(?:the )?United States(?: of America)?\b|\bU\.\s?S\.(?:\s?A\.)?(?!\w)|\bUSA\b", "US"),
        (r"\b(?:the )?United Kingdom\b|\bU\.\s?K\.(?!\w)", "UK"),
        (r"\b(?:the )?European Union\b|\bE\.\s?U\.(?!\w)", "EU"),
        (r"\bArts?\.|\bArticles\b", "Article"),
        (r"\bRegs?\.|\bRegulations\b", "Regulation"),
    )
)
"""Names that are written in several ways; dots and plurals are folded here, before a text is cut into words."""
_DEMONYMS = {
    "chinese": "china", "russian": "russia", "american": "us", "british": "uk", "iranian": "iran", "german": "germany",
    "irish": "ireland", "french": "france", "european": "eu", "belarusian": "belarus", "japanese": "japan", "indian": "india",
}  # fmt: skip
_STRUCTURE = frozenset("article section sec clause paragraph para point subsection chapter recital".split())
"""Words that point into a text whose numbers are checked by themselves; they are no names."""
_OPENERS = frozenset(
    "a all also although an and any as at because before between both but by can company companies customers data each every for"
    " from generally here how however if in its it may most must no none not of on once one only or other our since some such"
    " suppliers than that the their then there these they this those to under unless until vendors we when where whether which"
    " while who with within without you your according buyers hosting personal processors using providers contracts following"
    " prior written approval after during regarding about above again against among around banks besides business businesses"
    " buying cloud controllers despite either employees entities everyone except exports fines firms further goods he hence her his"
    " i instead into just later law laws like many me more moreover my neither never new next nobody nor nothing notice now"
    " otherwise outside over owners penalties people purchases purchasing quite records reports rules security services she"
    " should so software somebody staff still storage subcontractors subject their thereafter therefore though through thus"
    " together too toward transfers two three users via was were what whatever whenever whereas why will would yes yet both"
    " importers manufacturers operators regulators authorities agencies members states products systems access audits".split()
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


def addressed(text: str) -> bool:
    """Tell whether a text holds a link, an address, a mention or markup in any form."""
    return any(_ADDRESS.search(form) for form in (text, unicodedata.normalize("NFKC", text).replace("。", ".")))


def adds(text: str, said: str) -> bool:
    """Tell whether a text that is to say again what was said holds a figure or a name that was not."""
    allowed = figures(said)
    strange = _strange(text, _name_words(said), set(terms(said)))
    return bool(strange) or any(not stands(figure, allowed) for figure in figures(text))


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
    held = _name_words(spoken)
    if any(_folded(name) in _folded(f"{grounds.question} {passage.context} {passage.text}") for name in aliases):
        held |= _name_words(" ".join(name for name in aliases if _folded(name) in _folded(spoken)))
    return _strange(text, held, set(terms(f"{passage.context} {passage.text} {passage.heading} {grounds.question}")))


def _strange(text: str, held: frozenset[str], stems: set[str]) -> list[str]:
    """Return the names in a text that are none of those held; `stems` are words that may begin a sentence."""
    text = _alike(undated(text))
    strange = []
    for found in _TOKEN.finditer(text):
        before = text[: found.start()].rstrip()
        opens = not before or before.endswith((".", ":", "“", '"'))
        if _known(found[0], held) or (opens and _ordinary(found[0], text[found.end() :], stems)):
            continue
        strange.append(found[0])
    return strange


def _known(token: str, held: frozenset[str]) -> bool:
    """Tell whether a word is no name, or one that is held: whole, or each of its parts that has a capital."""
    if not any(char.isupper() for char in token):
        return True
    parts = [part for part in re.split(r"[-/]", token) if any(char.isupper() for char in part)]
    return _name_form(token) in held or all(
        _name_form(part) in held or _name_form(part) in _STRUCTURE or (len(parts) > 1 and part == "Non")
        for part in parts
    )


def _ordinary(word: str, after: str, stems: set[str]) -> bool:
    """Tell whether a sentence's first word has its capital only from its place: a function word, or one of the source."""
    if word.lower() in _OPENERS:
        return True
    if any(char.isupper() or char.isdigit() for char in word[1:]):
        return False
    if (mine := terms(word)) and set(mine) <= stems:
        return True
    common = re.search(r"(?:ing|ed|tion|tions|ment|ments|ity|ities|ers|ors|ance|ence|al|ly|ses|ies)$", word)
    return bool(common) and not re.match(r"\s+[A-Z]", after)


def _alike(text: str) -> str:
    """Return the text with names that are written in several ways written in one."""
    for pattern, name in _SAME:
        text = pattern.sub(name, text)
    return text


@lru_cache(maxsize=256)
def _name_words(text: str) -> frozenset[str]:
    """Return the words of a text and their parts in the form in which names are compared."""
    words: set[str] = set()
    for token in _TOKEN.findall(_alike(text)):
        words |= {_name_form(token), *(_name_form(part) for part in re.split(r"[-/]", token))}
    return frozenset(words)


def _name_form(word: str) -> str:
    if re.fullmatch(r"[A-Z0-9]{2,}s", word):
        word = word[:-1]  # SBOMs
    folded = _folded(word).strip(".-'&").removesuffix("'s").removesuffix("s'").replace(".", "")
    return _DEMONYMS.get(folded, folded)


def _window(text: str, place: tuple[int, int]) -> tuple[int, int]:
    """Return the span of the whole sentences that the quote touches, so that a "not" just outside it counts too."""
    touched = [(start, end) for start, end in spans(text) if start < place[1] and end > place[0]]
    return (touched[0][0], touched[-1][1]) if touched else place


def _same(one: Claim, other: Claim) -> bool:
    return one.passage.id == other.passage.id and (
        (one.start, one.end) == (other.start, other.end) or _folded(one.text) == _folded(other.text)
    )


def _bare(sentence: str) -> str:
    """Return a sentence without its clause number and final stop."""
    return re.sub(r"^\d{1,3}(?:\.\d{1,3}){1,4}\.?\s+", "", _folded(sentence)).rstrip(".!? ")


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return re.sub(r"\s+", " ", folded).casefold()
