"""The one place that picks adapters and reads settings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from knowledge.errors import SourceRefused
from knowledge.model import SourceSpec
from knowledge.ports import Embedder, Segments, Source
from knowledge.refresh import Refresher
from knowledge.search import Searcher
from knowledge.sources import starter
from knowledge.store.catalog import Catalog
from knowledge.store.database import open_database
from knowledge.store.exact import ExactVectors
from knowledge.store.ledger import Ledger
from knowledge.store.receipts import Receipts
from knowledge.store.shelves import Shelves
from knowledge.store.verify import Claimed, verify


@dataclass(frozen=True, slots=True)
class Library:
    """The knowledge base of one state folder: what reads it, what refreshes it, what keeps its receipts."""

    catalog: Catalog
    ledger: Ledger
    receipts: Receipts
    searcher: Searcher
    refresher: Refresher
    segments: Segments


def library(settings: Settings) -> Library:
    """Open the knowledge base, creating an empty one where there is none."""
    home = settings.state
    home.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.ledger_url)
    ledger, catalog = Ledger(engine), Catalog(engine)
    shelves = Shelves(home / "lexical")
    segments = _segments(settings)
    embedder = _embedder(settings)
    return Library(
        catalog=catalog,
        ledger=ledger,
        receipts=Receipts(engine),
        searcher=Searcher(ledger, shelves, segments, ExactVectors(ledger), embedder),
        refresher=Refresher(
            home=home,
            engine=engine,
            catalog=catalog,
            ledger=ledger,
            segments=segments,
            shelves=shelves,
            embedder=embedder,
            open_source=open_source,
            check=_checker(settings),
            starter=starter.SPEC,
            starter_digest=starter.digest(),
        ),
        segments=segments,
    )


def open_source(spec: SourceSpec) -> Source:
    """Return the connector for a source's settings; raise SourceRefused for a type that does not exist."""
    if spec.type == "starter":
        return starter.starter()
    if spec.type == "folder":
        from knowledge.sources.folder import Folder

        return Folder(Path(spec.at).expanduser())
    raise SourceRefused(f"there is no source of type {spec.type}: use folder")


def _segments(settings: Settings) -> Segments:
    from knowledge.store.chroma import ChromaSegments

    return ChromaSegments(settings.state / "chroma", settings.chroma_url)


def _checker(settings: Settings) -> Callable[[Sequence[Claimed]], None]:
    return lambda claims: verify(settings.state / "chroma", settings.chroma_url, claims)


def _embedder(settings: Settings) -> Embedder:
    if settings.embedder == "static":
        from knowledge.embed.static import Static

        return Static()
    raise SourceRefused(f"the embedder {settings.embedder} is not built in yet: use static")
