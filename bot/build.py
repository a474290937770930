"""The one place that picks adapters and reads settings."""

import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine

from bot.access import member
from bot.breaker import Breaker
from bot.desk import Desk
from bot.drafting import Drafting
from bot.errors import SettingsRefused
from bot.links import Links
from bot.llm.extract import Extractor
from bot.model import Asker
from bot.purse import DailyPurse, Limits
from bot.rubric import Rubric, ours
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
from knowledge.spans import trace_with
from knowledge.store.catalog import Catalog
from knowledge.store.conversation import Gaps, Turns
from knowledge.store.database import open_database
from knowledge.store.decisions import Decisions
from knowledge.store.exact import ExactVectors
from knowledge.store.history import History
from knowledge.store.lease import refresh_lease
from knowledge.store.ledger import Ledger
from knowledge.store.material import Material
from knowledge.store.publishing import Publishing
from knowledge.store.reads import Reads
from knowledge.store.receipts import Receipts
from knowledge.store.rulings import Rulings
from knowledge.store.runs import Runs
from knowledge.store.secret import shared_secret
from knowledge.store.shelves import Shelves
from knowledge.store.spending import Spending
from knowledge.store.verify import Verifier
from knowledge.store.versions import Versions

if TYPE_CHECKING:
    from bot.checking import Checking
    from bot.deciding import Deciding
    from bot.exhibits import Exhibits
    from bot.reviewing import Reviewing
    from bot.scale import Scale
    from bot.watching import Watching
    from knowledge.listing import Lister
    from knowledge.store.lists import Lists
    from knowledge.store.owners import Owners


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


log = structlog.get_logger()


def can_trace() -> bool:
    """Tell whether the extra `otel` is installed."""
    with suppress(ModuleNotFoundError):
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    return False


@contextmanager
def tracing(settings: Settings) -> Iterator[None]:
    """Trace what this process does, where an address for spans is set and the extra `otel` is installed."""
    if not settings.traces:
        yield
        return
    if not can_trace():
        log.warning("traces.not_installed", needs="pip install '.[otel]'")
        yield
        return
    from bot.otel import OpenTelemetry

    tracer = OpenTelemetry()
    trace_with(tracer)
    try:
        yield
    finally:
        trace_with(None)
        tracer.close()


def settings() -> Settings:
    """Read the settings from the environment; raise SettingsRefused for values that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        names = sorted({str(problem["loc"][0]).upper() for problem in error.errors()})
        raise SettingsRefused(f"these settings hold values that cannot be used: {', '.join(names)}") from error


def desk(settings: Settings, library: Library) -> Desk:
    """Return the desk over a library, with a language model where one is set up."""
    return Desk(
        searcher=library.searcher,
        receipts=library.receipts,
        turns=Turns(library.engine),
        gaps=Gaps(library.engine),
        drafting=drafting(settings, library),
        seconds=settings.budget_seconds,
        today=_today,
        rubric=rubric(settings),
        links=links(settings, library) if settings.public_url else None,
    )


def rubric(settings: Settings) -> Rubric:
    """Return the company's rubric, `rubric.yaml` in the state folder, over ours."""
    file = settings.state / "rubric.yaml"
    return ours().overridden(file) if file.is_file() else ours()


def checking(settings: Settings, library: Library) -> "Checking":
    """Return what checks vendors over a library."""
    from bot.checking import Checking

    return Checking(
        searcher=library.searcher,
        receipts=library.receipts,
        rulings=Rulings(library.engine),
        owners=owners(settings),
        decisions=Decisions(library.engine),
        loaded=lists(settings, library).loaded,
        drafter=Extractor(),
        scale=scale(settings),
        rubric=rubric(settings),
        today=_today,
        seconds=settings.budget_seconds,
        links=links(settings, library) if settings.public_url else None,
    )


def reviewing(settings: Settings, library: Library) -> "Reviewing":
    """Return what keeps the decisions of reviewers."""
    from bot.reviewing import Reviewing

    return Reviewing(lists(settings, library).loaded, Rulings(library.engine), owners(settings))


def deciding(settings: Settings, library: Library, checking: "Checking") -> "Deciding":
    """Return what keeps decisions about vendors, with this check."""
    from bot.deciding import Deciding

    return Deciding(checking, Decisions(library.engine), settings.decision_days)


