"""What people do with an answer in Slack, in one place: read its evidence, judge it, ask an owner, decide, take it along."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from slack_bolt.async_app import AsyncApp

from bot.deciding import Deciding
from bot.handing import Handing
from bot.jobs import Jobs
from bot.slack import decisions, evidence, feedback, owners, window
from bot.slack.errands import Work
from bot.slack.gate import Gate
from knowledge.store.feedback import Feedback


@dataclass(frozen=True, slots=True)
class Acts:
    """Does what the buttons below an answer say."""

    gate: Gate
    deciding: Deciding
    feedback: Feedback
    handing: Handing

    @property
    def works(self) -> dict[str, Work]:
        """What is done for each `do` of a payload."""
        return {
            **evidence.works(self.gate),
            **feedback.works(self.gate, self.feedback),
            **owners.works(self.gate, self.handing),
            **decisions.works(self.gate, self.deciding),
            **window.works(),
        }


def register_acts(
    app: AsyncApp, jobs: Jobs, may_rule: Callable[[str, str], bool], until: Callable[[date], date]
) -> None:
    """Attach the buttons below answers and cards; `until` gives the last day of a decision that says none."""
    evidence.register(app, jobs)
    feedback.register(app, jobs)
    owners.register(app, jobs)
    decisions.register(app, jobs, may_rule, until)
