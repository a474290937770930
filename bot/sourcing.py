"""Settings of a source: checked, and opened by the connector of its type."""

import re
from importlib import import_module
from pathlib import Path
from typing import cast

from bot.settings import Settings
from knowledge.describe import VISIBILITY
from knowledge.errors import ListRefused, SourceRefused
from knowledge.lists.gleif import golden
from knowledge.model import Kind, SourceSpec
from knowledge.ports import Source
from knowledge.sources import starter
from knowledge.sources.http import Http
from knowledge.store.catalog import LIST, OWNERS

LOCAL = frozenset({"folder", "git", "pack", "upload", LIST, OWNERS})
"""Types whose place is a path: it is kept as an absolute one, since a refresh may start elsewhere."""


def source_spec(  # noqa: PLR0913, PLR0917 - the outside contract names these options
    settings: Settings,
    name: str,
    type_: str,
    at: str,
    kind: str,
    jurisdiction: str,
    visibility: str,
    owner: str,
    every: str = "",
) -> SourceSpec:
    """Return checked source settings; raise SourceRefused with what is wrong."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,79}", name) or name == starter.SPEC.name:
        raise SourceRefused("a source's name is letters, digits, dots and dashes, and not starter")
    if kind and kind not in set(Kind):
        raise SourceRefused(f"the kind {kind[:40]} is not one of {', '.join(Kind)}")
    if jurisdiction and not re.fullmatch(r"[A-Z]{2}|INT", jurisdiction):
        raise SourceRefused("the jurisdiction is an ISO 3166-1 alpha-2 code, EU, UN or INT")
    if not VISIBILITY.match(visibility):
        raise SourceRefused("the visibility is public, staff, group:NAME or user:ID")
    if type_ in LOCAL and "://" not in at and (type_, at) != (LIST, "default"):
        at = str(Path(at).expanduser().resolve())
    spec = SourceSpec(name, type_, at, Kind(kind) if kind else None, jurisdiction, visibility, owner, _minutes(every))
    if type_ == LIST:
        _check_list(spec)
    elif type_ == OWNERS:
        _check_owners(spec)
    else:
        open_source(spec, web(settings))
    return spec


def _check_list(spec: SourceSpec) -> None:
    from knowledge.sources.listed import check

    check(spec)


def _check_owners(spec: SourceSpec) -> None:
    try:
        golden(Path(spec.at))
    except ListRefused as refused:
        raise SourceRefused(str(refused)) from refused


def _minutes(every: str) -> int:
    """Read a schedule such as 30m, 6h or 1d; nothing means by hand only."""
    if not every:
        return 0
    found = re.fullmatch(r"([1-9]\d{0,4})([mhd])", every)
    if not found:
        raise SourceRefused("the schedule is a number of minutes, hours or days: 30m, 6h, 1d")
    return int(found[1]) * {"m": 1, "h": 60, "d": 1440}[found[2]]


CONNECTORS = {
    "folder": "folder", "git": "checkout", "page": "page", "site": "page", "feed": "feed", "pack": "pack", "upload": "upload",
    "ecfr": "ecfr", "federal-register": "register", "cellar": "cellar", "legislation": "legislation", "kev": "catalogue",
    "oscal": "catalogue", "csaf": "csaf", "confluence": "confluence", "sharepoint": "sharepoint", "drive": "drive",
}  # fmt: skip
"""The module of each type of source; each has `connect(spec, http)`."""


def web(settings: Settings) -> Http:
    """Return the web client that sources are read with."""
    return Http(private_hosts=settings.allowed_private_hosts)


def open_source(spec: SourceSpec, http: Http) -> Source:
    """Return the connector for a source's settings; raise SourceRefused for a type that does not exist."""
    if spec.type == starter.SPEC.type:
        return starter.starter()
    if spec.type not in CONNECTORS:
        raise SourceRefused(
            f"there is no source of type {spec.type[:40]}: use one of {', '.join(sorted((*CONNECTORS, LIST, OWNERS)))}"
        )
    module = import_module(f"knowledge.sources.{CONNECTORS[spec.type]}")
    return cast("Source", module.connect(spec, http))
