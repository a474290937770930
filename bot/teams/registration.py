"""Who we are to Teams, and whom we believe: the app's own ids, the tenants and the hosts that are let in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

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
