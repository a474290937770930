"""The perfect reader: it knows which passages answer, quotes their deciding sentence, and says so when it was shown none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.cases import Case
from bot.evaluate import answers
from tests.servers.model.honest import Claim, dumps, faithful
from tests.servers.model.request import Passage, Task
from tests.servers.model.sentences import Sentence, ranked


@dataclass(frozen=True, slots=True)
class Reader:
    """Answers labelled questions from the gold passages that it is shown, and from nothing else.

    What it leaves unanswered was not found, not shown, or refused before it was asked: it measures everything around a model.
    """

    cases: Mapping[str, Case]
    limit: int = 3

    def write(self, task: Task) -> str:
        """Answer a task."""
        return dumps(list(self._claims(task))[: self.limit])

    def _claims(self, task: Task) -> Iterator[Claim]:
        case = self.cases.get(task.question)
        for passage in task.passages if case else ():
            if answers(passage.citation, case.gold):
                yield from (faithful(one) for one in _deciding(task, passage, case))


def _deciding(task: Task, passage: Passage, case: Case) -> list[Sentence]:
    """Return the sentence of a passage that says the deciding fact, else the one nearest to the question."""
    mine = [one for one in ranked(task) if one.passage is passage]
    said = [
        one
        for one in mine
        if any(" ".join(fact.lower().split()) in " ".join(one.text.lower().split()) for fact in case.must)
    ]
    return (said or mine)[:1]
