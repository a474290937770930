"""The one place that picks adapters and reads settings: opens the library, and puts the desk over it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Thread
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy import Engine

from bot.breaker import Breaker
from bot.company import rubric
from bot.desk import Desk
from bot.drafting import Drafting
from bot.errors import SettingsRefused
from bot.links import Links
from bot.llm.extract import Extractor
from bot.purse import DailyPurse, Limits
from bot.settings import Settings
from bot.sourcing import open_source, web
from knowledge.embed.remembering import Remembering
from knowledge.embed.static import Static
from knowledge.errors import VectorsUnavailable
from knowledge.harvest import Library as Harvested
from knowledge.ports import Embedder, Segments
from knowledge.refresh import Refresher
from knowledge.search import Searcher
from knowledge.shelving import Workshop
from knowledge.snapshot import Parts
from knowledge.sources import starter
from knowledge.sources.http import Http
from knowledge.store.catalog import Catalog
from knowledge.store.conversation import Gaps, Turns
from knowledge.store.database import open_database
from knowledge.store.exact import ExactVectors
from knowledge.store.history import History
from knowledge.store.lease import refresh_lease
from knowledge.store.ledger import Ledger
from knowledge.store.material import Material
from knowledge.store.publishing import Publishing
from knowledge.store.reads import Reads
from knowledge.store.receipts import Receipts
from knowledge.store.runs import Runs
from knowledge.store.secret import shared_secret
from knowledge.store.shelves import Shelves
from knowledge.store.spending import Spending
from knowledge.store.verify import Verifier
from knowledge.store.versions import Versions

if TYPE_CHECKING:
    from bot.exhibits import Exhibits


@dataclass(frozen=True, slots=True)
class Library:
    """The knowledge base of one state folder: what reads it, what refreshes it, what keeps its receipts."""

    engine: Engine
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
    ledger, material, catalog = Ledger(engine), Material(engine), Catalog(engine)
    shelves = Shelves(home / "lexical", Static())
    segments = _segments(settings)
    embedder = _embedder(settings)
    http = web(settings)
    verifier = Verifier(home / "chroma", settings.chroma_url)
    return Library(
        engine=engine,
        catalog=catalog,
        ledger=ledger,
        receipts=Receipts(engine),
        searcher=Searcher(
            Parts(ledger, material, shelves, segments, ExactVectors(material), embedder, Remembering(shelves.words))
        ),
        refresher=Refresher(
            lease=lambda: refresh_lease(home, engine),
            library=Harvested(catalog, Versions(engine), Reads(engine), lambda spec: open_source(spec, http)),
            shop=Workshop(ledger, material, segments, shelves, embedder, verifier.check),
            publishing=Publishing(engine),
            receipts=Receipts(engine),
            runs=Runs(engine),
            starter=starter.SPEC,
            starter_digest=starter.digest(),
            warm=lambda: _warmed(verifier, segments, http),
        ),
        segments=segments,
    )


def settings() -> Settings:
    """Read the settings from the environment; raise SettingsRefused for values that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        names = sorted({str(problem["loc"][0]).upper() for problem in error.errors()})
        raise SettingsRefused(f"these settings hold values that cannot be used: {', '.join(names)}") from error


def today() -> date:
    """Return the day in UTC."""
    return datetime.now(UTC).date()


def desk(settings: Settings, library: Library) -> Desk:
    """Return the desk over a library, with a language model where one is set up."""
    return Desk(
        searcher=library.searcher,
        receipts=library.receipts,
        turns=Turns(library.engine),
        gaps=Gaps(library.engine),
        drafting=drafting(settings, library),
        seconds=settings.budget_seconds,
        today=today,
        rubric=rubric(settings),
        links=links(settings, library) if settings.public_url else None,
    )


def links(settings: Settings, library: Library) -> Links:
    """Return what makes and opens links; every process of a ledger signs with the same key."""
    secret = settings.link_secret.get_secret_value().encode() or shared_secret(library.engine, "links")
    return Links(settings.public_url, secret, settings.link_days, time.time)


def exhibits(settings: Settings, library: Library) -> "Exhibits":
    """Return what links open."""
    from bot.exhibits import Exhibits

    return Exhibits(library.receipts, library.ledger, History(library.engine), links(settings, library), today)


def drafting(settings: Settings, library: Library) -> Drafting:
    """Return what drafts answers: with the language model where one is set up, and always without."""
    if not settings.model:
        return Drafting(Extractor())
    from bot.llm.calls import Calls
    from bot.llm.openai import OpenAIDrafter

    calls = Calls(
        settings.model, settings.openai_api_key.get_secret_value(), settings.openai_base_url, settings.model_api
    )
    model = OpenAIDrafter(calls, settings.model, settings.model_tokens)
    limits = Limits(
        settings.tokens_per_user_day, settings.tokens_per_place_day, settings.tokens_per_day,
        settings.cost_per_day, settings.price_in, settings.price_out,
    )  # fmt: skip
    unlimited = not (limits.user or limits.place or limits.everyone or limits.cost)
    purse = None if unlimited else DailyPurse(Spending(library.engine), limits, today)
    return Drafting(Extractor(), model, Breaker(time.monotonic), purse, restates=settings.model_restates)


def _segments(settings: Settings) -> Segments:
    from knowledge.store.chroma import ChromaSegments

    return ChromaSegments(settings.state / "chroma", settings.chroma_url)


@contextmanager
def _warmed(verifier: Verifier, segments: Segments, http: Http) -> Iterator[None]:
    """Import Chroma here and in the checking process while the sources are read: it takes a second in each."""

    def open_store() -> None:
        with suppress(VectorsUnavailable):
            segments.names()

    opening = Thread(target=open_store, daemon=True)
    with verifier.warmed():
        opening.start()
        try:
            yield
        finally:
            opening.join()
            http.close()


def _embedder(settings: Settings) -> Embedder:
    if settings.embedder == "openai":
        from knowledge.embed.openai import OpenAIEmbedder

        key = settings.openai_api_key.get_secret_value()
        return OpenAIEmbedder(settings.embedding_model, key, settings.embedding_base_url or settings.openai_base_url)
    if settings.embedder == "minilm":
        from knowledge.embed.minilm import MiniLM

        return MiniLM()
    return Static()
