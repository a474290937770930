"""Puts together what vendors are vetted with: lists and owners, checks, decisions about matches and vendors, watches."""

from typing import TYPE_CHECKING

from bot.build import Library, links, today
from bot.company import rubric, scale
from bot.llm.extract import Extractor
from bot.settings import Settings
from knowledge.sources.http import Http
from knowledge.store.decisions import Decisions
from knowledge.store.lease import refresh_lease
from knowledge.store.rulings import Rulings

if TYPE_CHECKING:
    from bot.checking import Checking
    from bot.deciding import Deciding
    from bot.reviewing import Reviewing
    from bot.watching import Watching
    from knowledge.listing import Lister
    from knowledge.store.lists import Lists
    from knowledge.store.owners import Owners

LIST_SECONDS = 180.0
"""The budget of one file of a list with all its retries: some publishers make it while one waits."""


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
        today=today,
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
    return Watching(checking, library.ledger, Watches(library.engine), state, today)


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
