"""What a document says about itself, checked, plus what its source says about it: the facts of one Document."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from knowledge.errors import DocumentRefused
from knowledge.model import Document, Kind, SourceSpec, Standing, Status, Wording
from knowledge.parse import EXTRACTOR
from knowledge.parse.tree import Parsed

REQUIRED = (
    "id", "title", "short", "citation", "kind", "jurisdiction", "authority", "published", "status", "as_of", "licence",
    "visibility", "wording", "topics",
)  # fmt: skip
"""The fields without which starter knowledge is refused; knowledge/corpus/README.md explains each."""

VISIBILITY = re.compile(r"^(public|staff|(?:group|user):[\w.@+-]{1,74}(?:,(?:group|user):[\w.@+-]{1,74}){0,199})\Z")
"""Everybody, everybody of the company, or any of these groups and users."""
LONGEST_ID = 400
"""Characters of a document's id, and so of the path of a file that declares none."""
NOTHING: Mapping[str, object] = MappingProxyType({})
_JURISDICTION = re.compile(r"^([A-Z]{2}|INT)$")
_DATE_IN_NAME = re.compile(r"(?<!\d)(20\d{2})-(\d{2})-(\d{2})(?!\d)")


Questions = Annotated[tuple[Annotated[str, Field(min_length=3, max_length=300)], ...], Field(max_length=50)]


class Fields(BaseModel):
    """Front matter and page metadata as they are read: every field optional, every value checked."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    id: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9.:/_-]*$", max_length=200)
    title: str | None = Field(None, max_length=500)
    short: str | None = Field(None, max_length=120)
    citation: str | None = Field(None, max_length=200)
    kind: Kind | None = None
    jurisdiction: str | None = None
    authority: str | None = Field(None, max_length=300)
    url: str | None = Field(None, pattern=r"^(https?://\S+)?$", max_length=2000)
    licence: str | None = Field(None, max_length=200)
    language: str | None = Field(None, pattern=r"^[a-z]{2}$")
    published: date | None = None
    in_force_from: date | None = None
    applies_from: date | None = None
    ends_on: date | None = None
    as_of: date | None = None
    review_due: date | None = None
    status: Status | None = None
    standing: Standing | None = None
    wording: Wording | None = None
    visibility: str | None = None
    owner: str | None = Field(None, max_length=200)
    aliases: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    version: str | None = Field(None, max_length=80)
    transposition_by: date | None = None
    attribution: str | None = Field(None, max_length=500)
    supersedes: tuple[str, ...] = ()
    asked: dict[str, Questions] = Field({}, max_length=2_000)

    @field_validator(
        "published",
        "in_force_from",
        "applies_from",
        "ends_on",
        "as_of",
        "review_due",
        "transposition_by",
        mode="before",
    )
    @classmethod
    def _day(cls, value: object) -> object:
        return value.date() if isinstance(value, datetime) else value

    @field_validator("aliases", "vendors", "topics", "supersedes", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("visibility")
    @classmethod
    def _known_visibility(cls, value: str | None) -> str | None:
        if value is not None and not VISIBILITY.match(value):
            raise ValueError("must be public, staff, or group:NAME and user:ID, joined by commas")
        return ",".join(sorted(set(value.split(",")))) if value else value

    @field_validator("jurisdiction")
    @classmethod
    def _known_jurisdiction(cls, value: str | None) -> str | None:
        if value and not _JURISDICTION.match(value):
            raise ValueError("must be an ISO 3166-1 alpha-2 code, EU, UN or INT")
        return value


def describe(parsed: Parsed, ref: str, spec: SourceSpec, known: Mapping[str, object] = NOTHING) -> Document:
    """Join what the text declares with what its source knows; raise DocumentRefused on a bad or missing fact.

    `known` is what the source says of this one document (address, dates, readers); it goes before the text. Starter knowledge must declare every field of REQUIRED; other sources inherit kind, jurisdiction, visibility and
    owner from their settings, and a missing date stays unknown.
    """
    fields = _checked({**parsed.meta, **known})
    if spec.type == "starter":
        _complete(fields)
    name = PurePosixPath(ref).stem
    title = fields.title or parsed.title or name
    short = fields.short or _shortened(title)
    identity = fields.id or f"{spec.name}:{ref}" + (f"#{parsed.fragment}" if parsed.fragment else "")
    if len(identity) > LONGEST_ID:
        raise DocumentRefused("its path is too long to serve as its id; declare one, or shorten the path")
    return Document(
        id=identity,
        title=title,
        short=short,
        citation=fields.citation or short,
        kind=fields.kind or spec.kind or Kind.GUIDANCE,
        jurisdiction=fields.jurisdiction or spec.jurisdiction,
        visibility=fields.visibility or spec.visibility,
        source=spec.name,
        authority=fields.authority or "",
        url=fields.url or "",
        licence=fields.licence or "",
        language=fields.language or "en",
        published=fields.published or _dated(name),
        in_force_from=fields.in_force_from,
        applies_from=fields.applies_from,
        ends_on=fields.ends_on,
        as_of=fields.as_of,
        review_due=fields.review_due,
        status=fields.status or _default_status(fields.kind or spec.kind),
        standing=fields.standing,
        wording=fields.wording or Wording.OFFICIAL,
        owner=fields.owner or spec.owner,
        aliases=fields.aliases,
        vendors=fields.vendors,
        topics=fields.topics,
        version=fields.version or "",
        transposition_by=fields.transposition_by,
        attribution=fields.attribution or "",
        supersedes=fields.supersedes,
        asked=tuple(fields.asked.items()),
        flags=parsed.flags,
        extractor=EXTRACTOR,
    )


def _checked(meta: dict[str, object]) -> Fields:
    try:
        return Fields.model_validate(meta)
    except ValidationError as error:
        wrong = sorted({str(problem["loc"][0]) for problem in error.errors()})
        raise DocumentRefused(f"these fields hold values that are not allowed: {', '.join(wrong)}") from error


def _complete(fields: Fields) -> None:
    missing = [name for name in REQUIRED if not getattr(fields, name)]
    if fields.kind is Kind.NEWS and fields.standing is None:
        missing.append("standing")
    if fields.kind is Kind.POLICY:
        missing += [name for name in ("owner", "review_due") if not getattr(fields, name)]
    elif not fields.url:
        missing.append("url")
    if missing:
        raise DocumentRefused(f"these fields are missing: {', '.join(missing)}")


def _default_status(kind: Kind | None) -> Status:
    return Status.REPORTED if kind is Kind.NEWS else Status.UNKNOWN


def _dated(name: str) -> date | None:
    """Read a full date that stands in a file's name; a bare year is no date."""
    found = _DATE_IN_NAME.search(name)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _shortened(title: str) -> str:
    if len(title) <= 90:
        return title
    return title[:88].rsplit(" ", 1)[0] + " …"
