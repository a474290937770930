"""A real language model's replies, read from `tests/data`: other words for questions, and claims from what was found for them.

An assistant model of late 2026 wrote them on 2026-11-28, in the place of the model behind the API: it was told the two prompts
of `bot.prompt` and given their user messages, many one after the other, and opened nothing else. `model_words.jsonl` has its
words for every question of `answers.jsonl` and `answers_law.jsonl`, every follow-up of `fresh_threads.jsonl` with those before
it, and its stand-alone form; `model_claims.jsonl` its claims from the passages that were found with these words, none where it
declined.

No weight was fitted on them. How other words are joined with the question's own (`knowledge.widened`) was chosen by hand on those
of `answers.jsonl`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.model.honest import Claim, dumps
from tests.servers.model.request import Task
from tests.servers.model.rewording import Rewords

DATA = Path(__file__).parents[2] / "data"
UNSHOWN = "P0"
"""The id that stands for a passage which it was shown when it wrote and is not shown now."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A claim as it was written down: its passage is known by citation and quote, since ids change with what is found."""

    text: str
    citation: str
    quote: str

    def of(self, task: Task) -> Claim:
        """Return the claim with the id of its passage; where that is not shown its id is none of the ids that were given."""
        holding = [passage for passage in task.passages if self.quote in passage.text]
        mine = next((passage for passage in holding if passage.citation == self.citation), None)
        return Claim(self.text, mine.id if mine else UNSHOWN, self.quote)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Writes for each question the claims that the model wrote for it, and none for those that it was never asked."""

    claims: Mapping[str, Sequence[Quoted]]

    def write(self, task: Task) -> str:
        """Answer a task."""
        return dumps(one.of(task) for one in self.claims.get(task.question, ()))


def recorded_words() -> Rewords:
    """Read the words that were written down, by thread."""
    rows = _rows("model_words.jsonl")
    return Rewords({(*row["earlier"], row["question"]): (row["as"], tuple(row["terms"])) for row in rows})


def recorded_claims() -> Recorded:
    """Read the claims that were written down, by question."""
    return Recorded({row["question"]: [Quoted(**one) for one in row["claims"]] for row in _rows("model_claims.jsonl")})


def _rows(name: str) -> Iterator[dict[str, Any]]:
    return map(json.loads, (DATA / name).read_text("utf-8").splitlines())
