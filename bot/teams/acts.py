"""What people do with an answer in Teams, in one place: read its evidence, judge it, ask an owner, decide."""

from collections.abc import Mapping

from bot.deciding import Deciding
from bot.handing import Handing
from bot.teams import evidence, opinions, owners
from bot.teams.access import Access
from bot.teams.decisions import Decisions
from bot.teams.ways import Act
from knowledge.store.feedback import Feedback


def acts(access: Access, deciding: Deciding, feedback: Feedback, handing: Handing) -> Mapping[str, Act]:
    """Return what is done for each `do` of a payload."""
    return {
        **evidence.works(access),
        **opinions.works(access, feedback),
        **owners.works(access, handing),
        **Decisions(access, deciding).works,
    }
