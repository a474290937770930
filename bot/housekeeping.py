"""Opens what administrators work with, for the terminal and for the doors of a server process."""

from functools import partial

from bot import sourcing
from bot.build import Library
from bot.keeping import Keeping, Wanted
from bot.settings import Settings
from bot.status import status
from knowledge.model import SourceSpec
from knowledge.store.conversation import Gaps
from knowledge.store.deeds import Deeds
from knowledge.store.durable import DeadLetters
from knowledge.store.pairs import Pairs
from knowledge.store.publishing import Publishing
from knowledge.store.renewals import Renewals
from knowledge.store.versions import Versions


def keeping(settings: Settings, library: Library) -> Keeping:
    """Return the use cases of administrators over a library."""

    def checked(wanted: Wanted) -> SourceSpec:
        return sourcing.source_spec(
            settings, wanted.name, wanted.type, wanted.at, wanted.kind, wanted.jurisdiction, wanted.visibility, wanted.owner,
            wanted.every,
        )  # fmt: skip

    return Keeping(
        catalog=library.catalog,
        ledger=library.ledger,
        versions=Versions(library.engine),
        publishing=Publishing(library.engine),
        receipts=library.receipts,
        gaps=Gaps(library.engine),
        deeds=Deeds(library.engine),
        pairs=Pairs(library.engine),
        renewals=Renewals(library.engine),
        letters=DeadLetters(library.engine),
        uploads=settings.state / "uploads",
        checked=checked,
        report=partial(status, settings, library),
        running=library.refresher.running,
    )
