"""The names in a text, and which of them are held by what it stands on."""

import re
import unicodedata
from functools import lru_cache

from bot.figures import undated
from knowledge.words import terms

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


def strange(text: str, held: frozenset[str], stems: set[str]) -> list[str]:
    """Return the names in a text that are none of those held; `stems` are words that may begin a sentence."""
    text = _alike(undated(text))
    names = []
    for found in _TOKEN.finditer(text):
        before = text[: found.start()].rstrip()
        opens = not before or before.endswith((".", ":", "“", '"'))
        if _known(found[0], held) or (opens and _ordinary(found[0], text[found.end() :], stems)):
            continue
        names.append(found[0])
    return names


@lru_cache(maxsize=256)
def name_words(text: str) -> frozenset[str]:
    """Return the words of a text and their parts in the form in which names are compared."""
    words: set[str] = set()
    for token in _TOKEN.findall(_alike(text)):
        words |= {_name_form(token), *(_name_form(part) for part in re.split(r"[-/]", token))}
    return frozenset(words)


def folded(text: str) -> str:
    """Return a text as it is compared: with one kind of apostrophe and of white space, and no capitals."""
    straight = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return re.sub(r"\s+", " ", straight).casefold()


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


def _name_form(word: str) -> str:
    if re.fullmatch(r"[A-Z0-9]{2,}s", word):
        word = word[:-1]  # SBOMs
    form = folded(word).strip(".-'&").removesuffix("'s").removesuffix("s'").replace(".", "")
    return _DEMONYMS.get(form, form)
