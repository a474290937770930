"""A page that several commands write: each owns the part below its own heading and leaves the others as they are."""

import re
from pathlib import Path


def put(file: Path, part: str) -> None:
    """Write a part, whose first line is its heading of the first level, in place of the old one or at the end."""
    heading = part.splitlines()[0]
    held = file.read_text("utf-8") if file.exists() else ""
    parts = [one for one in re.split(r"(?m)^(?=# )", held) if one.strip()]
    places = [n for n, one in enumerate(parts) if one.splitlines()[0] == heading]
    if places:
        parts[places[0]] = part
    else:
        parts.append(part)
    file.write_text("\n\n".join(one.strip() for one in parts) + "\n", "utf-8")
