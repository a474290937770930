"""The use cases of an administrator: sources, refreshes, the edition in service, uploads and brands, each written down."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from bot.errors import KeepingRefused
from knowledge.errors import DocumentRefused, KnowledgeError, PassedOver
from knowledge.impact import impact
from knowledge.model import Kind, SourceSpec
from knowledge.names.asked import understand
from knowledge.report import Affected
from knowledge.sources.upload import Uploads
from knowledge.store.catalog import Catalog
from knowledge.store.conversation import Gap, Gaps
from knowledge.store.deeds import Deed, Deeds
from knowledge.store.durable import DeadLetter, DeadLetters
from knowledge.store.ledger import Ledger
from knowledge.store.pairs import Pair, Pairs
from knowledge.store.publishing import Publishing
from knowledge.store.receipts import Receipts
from knowledge.store.renewals import Renewals
from knowledge.store.versions import Versions

UPLOADS = "uploads"
"""The source that uploaded files go into; the first upload adds it."""
PAIR = "Write BRAND = LEGAL NAME (source), for example: Seagull Cloud = Hangzhou Hikvision (annual report 2025, p. 12)"
_PAIR = re.compile(r"\s*(?P<brand>[^=]{2,300}?)\s*=\s*(?P<legal>[^=]{2,300}?)\s*\((?P<source>.{3,500})\)\s*")


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand an action is: `who` as the door knows him, `named` as people do; `key` identifies the event.

    The same event again does nothing a second time.
    """

    key: str
    door: str
    who: str
    team: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source as it was typed; each field is checked where the settings are read."""

    name: str
    type: str
    at: str
    kind: str = ""
    jurisdiction: str = ""
    visibility: str = "staff"
    owner: str = ""
    every: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that was handed over, with what is known of it."""

    name: str
    content: bytes
    facts: Mapping[str, str]


