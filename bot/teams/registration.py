"""Who we are to Teams, and whom we believe: the app's own ids, the tenants and the hosts that are let in."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from bot.errors import SettingsRefused
from bot.settings import Settings

CHANNEL = "msteams"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Registration:
    """The app as it is registered in Entra; `tenants` may ask, and only `hosts` are ever written to.

    `unchecked` takes what comes without looking at its signature, for a service on this machine.
    """

    client_id: str
    secret: str
    tenant: str
    tenants: frozenset[str]
    hosts: frozenset[str]
    login_url: str
    keys_url: str
    unchecked: bool = False

    def serves(self, url: str) -> bool:
        """Tell whether an address is one of the service's: over TLS, but on this machine, and no other host or user in it."""
        try:
            parts = urlsplit(url)
            host, known = parts.hostname or "", parts.netloc.lower() in self.hosts
        except ValueError:
            return False
        return known and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))

    def admits(self, activity: Mapping[str, Any]) -> bool:
        """Tell whether an activity is of Teams, of a host and of a tenant that are let in; what is missing is not."""
        if activity.get("channelId") != CHANNEL or not self.serves(str(activity.get("serviceUrl") or "")):
            return False
        named = {tenant for tenant in tenants_of(activity) if tenant}
        return bool(named) and named <= self.tenants


def tenants_of(activity: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tenants that an activity names for itself."""
    conversation, data = activity.get("conversation"), activity.get("channelData")
    tenant = data.get("tenant") if isinstance(data, Mapping) else None
    return (
        str(conversation.get("tenantId") or "") if isinstance(conversation, Mapping) else "",
        str(tenant.get("id") or "") if isinstance(tenant, Mapping) else "",
    )


def registered(settings: Settings) -> Registration | None:
    """Return who we are to Teams, None where it is not set up; raise SettingsRefused where that is so by half, or is open."""
    secret = settings.teams_client_secret.get_secret_value()
    given = (settings.teams_client_id, secret, settings.teams_tenant_id)
    if not any(given) and not settings.teams_unchecked:
        return None
    hosts = frozenset(filter(None, settings.teams_hosts.lower().replace(",", " ").split()))
    if settings.teams_unchecked and not (
        settings.host in LOOPBACK and all(urlsplit(f"//{host}").hostname in LOOPBACK for host in hosts)
    ):
        raise SettingsRefused(
            "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS is for this machine alone: CAVEAT_HOST and CAVEAT_TEAMS_HOSTS must"
            " be loopback addresses"
        )
    if not (all(given) or (settings.teams_unchecked and settings.teams_tenant_id)):
        raise SettingsRefused("Teams is set up by half: CLIENT_ID, CLIENT_SECRET and TENANT_ID belong together")
    if find_spec("microsoft_teams") is None:
        raise SettingsRefused("Teams is set up, and its SDK is not installed: pip install '.[teams]' installs it")
    others = settings.teams_tenants.replace(",", " ").split()
    return Registration(
        settings.teams_client_id, secret, settings.teams_tenant_id, frozenset({settings.teams_tenant_id, *others}), hosts,
        settings.teams_login_url.rstrip("/"), settings.teams_keys_url, settings.teams_unchecked,
    )  # fmt: skip