def watching(settings: Settings, library: Library, checking: "Checking") -> "Watching":
    """Return what watches vendors with this check."""
    from bot.watching import Watching
    from knowledge.store.lists import name
    from knowledge.store.pairs import Pairs
    from knowledge.store.parties import Parties
    from knowledge.store.watches import Watches

    serving, register = Parties(library.engine).serving, owners(settings).register
    pairs = Pairs(library.engine)
    state = lambda: f"{name(serving())}|{register()}|{pairs.all()}"  # noqa: E731 - read anew at each look
    return Watching(checking, library.ledger, Watches(library.engine), state, _today)


def scale(settings: Settings) -> "Scale":
    """Return the company's table of measures, `card.yaml` in the state folder, over ours."""
    from bot.scale import ours

    file = settings.state / "card.yaml"
    return ours().overridden(file) if file.is_file() else ours()


def links(settings: Settings, library: Library) -> Links:
    """Return what makes and opens links; every process of a ledger signs with the same key."""
    secret = settings.link_secret.get_secret_value().encode() or shared_secret(library.engine, "links")
    return Links(settings.public_url, secret, settings.link_days, time.time)


def exhibits(settings: Settings, library: Library) -> "Exhibits":
    """Return what links open."""
    from bot.exhibits import Exhibits

    return Exhibits(library.receipts, library.ledger, History(library.engine), links(settings, library), _today)


def _today() -> date:
    return datetime.now(UTC).date()


def someone(settings: Settings, user: str) -> Asker:
    """Return a user as the company's own list of groups knows them: `groups.toml` in the state folder."""
    return member(user, groups(settings))


def is_admin(settings: Settings, user: str, team: str = "") -> bool:
    """Tell whether CAVEAT_ADMINS names a user, by the id alone or, as TEAM/USER, in that workspace alone."""
    return _names(settings.admins, user, team)


def is_reviewer(settings: Settings, user: str, team: str = "") -> bool:
    """Tell whether a user may decide about matches and vendors: CAVEAT_REVIEWERS names him, or he is an administrator."""
    return _names(settings.reviewers, user, team) or is_admin(settings, user, team)


def _names(setting: str, user: str, team: str) -> bool:
    named = setting.replace(",", " ").split()
    return user in named or bool(team and f"{team}/{user}" in named)


def lists(settings: Settings, library: Library) -> "Lists":
    """Return the screening lists of a state folder; keep it, for it keeps the index of their names open."""
    from knowledge.store.books import Books
    from knowledge.store.lists import Lists
    from knowledge.store.pairs import Pairs
    from knowledge.store.parties import Parties

    return Lists(Parties(library.engine), Books(settings.state / "names"), Pairs(library.engine))


def owners(settings: Settings) -> "Owners":
    """Return the register of owners of a state folder, empty where none was loaded."""
    from knowledge.store.owners import Owners

    return Owners(settings.state / "owners")


def lister(settings: Settings, library: Library) -> "Lister":
    """Return what refreshes the screening lists."""
    from knowledge.listing import Lister

    return Lister(
        lease=lambda: refresh_lease(settings.state, library.engine, "lists"),
        catalog=library.catalog,
        lists=lists(settings, library),
        http=Http(private_hosts=settings.allowed_private_hosts, seconds=LIST_SECONDS),
    )


LIST_SECONDS = 180.0
"""The budget of one file of a list with all its retries: some publishers make it while one waits."""


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
    purse = None if unlimited else DailyPurse(Spending(library.engine), limits, _today)
    return Drafting(Extractor(), model, Breaker(time.monotonic), purse, restates=settings.model_restates)


def groups(settings: Settings) -> dict[str, frozenset[str]]:
    """Read the company's groups: a `[groups]` table of name to list of user ids; no file means no one is known."""
    path = settings.state / "groups.toml"
    if not path.is_file():
        return {}
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("groups", {})
        return {str(name): frozenset(map(str, people)) for name, people in rows.items()}
    except (tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
        raise SettingsRefused(
            "groups.toml in the state folder cannot be read: it needs a [groups] table of lists"
        ) from error


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
