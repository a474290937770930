"""A local language model for tests: a real HTTP server that answers as OpenAI-compatible servers do, or as they fail."""

from tests.servers.model.completion import Completion
from tests.servers.model.faults import FAULTS, RETRY_AFTERS, Fault, in_seconds
from tests.servers.model.honest import Claim, Honest, Says, Writer
from tests.servers.model.hostile import HOSTILITIES, LIES, Hostile
from tests.servers.model.links import LINKS
from tests.servers.model.picky import PICKY, Picky
from tests.servers.model.reader import Reader
from tests.servers.model.recorded import Recorded, recorded_claims, recorded_words
from tests.servers.model.request import Call, Passage, Task
from tests.servers.model.rewording import Echo, Insists, Rewording, Rewords
from tests.servers.model.server import Model

__all__ = [
    "FAULTS",
    "HOSTILITIES",
    "LIES",
    "LINKS",
    "PICKY",
    "RETRY_AFTERS",
    "Call",
    "Claim",
    "Completion",
    "Echo",
    "Fault",
    "Honest",
    "Hostile",
    "Insists",
    "Model",
    "Passage",
    "Picky",
    "Reader",
    "Recorded",
    "Rewording",
    "Rewords",
    "Says",
    "Task",
    "Writer",
    "in_seconds",
    "recorded_claims",
    "recorded_words",
]
