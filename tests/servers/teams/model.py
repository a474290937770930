"""The people, conversations and messages of the local Teams."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
HOME = "11111111-aaaa-4aaa-8aaa-000000000001"
"""The tenant in which the app is registered."""
ELSEWHERE = "22222222-bbbb-4bbb-8bbb-000000000002"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by the id that Teams gives him and by his object id in Entra; `role` is user, guest or anonymous."""

    name: str
    id: str
    object: str
    tenant: str = HOME
    role: str = "user"

    @property
    def account(self) -> Json:
        """Show him as the sender of an activity."""
        return {"id": self.id, "name": self.name, "aadObjectId": self.object}

    @property
    def member(self) -> Json:
        """Show him as the roster does."""
        address = f"{self.name.lower()}@example.test"
        return {
            "id": self.id, "objectId": self.object, "aadObjectId": self.object, "name": self.name, "email": address,
            "userPrincipalName": address, "tenantId": self.tenant, "userRole": self.role,
        }  # fmt: skip


@dataclass(slots=True)
class Message:
    """What the bot wrote, as it stands; `body` is the activity as it was last sent."""

    id: str
    conversation: str
    body: Json
    edits: int = 0
    deleted: bool = False
    only: str = ""
    """The one person who sees it, where it is a targeted message."""

    @property
    def text(self) -> str:
        """Give the text, empty where there is only a card."""
        return str(self.body.get("text") or "")

    @property
    def cards(self) -> list[Json]:
        """List the contents of its Adaptive Cards."""
        return [one["content"] for one in self.body.get("attachments") or []]


@dataclass(slots=True)
class Conversation:
    """A place where people and the bot write: `kind` is personal, groupChat or channel."""

    id: str
    kind: str
    people: list[Person] = field(default_factory=list)
    tenant: str = HOME
    installed: bool = True
    channel_type: str = ""
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class Stream:
    """A message that is being written: what was shown of it, when it began, and whether it may still go on."""

    id: str
    conversation: str
    began: float
    last: float
    sequence: int = 1
    text: str = ""
    over: str = ""


class Refused(Exception):
    """A request that the service does not take: the HTTP status, the error's code and its words."""

    def __init__(self, status: int, code: str, words: str = "") -> None:
        super().__init__(f"{status} {code}: {words}")
        self.status, self.code, self.words = status, code, words
