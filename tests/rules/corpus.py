"""The starter corpus as passages with their documents, and every sentence of it, read without a store."""

from functools import cache

from bot.mutations import Sentence
from knowledge import parse
from knowledge.chunk import chunk
from knowledge.describe import describe
from knowledge.model import Document, Passage
from knowledge.sentences import spans
from knowledge.sources.starter import SPEC, starter


@cache
def passages() -> dict[str, tuple[Passage, Document]]:
    """Return every passage of the starter corpus by its id."""
    folder = starter()
    found: dict[str, tuple[Passage, Document]] = {}
    for ref in folder.list().refs:
        (parsed,) = parse.read(folder.fetch(ref).content, ref.name)
        document = describe(parsed, ref.name, SPEC)
        found |= {passage.id: (passage, document) for passage in chunk(document, parsed)}
    return found


@cache
def sentences(fewest_words: int = 1) -> tuple[Sentence, ...]:
    """Return every sentence of at least so many words, in reading order."""
    return tuple(
        Sentence(passage.text[start:end], passage, document)
        for passage, document in passages().values()
        for start, end in spans(passage.text)
        if len(passage.text[start:end].split()) >= fewest_words
    )
