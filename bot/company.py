"""What the company lays down for itself: its groups, rubric and measures in the state folder, its people in the settings."""

import tomllib
from typing import TYPE_CHECKING

from bot.access import member
from bot.errors import SettingsRefused
from bot.model import Asker
from bot.rubric import Rubric, ours
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.scale import Scale


def someone(settings: Settings, user: str) -> Asker:
    """Return a user as the company's own list of groups knows them: `groups.toml` in the state folder."""
    return member(user, groups(settings))


def groups(settings: Settings) -> dict[str, frozenset[str]]:
    """Read the company's groups: a `[groups]` table of name to list of user ids; no file means no one is known."""
    path = settings.state / "groups.toml"
    if not path.is_file():
        return {}
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("groups", {})
        return {str(name): frozenset(map(str, people)) for name, people in rows.items()}
    except (tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
        raise SettingsRefused(
            "groups.toml in the state folder cannot be read: it needs a [groups] table of lists"
        ) from error


def is_admin(settings: Settings, user: str, team: str = "") -> bool:
    """Tell whether CAVEAT_ADMINS names a user, by the id alone or, as TEAM/USER, in that workspace alone."""
    return _names(settings.admins, user, team)


def is_reviewer(settings: Settings, user: str, team: str = "") -> bool:
    """Tell whether a user may decide about matches and vendors: CAVEAT_REVIEWERS names him, or he is an administrator."""
    return _names(settings.reviewers, user, team) or is_admin(settings, user, team)


def _names(setting: str, user: str, team: str) -> bool:
    named = setting.replace(",", " ").split()
    return user in named or bool(team and f"{team}/{user}" in named)


def rubric(settings: Settings) -> Rubric:
    """Return the company's rubric, `rubric.yaml` in the state folder, over ours."""
    file = settings.state / "rubric.yaml"
    return ours().overridden(file) if file.is_file() else ours()


def scale(settings: Settings) -> "Scale":
    """Return the company's table of measures, `card.yaml` in the state folder, over ours."""
    from bot.scale import ours

    file = settings.state / "card.yaml"
    return ours().overridden(file) if file.is_file() else ours()
