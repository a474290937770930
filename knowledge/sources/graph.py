"""Microsoft Graph: pages, deltas and batches, asked in the name of one account."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.errors import SourceUnreachable
from knowledge.sources.account import NONE, Account, content, same_place
from knowledge.sources.http import Reply

BATCH = 20
"""Requests that Graph takes in one batch."""
PAGES = 5_000
_DELTA = {"deltaExcludeParent": "true"}
"""Without it each change brings all folders above it, as if they had changed too."""
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What a delta told: the latest state of each item by id, and the link to ask with next time."""

    items: dict[str, Item]
    link: str


class Graph:
    """Asks Graph below `base`; what it answers with links is followed only where they lead back to it."""

    def __init__(self, account: Account, base: str) -> None:
        self._account = account
        self.base = base

    def get(self, path: str) -> Reply:
        """Return the reply to a path, of any status but 401."""
        return self._account.get(f"{self.base}{path}")

    def ask(self, what: str, path: str) -> Item:
        """Return the object at a path; raise SourceUnreachable in words where there is none for us."""
        return self._account.ask(what, f"{self.base}{path}")

    def values(self, what: str, path: str) -> Iterator[Item]:
        """Return all that a path lists, over all its pages."""
        link = f"{self.base}{path}"
        while link:
            page = self._account.read(what, self._follow(link))
            yield from page.get("value") or []
            link = str(page.get("@odata.nextLink") or "")

    def delta(self, link: str) -> Told | None:
        """Follow a delta to its end, the last state of an item winning; None when the link has expired."""
        items: dict[str, Item] = {}
        for _ in range(PAGES):
            reply = self._follow(link, _DELTA)
            if reply.status == 410:
                return None
            page = self._account.read("the library", reply)
            items.update((str(item["id"]), item) for item in page.get("value") or [] if "root" not in item)
            if page.get("@odata.deltaLink"):
                return Told(items, str(page["@odata.deltaLink"]))
            link = str(page.get("@odata.nextLink") or "")
            if not link:
                break
        raise SourceUnreachable("the library's listing did not come to an end; the next refresh tries again")

    def permissions(self, paths: Sequence[str]) -> Iterator[list[Item] | None]:
        """Return the permissions of the item at each path, in order; None where they may not be read."""
        for start in range(0, len(paths), BATCH):
            asked = [f"{path}/permissions" for path in paths[start : start + BATCH]]
            answers = self._batch(asked)
            yield from (self._answer(path, answers.get(str(number))) for number, path in enumerate(asked))

    def _batch(self, paths: Sequence[str]) -> dict[str, Item]:
        requests = [{"id": str(number), "method": "GET", "url": path} for number, path in enumerate(paths)]
        reply = self._account.post(f"{self.base}/$batch", {"requests": requests})
        answers = self._account.read("the files' permissions", reply).get("responses") or []
        return {str(one.get("id")): one for one in answers}

    def _answer(self, path: str, answer: Item | None) -> list[Item] | None:
        """Return what a batch answered for one path; what it could not answer just then is asked for alone."""
        page = answer.get("body") if answer and answer.get("status") == 200 else None
        if page is None:
            reply = self.get(path)
            if reply.status not in {200, 403, 404}:
                self._account.read("the files' permissions", reply)
            page = content(reply) if reply.status == 200 else None
        if not isinstance(page, dict) or not isinstance(page.get("value"), list):
            return None
        onward = str(page.get("@odata.nextLink") or "").removeprefix(self.base)
        return [*page["value"], *(self.values("a file's permissions", onward) if onward else ())]

    def _follow(self, link: str, headers: Mapping[str, str] = NONE) -> Reply:
        if not same_place(link, self.base):
            raise SourceUnreachable("the service sent a link that leads elsewhere; it was not followed")
        return self._account.get(link, headers=headers)