class Checked(Protocol):
    """Checks the settings of a source."""

    def __call__(self, wanted: Wanted) -> SourceSpec:
        """Return the source's settings; raise SourceRefused with what is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """Does what administrators want and writes it down; whether somebody is one is for the door to ask before.

    `report` says what is in service, as `caveat status --json`; `running` tells whether a refresh is at work. Everything
    blocks. What cannot be done raises KeepingRefused or a KnowledgeError, and changes nothing.
    """

    catalog: Catalog
    ledger: Ledger
    versions: Versions
    publishing: Publishing
    receipts: Receipts
    gaps: Gaps
    deeds: Deeds
    pairs: Pairs
    renewals: Renewals
    letters: DeadLetters
    uploads: Path
    checked: Checked
    report: Callable[[], dict[str, Any]]
    running: Callable[[], bool]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def note(self, by: Hand, what: str, subject: str, outcome: str) -> bool:
        """Write an action down; False where its event is written down already."""
        return self.deeds.add(
            Deed(by.key[:200], by.door, by.who[:200], by.team[:80], what, subject[:2000], outcome[:2000], self.now())
        )

    def add(self, by: Hand, wanted: Wanted) -> SourceSpec:
        """Add a source; its documents are read by the next refresh."""
        spec = self.checked(wanted)
        if self._done(by):
            return spec
        if not self.catalog.add(spec):
            raise KeepingRefused(f"There is a source named {spec.name} already: remove it first. Nothing was changed.")
        self.note(by, "source added", spec.name, f"{spec.type} at {spec.at}, read by {spec.visibility}")
        return spec

    def remove(self, by: Hand, name: str) -> None:
        """Remove a source; its documents leave with the next refresh."""
        if self._done(by):
            return
        if not self.catalog.remove(name):
            raise KeepingRefused(f"There is no source named {name[:80]}. Nothing was changed.")
        self.note(by, "source removed", name, "its documents leave with the next refresh")

    def back_to(self) -> tuple[int, int]:
        """Return the edition in service and the one before it, which a rollback would put into service."""
        live, previous = self.ledger.require_live(), self.ledger.previous()
        if previous is None:
            raise KeepingRefused(f"There is no complete edition before edition {live.number}. Nothing was changed.")
        return live.number, previous

    def rollback(self, by: Hand, to: int | None = None) -> tuple[int, int]:
        """Put the edition before the live one back into service; return that one and the one that it replaces.

        With `to` nothing happens where another edition has come into service since that one was named.
        """
        if to is not None and self._done(by):
            return to, to
        live, previous = self.back_to()
        if (to is not None and to != previous) or not self.publishing.point_to(previous):
            raise KeepingRefused(f"Edition {live} is in service now, so the rollback was not done. Ask for it again.")
        self.note(by, "rollback", str(previous), f"edition {previous} is in service again instead of {live}")
        return previous, live

    def known(self, names: Sequence[str]) -> None:
        """Raise KeepingRefused where a source is none of ours."""
        ours = {"starter", *(spec.name for spec in self.catalog.all())}
        if unknown := sorted(set(names) - ours):
            raise KeepingRefused(
                f"There is no source named {', '.join(unknown)[:200]}. Nothing was done; vendor-kb sources lists them."
            )

    def start(self, by: Hand, names: Sequence[str], back: Mapping[str, Any]) -> None:
        """Ask for a refresh, which a process of its own does; `back` says where its message stands."""
        self.known(names)
        own = self.renewals.find(by.key)
        if own is None and (self.renewals.open() or self.running()):
            raise KeepingRefused(
                "A refresh is running already, so no second one was started. vendor-kb status shows how far it is; ask again"
                " when it is done."
            )
        if not self.renewals.ask(by.key, by.who, by.team, names, back):
            raise KeepingRefused("Somebody else has just started a refresh, so no second one was started.")

    def file(self, by: Hand, filed: Filed) -> str:
        """Keep a file among the uploads and return the name it is known by; a file of the same name is replaced."""
        before = self.deeds.find(by.key)
        if before:
            return before.subject
        spec = SourceSpec(UPLOADS, "upload", str(self.uploads), Kind.POLICY, "", "staff", "")
        self.catalog.add(spec)
        place = next((one for one in self.catalog.all() if one.name == UPLOADS), spec)
        if place.type != "upload":
            raise KeepingRefused(
                f"The source named {UPLOADS} is no folder of uploads, so the file was not kept. Remove that source or name it"
                " otherwise, and share the file again."
            )
        try:
            kept = Uploads(Path(place.at)).keep(filed.name, filed.content, filed.facts)
        except (DocumentRefused, PassedOver) as refused:
            raise KeepingRefused(f"{filed.name[:100]} was not kept: {refused}.") from refused
        except OSError as refused:
            raise KeepingRefused(
                f"{filed.name[:100]} was not kept: the folder of uploads cannot be written. Share it again when it can."
            ) from refused
        self.note(by, "upload", kept, f"{len(filed.content)} bytes, read by {filed.facts.get('visibility', '')}")
        return kept

    def moved(self) -> tuple[Affected, ...]:
        """Return the earlier answers whose cited passages the edition in service changed against the one before it."""
        live, previous = self.ledger.live(), self.ledger.previous()
        if live is None or previous is None:
            return ()
        before, now = (
            frozenset(one.version_id for one in self.ledger.held(number).values()) for number in (previous, live.number)
        )
        return impact(self.versions, self.receipts, before, now)

    def unanswered(self) -> list[Gap]:
        """Return the questions that no edition could answer, the oldest first."""
        return self.gaps.open()

    def letter(self, key: str) -> DeadLetter:
        """Return an answer that could not be delivered."""
        found = self.letters.find(key)
        if found is None:
            raise KeepingRefused(f"Nothing undelivered has the key {key[:200]}. caveat work list shows what there is.")
        return found

    def send_again(self, by: Hand, key: str) -> DeadLetter:
        """Let a worker send an undelivered answer again; once it is delivered it leaves the list."""
        letter = self.letter(key)
        if letter.payload is None:
            raise KeepingRefused(
                f"{key[:200]} was given up before answers were kept to be sent again, so it cannot be. Have its question asked"
                " again, and take it off the list with caveat work drop. Nothing was changed."
            )
        if not self._done(by):
            self.letters.want(key, self.now())
            self.note(by, "work again", key, f"to be sent again; before: {letter.why}")
        return letter

    def give_up(self, by: Hand, key: str) -> DeadLetter:
        """Take an undelivered answer off the list for good, with what was kept of it."""
        letter = self.letter(key)
        self.letters.drop(key)
        self.note(by, "work dropped", key, f"never delivered: {letter.why}")
        return letter

    def pair(self, by: Hand, text: str) -> Pair:
        """Tie a brand to a legal name, as PAIR has it; the next check of the brand uses it, in every process."""
        read = _PAIR.fullmatch(text)
        if read is None:
            raise KeepingRefused(f"{PAIR}. Nothing was changed.")
        brand, legal, source = (" ".join(read[part].split()) for part in ("brand", "legal", "source"))
        pair = Pair(brand, legal, source, by.named or by.who, self.now())
        for name in (pair.brand, pair.legal):
            if said := understand(name).refused:
                raise KeepingRefused(f"{name[:80]} cannot be used: {said.rstrip('.')}. Nothing was changed.")
        if self._done(by):
            return pair
        if not self.pairs.add(pair):
            raise KeepingRefused(f"{pair.brand} is tied to {pair.legal} already. Nothing was changed.")
        self.note(by, "pair added", pair.brand, f"a brand of {pair.legal} (source: {pair.source})")
        return pair

    def unpair(self, by: Hand, brand: str) -> int:
        """Forget what a brand was tied to; return how many pairs it had."""
        if self._done(by):
            return 1
        gone = self.pairs.remove(brand)
        if not gone:
            raise KeepingRefused(f"No brand {brand[:80]} was added by an administrator. Nothing was changed.")
        self.note(by, "pair removed", brand, f"{gone} removed")
        return gone

    def _done(self, by: Hand) -> bool:
        return self.deeds.find(by.key) is not None


def words_of(error: KnowledgeError | KeepingRefused) -> str:
    """Return why something cannot be done as a sentence for people."""
    said = str(error)
    return f"{said[:1].upper()}{said[1:].rstrip('.')}."
