"""The secrets of sources: read from the environment under the source's name; never kept, shown or logged."""

import json
import os
import re
from dataclasses import dataclass, field

from knowledge.errors import SourceRefused

PREFIX = "CAVEAT_SECRET_"


@dataclass(frozen=True, slots=True)
class Secret:
    """What a source signs in with, and the variable it came from, which is all that may be shown of it."""

    variable: str
    text: str = field(repr=False)

    def fields(self, *required: str) -> dict[str, str]:
        """Return the secret as a table of words; raise SourceRefused when it is none or lacks one of `required`."""
        try:
            found = json.loads(self.text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SourceRefused(f"{self.variable} must hold JSON{' with ' if required else ''}{', '.join(required)}")
        missing = [name for name in required if not isinstance(found.get(name), str) or not found[name]]
        if missing:
            raise SourceRefused(f"{self.variable} lacks {', '.join(missing)}")
        return {str(name): value for name, value in found.items() if isinstance(value, str)}


def variable(source: str) -> str:
    """Return the name of the environment variable that holds a source's secret."""
    return PREFIX + re.sub(r"[^A-Za-z0-9]", "_", source).upper()


def secret(source: str) -> Secret:
    """Return a source's secret; raise SourceRefused, naming the variable, when there is none."""
    name = variable(source)
    found = os.environ.get(name, "").strip()
    if not found:
        raise SourceRefused(f"this source signs in: put its secret into the environment variable {name}")
    return Secret(name, found)
