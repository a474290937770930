"""Finds the listed parties that a typed name may be, best first, each with its grade and its reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.names.asked import Asked, understand
from knowledge.names.brands import NATIVE, Brand, branded
from knowledge.names.forms import Form, form
from knowledge.names.grade import Grade, How, Listed, elsewhere, graded, tied
from knowledge.names.index import NameIndex, Row, keys, numbered
from knowledge.names.score import THRESHOLD, Compared, compare, legally_different, placeless, places, weight
from knowledge.party import NameKind

RARE, RARER = 0.55, 0.70
"""How rare a word must be for a listed name to be looked for inside an asked one: from five letters, and below."""
_LONG, _SHORTEST = 5, 3
_FAMILY = 5
"""A short name of more parties than this tells none of them."""
_GUESSED = frozenset({How.ALIKE, How.SHORT, How.CONTAINED})
"""Evidence in the letters alone, which knows less of a group than the table of brands does."""
_ORDER = {grade: place for place, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Match:
    """A listed party that a name may be: by which of its names, by what evidence, how alike, how sure and why not surer.

    `name` is the one that makes it surest; `score` is that of the likest, which a weak alias may be.
    """

    party: str
    name: str
    how: How
    score: float
    grade: Grade
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """Words in a row of an asked name, as a key, with the places before them and what follows."""

    key: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def beside(self, listed: Form) -> bool:
        """Whether a listed name may be of the same place: Canadian Zinc is not Korea Zinc."""
        here, there = places(self.before), places(listed.core)
        return not here or not there or bool(here & there)


class Names:
    """The names of all loaded lists, to be asked; it never changes, a new edition of a list makes a new one."""

    def __init__(
        self, rows: Iterable[Row] = (), *, index: NameIndex | None = None, own: tuple[Brand, ...] = ()
    ) -> None:
        self._index = index or NameIndex.build(rows)
        self.own = own
        """The company's own rows of brands, beside those that ship."""

    @classmethod
    def open(cls, folder: Path) -> "Names":
        """Open an index that `NameIndex.build` has written into a folder."""
        return cls(index=NameIndex.open(folder))

    def beside(self, own: tuple[Brand, ...]) -> "Names":
        """Return the same names, asked with these rows of brands beside those that ship."""
        return Names(index=self._index, own=own)

    @property
    def size(self) -> int:
        """How many names there are."""
        return self._index.names

    def find(self, query: str, country: str = "", limit: int = 20) -> list[Match]:
        """Return the parties that a name may be, surest first, one match for each; none for a query that is refused."""
        asked = understand(query, country)
        if asked.refused:
            return []
        best: dict[str, Match] = {}
        for match in self._matches(asked):
            if match.grade is not Grade.NONE:
                known = best.get(match.party, match)
                said = match if _surer(match, known) else known
                best[match.party] = replace(said, score=max(match.score, known.score))
        return sorted(best.values(), key=_rank)[:limit]

    def _matches(self, asked: Asked) -> Iterator[Match]:
        if asked.identifier:
            yield from self._numbered(asked)
        if not asked.name:
            return
        wanted = form(asked.name)
        same = self._index.exact(keys(wanted, asked.name))
        yield from (_named(How.NAME, wanted, asked.country, listed) for listed in same)
        yield from self._branded(asked, wanted)
        if wanted.script:
            yield from self._native(asked, wanted)
        elif wanted.core:
            yield from self._contained(asked, wanted)
        if wanted.core:
            yield from self._alike(asked, wanted)

    def _numbered(self, asked: Asked) -> Iterator[Match]:
        number = asked.identifier
        assert number is not None
        for listed in self._index.exact([numbered(number)]):
            yield Match(
                listed.party,
                listed.text,
                How.IDENTIFIER,
                1.0,
                Grade.CONFIRMED,
                (f"the {number.scheme.upper()} {number.value}",),
            )

    def _branded(self, asked: Asked, wanted: Form) -> Iterator[Match]:
        for tie in branded(wanted, asked.name, self.own):
            told = tied(tie.brand.grade, tie.reason, tie.rest, disguised=wanted.disguised)
            for parent in tie.brand.parents:
                known = form(parent)
                for listed in self._index.exact(keys(known, parent)):
                    if not legally_different(known, listed.form):
                        grade, reasons = elsewhere(*told, asked.country, listed)
                        yield Match(listed.party, listed.text, How.BRAND, 1.0, grade, reasons)

    def _native(self, asked: Asked, wanted: Form) -> Iterator[Match]:
        """Look for listed native names at the head of the asked one."""
        heads = [f"m{wanted.script[:end]}" for end in range(NATIVE, len(wanted.script))]
        for listed in self._index.exact(heads):
            yield _named(How.CONTAINED, wanted, asked.country, listed)

    def _contained(self, asked: Asked, wanted: Form) -> Iterator[Match]:
        """Look for listed names at the head of the asked one, and for longer listed names that it is the telling part of."""
        core = wanted.core
        head = next((place for place, word in enumerate(core) if placeless((word,))), 0)
        for start in dict.fromkeys((0, head)):
            for end in range(len(core), start, -1):
                if self._telling(core[start:end]):
                    run = _Run("".join(core[start:end]), core[:start], core[end:])
                    yield from self._runs(asked, wanted, run)

    def _runs(self, asked: Asked, wanted: Form, run: _Run) -> Iterator[Match]:
        if run.before or run.after:
            for listed in self._index.exact([f"c{run.key}"]):
                if listed.kind is not NameKind.WEAK:
                    yield _named(How.CONTAINED, wanted, asked.country, listed)
        if placeless(run.after):
            return
        longer = [listed for listed in self._index.exact([f"s{run.key}"]) if run.beside(listed.form)]
        if len({listed.party for listed in longer}) <= _FAMILY:
            how = How.CONTAINED if run.after else How.SHORT
            yield from (_named(how, wanted, asked.country, listed) for listed in longer)

    def _alike(self, asked: Asked, wanted: Form) -> Iterator[Match]:
        for listed in self._index.alike(wanted):
            compared = compare(wanted, listed.form)
            if compared.score >= THRESHOLD:
                yield _judged(How.ALIKE, wanted, asked.country, listed, compared)

    def _telling(self, run: tuple[str, ...]) -> bool:
        """Whether words are rare enough to stand for a firm by themselves."""
        letters = len("".join(run))
        least = RARE if letters >= _LONG else RARER
        return letters >= _SHORTEST and any(weight(word) == 1 and self._index.rarity(word) >= least for word in run)


def _surer(match: Match, known: Match) -> bool:
    """Whether a match says more of its party than the one so far: a tie with its source goes before what is only alike."""
    pair = match.how, known.how
    if How.BRAND in pair and pair[0] is not pair[1] and set(pair) <= _GUESSED | {How.BRAND}:
        return match.how is How.BRAND
    return _rank(match) < _rank(known)


def _rank(match: Match) -> tuple[int, float]:
    return _ORDER[match.grade], -match.score


def _named(how: How, wanted: Form, country: str, listed: Listed) -> Match:
    return _judged(how, wanted, country, listed, compare(wanted, listed.form))


def _judged(how: How, wanted: Form, country: str, listed: Listed, compared: Compared) -> Match:
    grade, reasons = graded(how, wanted, country, listed, compared)
    return Match(listed.party, listed.text, how, round(compared.score, 3), grade, reasons)
