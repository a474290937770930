"""Which addresses a source may be read from: public ones, and hosts that an administrator has allowed by name."""

import ipaddress
import socket

from knowledge.errors import SourceUnreachable

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def addresses(host: str, port: int, private_hosts: frozenset[str]) -> list[str]:
    """Return the addresses of a host that may be connected to; raise SourceUnreachable when there is none.

    The caller must connect to one of these very addresses: a name may mean another one a moment later.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachable(f"the host {host[:100]} cannot be found") from error
    all_of_them = list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))
    if host.lower() in private_hosts:
        return all_of_them
    if not all(public(address) for address in all_of_them):
        raise SourceUnreachable(
            f"the host {host[:100]} has a private address, which is not read; an administrator can allow it by name"
            " (CAVEAT_PRIVATE_HOSTS)"
        )
    return all_of_them


def public(address: str) -> bool:
    """Tell whether an address is one of the public network, also behind IPv6 forms that carry an IPv4 address."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is None and parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return public(str(inner))
    return parsed.is_global and not parsed.is_multicast
