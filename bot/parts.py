"""What the doors of a server process stand on: the use cases and what they share, put together once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy import Engine

from bot.checking import Checking
from bot.deciding import Deciding
from bot.desk import Desk
from bot.exhibits import Exhibits
from bot.keeping import Keeping
from bot.metrics import Metrics
from bot.reviewing import Reviewing
from bot.settings import Settings
from bot.watching import Watching


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one process. `groups` are the company's own; `types` are the types that a source can have.

    `may_rule` and `may_keep` tell by a platform's user id, and its workspace where it has several, whether the settings name a
    reviewer or an administrator. `put` stores work under a key for a door, as `Jobs.put`, from within other work.
    """

    settings: Settings
    engine: Engine
    session: aiohttp.ClientSession
    metrics: Metrics
    desk: Desk
    checking: Checking
    watching: Watching
    reviewing: Reviewing
    deciding: Deciding
    exhibits: Exhibits
    keeping: Keeping
    groups: Mapping[str, frozenset[str]]
    types: tuple[str, ...]
    may_rule: Callable[..., bool]
    may_keep: Callable[..., bool]
    put: Callable[[str, str, dict[str, Any]], Awaitable[None]]
