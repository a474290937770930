"""Signing in to Google: as a service account with its key, or as a person who agreed once."""

import importlib
import time
from typing import Any

from knowledge.errors import SourceRefused
from knowledge.sources.account import Issued
from knowledge.sources.credentials import Secret
from knowledge.sources.http import Http

TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret
SCOPE = "https://www.googleapis.com/auth/drive.readonly"
_LASTS = 3600
"""Seconds for which an assertion is good; Google takes no longer ones."""


def sign_in(kept: Secret, http: Http) -> Issued:
    """Return what signs requests; raise SourceRefused when the secret is neither kind, or its key cannot be used."""
    fields = kept.fields()
    if fields.get("type") == "service_account":
        return _service_account(kept, http)
    fields = kept.fields("client_id", "client_secret", "refresh_token")
    form = {"grant_type": "refresh_token"} | {
        name: fields[name] for name in ("client_id", "client_secret", "refresh_token")
    }
    return Issued(http, fields.get("token_uri", TOKEN), lambda: form, kept.variable)


def _service_account(kept: Secret, http: Http) -> Issued:
    """Sign in with a key; `subject` in it is the person in whose name files are read, by domain-wide delegation."""
    fields = kept.fields("client_email", "private_key")
    url = fields.get("token_uri", TOKEN)
    jwt = _jwt()

    def form() -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": fields["client_email"], "scope": SCOPE, "aud": url, "iat": now, "exp": now + _LASTS}
        claims |= {"sub": fields["subject"]} if fields.get("subject") else {}
        headers = {"kid": fields["private_key_id"]} if fields.get("private_key_id") else None
        try:
            signed = jwt.encode(claims, fields["private_key"], algorithm="RS256", headers=headers)
        except (ValueError, TypeError, NotImplementedError, jwt.PyJWTError) as error:
            raise SourceRefused(
                f"the private key in {kept.variable} cannot be used: paste the key file whole"
            ) from error
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": str(signed)}

    form()
    return Issued(http, url, form, kept.variable)


def _jwt() -> Any:
    """Import PyJWT with its RSA part, which only service accounts need and which is an extra therefore."""
    try:
        importlib.import_module("cryptography")
        return importlib.import_module("jwt")
    except ImportError as error:
        raise SourceRefused(
            "a service account's key needs PyJWT: install caveat[drive], or use client_id, client_secret and refresh_token"
        ) from error
