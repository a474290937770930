"""A screening list's files: from its publisher's addresses, a mirror, or a folder, in whichever of its formats they are."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from knowledge.errors import ListRefused, SourceRefused, SourceUnreachable
from knowledge.lists.catalogue import LISTS, Source
from knowledge.model import SourceSpec
from knowledge.sources.credentials import secret
from knowledge.sources.http import Http, Reply

DEFAULT = "default"
"""The place that stands for the publisher's own addresses."""
LARGEST = 300_000_000
"""Bytes of one file; the largest of these lists has a third of that."""

_KEYS = {"wb.debarred": ("header", "apikey"), "eu.fsf": ("query", "token")}
"""Where the publishers that want a key of whoever fetches their list want it."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A list's files by name and the format to read them in; `dated` is since when a `copy` is as it is, where that is known."""

    source: Source
    files: Mapping[str, bytes]
    copy: bool = False
    dated: date | None = None

    @property
    def sha256(self) -> str:
        """One hash over names and contents."""
        total = hashlib.sha256(self.source.format.encode())
        for name in sorted(self.files):
            total.update(f"\x1f{name.lower()}\x1f{len(self.files[name])}\x1f".encode() + self.files[name])
        return total.hexdigest()


def known(list_id: str) -> tuple[Source, ...]:
    """Return the formats in which a list can be fetched; raise SourceRefused, with the lists there are, for an unknown one."""
    found = tuple(one for one in LISTS if one.list_id == list_id and one.format != "shipped")
    if found:
        return found
    ids = ", ".join(sorted({one.list_id for one in LISTS if one.format != "shipped"}))
    if any(one.list_id == list_id for one in LISTS):
        raise SourceRefused(f"{list_id} ships with Caveat and is not fetched; the lists that are: {ids}")
    raise SourceRefused(f"there is no list {list_id[:40]}; the name of a list source is one of {ids}")


def check(spec: SourceSpec) -> None:
    """Raise SourceRefused for a list that is not known or a place that cannot be one."""
    formats = known(spec.name)
    if spec.at == DEFAULT:
        if not any(one.addresses for one in formats):
            raise SourceRefused(f"{spec.name} is published at no address: give the path of a file or folder")
        _key(spec.name)
    elif "://" not in spec.at and not Path(spec.at).exists():
        raise SourceRefused(f"there is no file or folder at {spec.at}")
    elif "://" in spec.at and urlsplit(spec.at).scheme not in {"http", "https"}:
        raise SourceRefused("the place of a list is default, a path, or an address that begins with https://")


def collect(spec: SourceSpec, http: Http) -> Collected:
    """Return a list's files; raise SourceUnreachable, SourceRefused, or ListRefused for a file that came incomplete."""
    formats = known(spec.name)
    if spec.at == DEFAULT:
        chosen = next((one for one in formats if one.addresses), None)
        if chosen is None:
            raise SourceRefused(f"{spec.name} is published at no address: give the path of a file or folder")
        key = _key(spec.name)
        return Collected(chosen, {name: _fetched(http, at, key).content for name, at in chosen.addresses.items()})
    if "://" in spec.at:
        return _mirrored(formats, spec.at, http)
    return _local(formats, Path(spec.at))


def _key(list_id: str) -> dict[str, dict[str, str]]:
    """Return how a request carries the publisher's key, nothing where it wants none; raise SourceRefused without one."""
    if list_id not in _KEYS:
        return {}
    place, name = _KEYS[list_id]
    return {"headers" if place == "header" else "params": {name: secret(list_id).text}}


def _mirrored(formats: tuple[Source, ...], at: str, http: Http) -> Collected:
    """Fetch the one file that an address is, or below it those of the list's first format."""
    file = PurePosixPath(urlsplit(at).path).name
    chosen = _single(formats, file)
    if chosen is None:
        replies = {name: _fetched(http, f"{at.rstrip('/')}/{name}") for name in formats[0].addresses}
        return _copied(formats[0], replies)
    return _copied(chosen, {file or _file(chosen): _fetched(http, at)})


def _copied(source: Source, replies: Mapping[str, Reply]) -> Collected:
    dated = min(filter(None, map(_modified, replies.values())), default=None)
    return Collected(source, {name: reply.content for name, reply in replies.items()}, copy=True, dated=dated)


def _modified(reply: Reply) -> date | None:
    try:
        return parsedate_to_datetime(reply.known.modified).date()
    except ValueError:
        return None


def _fetched(http: Http, url: str, key: Mapping[str, Mapping[str, str]] = {}) -> Reply:
    reply = http.get(url, limit=LARGEST, headers=key.get("headers", {}), params=key.get("params", {}))
    assert reply is not None
    host = (urlsplit(url).hostname or "the source")[:100]
    if reply.status != 200:
        raise SourceUnreachable(f"{host} answers with status {reply.status}")
    announced = reply.headers.get("content-length", "")
    if announced.isdigit() and "content-encoding" not in reply.headers and int(announced) != len(reply.content):
        raise ListRefused(f"{len(reply.content)} of {announced} bytes came from {host}")
    return reply


def _local(formats: tuple[Source, ...], at: Path) -> Collected:
    """Read the file, or from a folder the files of the first format that it has all of, by name in any case."""
    try:
        found = {at.name: at} if at.is_file() else {place.name: place for place in at.iterdir() if place.is_file()}
    except OSError as error:
        raise SourceUnreachable("its file or folder is not there or cannot be read") from error
    lower = {name.lower(): name for name in found}
    whole = next(
        (one for one in formats if one.addresses and all(name.lower() in lower for name in one.addresses)), None
    )
    if whole is not None:
        names = [lower[name.lower()] for name in whole.addresses]
    else:
        names = sorted(name for name in found if not name.startswith("."))
        whole = _single(formats, names[0]) if len(names) == 1 else None
    if whole is None:
        wanted = " or ".join(" and ".join(one.addresses) for one in formats if one.addresses) or "one file"
        raise SourceUnreachable(f"the files of this list are not in its folder; it is published as {wanted}")
    try:
        dated = min(datetime.fromtimestamp(found[name].stat().st_mtime, UTC).date() for name in names)
        return Collected(whole, {name: found[name].read_bytes() for name in names}, copy=True, dated=dated)
    except OSError as error:
        raise SourceUnreachable("a file of this list cannot be read") from error


def _single(formats: tuple[Source, ...], file: str) -> Source | None:
    """Return the format of one file that a file's name speaks for: the name, its ending, or that the first one is of one file."""
    single = [one for one in formats if len(one.addresses) <= 1]
    same = [one for one in single if _file(one).lower() == file.lower()]
    ending = PurePosixPath(file).suffix.lower()
    alike = [one for one in single if ending and PurePosixPath(_file(one)).suffix.lower() in {ending, ""}]
    first = [one for one in formats[:1] if len(one.addresses) <= 1]
    return next(iter([*same, *alike, *first]), None)


def _file(source: Source) -> str:
    return next(iter(source.addresses), "")
