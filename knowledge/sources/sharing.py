"""Whom a permission lets read, as Microsoft Graph and as Google Drive write permissions: links let in nobody here."""

import re
from collections.abc import Mapping
from typing import Any

from knowledge.sources.audience import EVERYBODY, NOBODY, STAFF, Audience, Readers, expired

GRAPH_ROLES = frozenset({"read", "write", "owner"})
GOOGLE_ROLES = frozenset({"owner", "organizer", "fileOrganizer", "writer", "commenter", "reader"})
Permission = Mapping[str, Any]
_MEMBER = "i:0#.f|membership|"
_EVERYBODY = re.compile(r"c:0\(\.s\|true\Z|c:0-\.f\|rolemanager\|spo-grid-all-users/")
"""How SharePoint writes everyone, and everyone except external users, as a login name."""


def graph_readers(permission: Permission, audience: Audience, source: str) -> Readers:
    """Return whom a permission of a drive item lets read; a sharing link lets in only the people whom it names."""
    if not GRAPH_ROLES & set(permission.get("roles") or ()) or expired(permission.get("expirationDateTime")):
        return NOBODY
    if permission.get("link"):
        named = permission.get("grantedToIdentitiesV2") or []
    else:
        named = [permission.get("grantedToV2") or {}]
    return NOBODY.union(*(_graph_identity(one, audience, source) for one in named))


def _graph_identity(identity: Permission, audience: Audience, source: str) -> Readers:
    site_user = identity.get("siteUser") or {}
    login = str(site_user.get("loginName") or "")
    if _EVERYBODY.match(login):
        return STAFF
    if identity.get("siteGroup"):
        return _site_group(str(identity["siteGroup"].get("displayName") or ""), audience, source)
    if identity.get("group"):
        return _directory_group(identity["group"], login, audience)
    if login.startswith("c:0"):
        return _directory_group({"id": login.rpartition("|")[2]}, login, audience)
    person = identity.get("user") or {}
    return audience.user(str(person.get("email") or site_user.get("email") or login.removeprefix(_MEMBER)))


def _site_group(title: str, audience: Audience, source: str) -> Readers:
    """Return a group that exists in one site only, and so under the source's name; a blank is written as a plus."""
    return NOBODY if not title or "+" in title else audience.group(f"{source}.{title.replace(' ', '+')}")


def _directory_group(group: Permission, login: str, audience: Audience) -> Readers:
    """Return a group by address or object id; a login name that ends in `_o` means its owners only: another group."""
    identity = str(group.get("id") or "")
    if login.endswith("_o"):
        return audience.group(f"{identity.removesuffix('_o')}_o")
    return audience.group(str(group.get("email") or "").lower(), identity)


def google_readers(permission: Permission, audience: Audience) -> Readers:
    """Return whom a permission of a file lets read; one that is found only by its link lets in nobody."""
    ended = permission.get("deleted") or expired(permission.get("expirationTime"))
    if permission.get("role") not in GOOGLE_ROLES or ended or permission.get("view") or _cut_off(permission):
        return NOBODY
    found = permission.get("allowFileDiscovery") is True
    address = str(permission.get("emailAddress") or "").lower()
    match permission.get("type"):
        case "user":
            return audience.user(address)
        case "group":
            return audience.group(address)
        case "domain" if found:
            return audience.group(str(permission.get("domain") or "").lower())
        case "anyone" if found:
            return EVERYBODY
    return NOBODY


def _cut_off(permission: Permission) -> bool:
    """Tell whether a permission is inherited where inheritance was switched off, so that only managers still read."""
    if not permission.get("inheritedPermissionsDisabled") or permission.get("role") in {"owner", "organizer"}:
        return False
    return all(one.get("inherited") for one in permission.get("permissionDetails") or [])
