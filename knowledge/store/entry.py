"""What a shelf holds of one passage."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What a shelf holds of one passage: `header` is its citation, headings, title, aliases and vendors as one text.

    `body` is what is searched of its words: the opening words that it hangs on, then its text. `text_hash` hashes
    exactly what is embedded (heading and body), so that an unchanged text is never embedded twice; `key` hashes all that
    a shelf holds of it. `document_id` and `start` say which passages stand side by side; where the text moves within its
    document they stay as they were when the shelf was built.
    """

    passage_id: str
    heading: str
    body: str
    header: str
    document_id: str = ""
    start: int = 0

    @property
    def embedded(self) -> str:
        """The text that is embedded."""
        return embedded(self.heading, self.body)

    @property
    def text_hash(self) -> str:
        """The hash under which its vector is kept."""
        return text_hash(self.heading, self.body)

    @property
    def key(self) -> str:
        """The hash of everything that a shelf holds of the passage."""
        return hashlib.sha256(f"{self.passage_id}\x1f{self.header}\x1f{self.text_hash}".encode()).hexdigest()[:32]


def embedded(heading: str, body: str) -> str:
    """Return what is embedded of a passage."""
    return f"{heading}\n{body}" if heading else body


def text_hash(heading: str, body: str) -> str:
    """Hash what is embedded of a passage."""
    return hashlib.sha256(embedded(heading, body).encode()).hexdigest()[:32]
