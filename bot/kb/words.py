"""The command that keeps the knowledge base, as it is typed: its words, and what is said to who typed it otherwise."""

import re
from dataclasses import dataclass

NOT_ONE = (
    "Only administrators keep the knowledge base, and you are none here, so nothing was done. An administrator can name you in"
    " CAVEAT_ADMINS; guests, apps and people from outside never are."
)
_HELP = (
    "{kb} keeps the knowledge base; it is for administrators.\n"
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
_REMOVE = "Write the source's name after remove: {kb} remove NAME. Nothing was done; {kb} sources lists the names."
_PAIRS = (
    "Write {kb} pairs list, {kb} pairs add BRAND = LEGAL NAME (source), or {kb} pairs remove BRAND. Nothing was done."
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,79}")
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was understood: its word and what follows; `usage` says how to write it, where it was not."""

    word: str
    rest: str = ""
    usage: str = ""


def help_on(kb: str) -> str:
    """Return what the command does; `kb` is how it is typed at this door."""
    return _HELP.format(kb=kb)


def typed_command(text: str, kb: str) -> Typed:
    """Read what stands after the command; nothing means help."""
    word, _, rest = " ".join(text.split()).partition(" ")
    word = word.lower() or "help"
    if word in _ALONE:
        return Typed(word, usage=f"{kb} {word} takes nothing after it. Nothing was done.") if rest else Typed(word)
    if word == "remove":
        return Typed(word, rest) if _NAME.fullmatch(rest) else Typed(word, usage=_REMOVE.format(kb=kb))
    if word == "refresh":
        return _refresh(rest)
    if word == "pairs":
        return _pairs(rest, kb)
    return Typed(word, usage=f"There is no {kb} {word[:40]}, so nothing was done.\n{help_on(kb)}")


def _refresh(rest: str) -> Typed:
    names = rest.split()
    if len(names) > MOST_NAMES or not all(map(_NAME.fullmatch, names)):
        return Typed(
            "refresh",
            usage=f"Write up to {MOST_NAMES} names of sources after refresh, or none for all. Nothing was started.",
        )
    return Typed("refresh", rest)


def _pairs(rest: str, kb: str) -> Typed:
    verb, _, said = rest.partition(" ")
    verb = verb.lower() or "list"
    if (verb == "list" and not said) or (verb in {"add", "remove"} and said):
        return Typed(f"pairs {verb}", said)
    return Typed("pairs", usage=_PAIRS.format(kb=kb))
