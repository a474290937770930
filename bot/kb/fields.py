"""The forms of administrators as plain data: a new source, what is said of a file, and what is wrong in what was filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.keeping import Keeping, Wanted, words_of
from knowledge.describe import VISIBILITY
from knowledge.errors import SourceRefused
from knowledge.model import Kind

_SPOKEN_OF = (
    ("a source's name", "name"), ("there is no source of type", "type"), ("the kind", "kind"), ("the jurisdiction", "jurisdiction"),
    ("the visibility", "visibility"), ("the schedule", "every"),
)  # fmt: skip
"""How SourceRefused begins, and the field that it speaks of; what is not here speaks of the place."""
_PATHS = frozenset({"folder", "git", "pack", "upload"})
_READERS = "public, staff, group:NAME or user:ID"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: a line of text, or a choice where it has `options`; `first` stands in it beforehand."""

    name: str
    label: str
    hint: str = ""
    longest: int = 80
    first: str = ""
    options: tuple[str, ...] = ()
    optional: bool = False


def source_fields(types: Sequence[str]) -> tuple[Field, ...]:
    """Return what is asked of a new source."""
    return (
        Field("name", "Name", "Letters, digits, dots and dashes", 80),
        Field("type", "Type", options=tuple(types)),
        Field("at", "Where", "A web address; for a list: default", 2000),
        Field("kind", "Kind", options=tuple(map(str, Kind)), optional=True),
        Field("jurisdiction", "Jurisdiction", "ISO 3166-1 alpha-2 code, EU, UN or INT", 3, optional=True),
        Field("visibility", "Who may read it", _READERS, 2000, "staff"),
        Field("owner", "Owner", "Who answers for it", 200, optional=True),
        Field("every", "Schedule", "30m, 6h, 1d; empty: by hand only", 10, optional=True),
    )


def upload_fields(name: str) -> tuple[Field, ...]:
    """Return what is asked of a file with this name."""
    title = name.rpartition(".")[0].replace("-", " ").replace("_", " ")[:200] or "Policy"
    return (
        Field("title", "Title", "As answers cite it", 200, title),
        Field("visibility", "Who may read it", _READERS, 2000, "staff"),
        Field("owner", "Owner", "Who answers for it", 200, optional=True),
        Field("kind", "Kind", first=str(Kind.POLICY), options=tuple(map(str, Kind))),
    )


def wrong_source(keeping: Keeping, wanted: Wanted) -> dict[str, str]:
    """Return what is wrong with the settings of a source, by field; it may ask the database and resolve a host."""
    if wanted.type in _PATHS or (wanted.type == "list" and "://" not in wanted.at and wanted.at != "default"):
        return {
            "at": "What lies in a folder of the server is added there: caveat sources add. From here: a web address, or share a file"
            " with me."
        }
    try:
        keeping.checked(wanted)
    except SourceRefused as refused:
        said = str(refused)
        field = next((field for start, field in _SPOKEN_OF if said.startswith(start)), "at")
        return {field: words_of(refused)[:150]}
    if any(one.name == wanted.name for one in keeping.catalog.all()):
        return {"name": f"There is a source named {wanted.name} already."}
    return {}


def wrong_upload(facts: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with what was said of a file, by field."""
    if not VISIBILITY.match(facts.get("visibility", "")):
        return {"visibility": "Write public, staff, group:NAME or user:ID."}
    if facts.get("kind", "") not in {"", *map(str, Kind)}:
        return {"kind": f"Choose one of {', '.join(map(str, Kind))}."}
    return {}


def filled(fields: Sequence[Field], said: Mapping[str, object]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a form says, by field, and what is wrong with it: it may have been made up by whoever sent it."""
    values = {one.name: str(said.get(one.name) or "").strip() for one in fields}
    wrong = {one.name: f"{one.label} is missing." for one in fields if not (values[one.name] or one.optional)}
    wrong |= {one.name: f"{one.label} is too long." for one in fields if len(values[one.name]) > one.longest}
    return values, wrong
