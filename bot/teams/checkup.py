"""Whether Teams is set up, for `caveat doctor`; no secret is ever told."""

from collections.abc import Iterator

from bot.errors import SettingsRefused
from bot.settings import Settings
from bot.teams.registration import registered


def checked(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield what was looked at, its state (ok, off or bad), and what that means."""
    try:
        registration = registered(settings)
    except SettingsRefused as refused:
        yield "teams", "bad", str(refused)
        return
    if registration is None:
        yield "teams", "off", "not set up: set CLIENT_ID, CLIENT_SECRET and TENANT_ID"
    else:
        yield "teams", "ok", f"tenants {', '.join(sorted(registration.tenants))}"
