"""The error family of the knowledge base.

KnowledgeError
├── NothingPublished      no edition exists yet
├── DocumentRefused       a document lacks what a citation needs, or cannot be read
├── PassedOver            a file is no document: a schema, a sidecar, a list of files
├── ListRefused           a screening list is cut off, of another format, or no list at all
├── SourceUnreachable     a whole source could not be listed
├── SourceRefused         a source was configured in a way that cannot work
├── RefreshRefused        the gates stopped a suspicious edition
├── RefreshRunning        another refresh holds the lease
├── InstallUnreadable     an installation was encrypted with a key that is not set any more
├── ListsUnavailable      the index of the screening lists can be neither read nor built here
└── VectorsUnavailable    the vector store cannot answer now
    └── SegmentsDamaged   some of its segments are missing or not whole

Messages are written for administrators and never hold a foreign exception's text.
"""


class KnowledgeError(Exception):
    """Anything that goes wrong in the knowledge base."""


class NothingPublished(KnowledgeError):
    """No edition has been published in this state folder."""


class DocumentRefused(KnowledgeError):
    """A document cannot be used: a field is missing, a value is not allowed, or its bytes cannot be read."""


class PassedOver(KnowledgeError):
    """A file is no document, so that leaving it out is no failure; the message says what it is."""


class ListRefused(KnowledgeError):
    """A screening list cannot be taken as it came; the message says what is wrong with it, in a clause."""


class SourceUnreachable(KnowledgeError):
    """A source could not be listed, so nothing is known about its documents."""


class SourceRefused(KnowledgeError):
    """A source's settings cannot work."""


class RefreshRefused(KnowledgeError):
    """The new edition failed a gate and was not published."""


class RefreshRunning(KnowledgeError):
    """Another refresh is at work."""


class InstallUnreadable(KnowledgeError):
    """No key that is set opens a workspace's installation."""

    def __init__(self) -> None:
        super().__init__(
            "an installation cannot be read with the keys that are set: set the key that was there before as well, or install again"
        )


class ListsUnavailable(KnowledgeError):
    """The names of the lists in service can be neither opened nor built on this machine."""


class VectorsUnavailable(KnowledgeError):
    """The vector store cannot answer now."""


class SegmentsDamaged(VectorsUnavailable):
    """Some segments are missing or not whole; `names` says which."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__("some vector segments did not pass their check from a fresh process")
        self.names = names
