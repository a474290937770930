"""What an obedient model is told to do by the texts it reads, and the secrets that it has read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.model.request import Passage, Task

_SPEAK = (
    r"(?:say|reply|respond|answer|print|output|write|state|repeat|tell (?:the )?(?:user|reader|asker|them|us|me)|claim)"
)
_LEAD = r"(?:\s+(?:only|exactly|that|with|just|to \w+|the (?:words?|sentence|following|text)))*(?:\s*:|\s)\s*"
# Reported speech looks the same as an order to speak, so that one counts only where the passage speaks to a machine.
_TRIGGER = re.compile(
    r"\b(?:ignore|disregard|forget|override|instead|instructions?|assistant|language model|AI model|system prompt)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(rf"\b{_SPEAK}\b{_LEAD}[\"“'‘](?P<said>[^\"”’\n]+?)[\"”'’](?!\w)", re.IGNORECASE)
_OVERRIDES = r"\b(?:ignore|disregard|forget|override)\b"
_ORDERS = (
    re.compile(rf"{_OVERRIDES}[^\n]*?\b{_SPEAK}\b{_LEAD}(?P<said>[^\s\"“'‘][^.!?\n]+[.!?]?)", re.IGNORECASE),
    re.compile(rf"{_OVERRIDES}[^.!?\n]*[.!?] Do (?P<said>[^\n]+?) instead", re.IGNORECASE),
    re.compile(
        r"\b(?:do the following first|please do the following|following instructions?)\s*:\s*(?P<said>[^\n]+)",
        re.IGNORECASE,
    ),
    re.compile(r"(?:\bTODO:|\(system_message\)|\bSYSTEM:) *(?P<said>[^\n]+)"),
    re.compile(
        r"\b(?:note to |dear )?(?:any |the |all )?(?:AI (?:assistant|model|agent)|assistant|LLM)s?[^:.\n]{0,20}: *(?P<said>[^\n]+)"
    ),
)
_OVERRIDE = re.compile(rf"{_OVERRIDES}.*\b(?:instructions?|prompt|rules?|above)\b", re.IGNORECASE)
_PROMPT = re.compile(
    r"\b(?:say|print|output|repeat|reveal|show|disclose)\b[^.\n]{0,60}\b(?:system prompt|your (?:prompt|instructions|password|secret|api key))",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    r"\b(?:sk|pk|rk)-[\w-]{6,}|\bxox[abeprs]-[\w-]+|\bxapp-[\w-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bAKIA[0-9A-Z]{12,}"
    r"|\bgh[oprsu]_\w{16,}|\b[a-z][a-z0-9+]*://[^\s/@:]+:[^\s/@]+@[^\s\"']+|\b[0-9a-fA-F]{32,}\b|[\w-]*canary[\w-]*",
    re.IGNORECASE,
)
# In a system prompt anything that mixes letters and digits at length looks like a secret.
_TOKEN = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{12,}")


@dataclass(frozen=True, slots=True)
class Order:
    """An instruction in a passage: what shall be said, and the words that demand it."""

    passage: Passage
    said: str
    words: str


def orders(task: Task) -> Iterator[Order]:
    """Find every instruction in the passages, once for each thing to say."""
    for passage in task.passages:
        for said, words in dict(_obeyed(passage.text)).items():
            yield Order(passage, said, words)
        if demand := _PROMPT.search(passage.text):
            yield Order(passage, task.system, demand[0])


def commands(sentence: str, passage: Passage) -> bool:
    """Tell whether a sentence of a passage speaks to the model rather than to its reader."""
    if _OVERRIDE.search(sentence) or _PROMPT.search(sentence):
        return True
    return any(words in sentence or sentence in words for _said, words in _obeyed(passage.text))


def _obeyed(text: str) -> Iterator[tuple[str, str]]:
    for pattern in (_QUOTED, *_ORDERS) if _TRIGGER.search(text) else _ORDERS:
        for match in pattern.finditer(text):
            yield match["said"].strip(' "“”'), match[0]


def secrets(task: Task) -> list[str]:
    """Find every string that looks like a secret, in the system prompt and in whatever else was read."""
    found = [*_SECRETS.findall(task.context), *_TOKEN.findall(task.system)]
    return list(dict.fromkeys(found))
