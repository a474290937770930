"""`/vendor-kb` as it is typed: its words, and what is said to somebody who typed it otherwise."""

import re
from dataclasses import dataclass

HELP = (
    "/vendor-kb keeps the knowledge base; it is for administrators.\n"
    "• status: the edition in service, sources with problems, the running refresh\n"
    "• sources: what is read, and when it last went well\n"
    "• add: a form for a new source\n"
    "• remove NAME: take a source out\n"
    "• refresh [SOURCE …]: read all sources, or these, again\n"
    "• rollback: put the edition before this one back into service\n"
    "• gaps: the questions that no source answers yet\n"
    "• impact: earlier answers whose ground the last change moved\n"
    "• pairs list, pairs add BRAND = LEGAL NAME (source), pairs remove BRAND: brands of your own\n"
    "To add a policy, share its file with me in a direct message."
)
_ALONE = frozenset({"status", "sources", "add", "rollback", "gaps", "impact", "help"})
_REMOVE = "Write the source's name after remove: /vendor-kb remove NAME. Nothing was done; /vendor-kb sources lists the names."
_PAIRS = (
    "Write /vendor-kb pairs list, /vendor-kb pairs add BRAND = LEGAL NAME (source), or /vendor-kb pairs remove BRAND. Nothing"
    " was done."
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,79}")
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was understood: its word and what follows; `usage` says how to write it, where it was not."""

    word: str
    rest: str = ""
    usage: str = ""


def typed_command(text: str) -> Typed:
    """Read what stands after `/vendor-kb`; nothing means help."""
    word, _, rest = " ".join(text.split()).partition(" ")
    word = word.lower() or "help"
    if word in _ALONE:
        return (
            Typed(word, usage=f"/vendor-kb {word} takes nothing after it. Nothing was done.") if rest else Typed(word)
        )
    if word == "remove":
        return Typed(word, rest) if _NAME.fullmatch(rest) else Typed(word, usage=_REMOVE)
    if word == "refresh":
        return _refresh(rest)
    if word == "pairs":
        return _pairs(rest)
    return Typed(word, usage=f"There is no /vendor-kb {word[:40]}, so nothing was done.\n{HELP}")


def _refresh(rest: str) -> Typed:
    names = rest.split()
    if len(names) > MOST_NAMES or not all(map(_NAME.fullmatch, names)):
        return Typed(
            "refresh",
            usage=f"Write up to {MOST_NAMES} names of sources after refresh, or none for all. Nothing was started.",
        )
    return Typed("refresh", rest)


def _pairs(rest: str) -> Typed:
    verb, _, said = rest.partition(" ")
    verb = verb.lower() or "list"
    if (verb == "list" and not said) or (verb in {"add", "remove"} and said):
        return Typed(f"pairs {verb}", said)
    return Typed("pairs", usage=_PAIRS)
