"""The keys of the local service: activities are signed as the Bot Framework signs them, or badly where a test says so."""

import base64
import hmac
import time
from functools import cache
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://api.botframework.com"
KID = "local-1"


@cache
def pair(name: str) -> rsa.RSAPrivateKey:
    """Make a key pair once; only the one named good is published."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwks() -> dict[str, Any]:
    """Publish the good key."""
    public = RSAAlgorithm.to_jwk(pair("good").public_key(), as_dict=True)
    return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256", "endorsements": ["msteams"]}]}


def sign(audience: str, service_url: str, *, key: str = "good", kid: str = KID, **claims: Any) -> str:
    """Sign a token; a claim that is None is left out."""
    now = int(time.time())
    whole = {
        "iss": ISSUER, "aud": audience, "serviceurl": service_url, "nbf": now - 5, "iat": now, "exp": now + 3600, **claims,
    }  # fmt: skip
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, pair(key), algorithm="RS256", headers={"kid": kid})


def unsigned(audience: str, service_url: str) -> str:
    """Make a token with the algorithm none."""
    head, body, _ = sign(audience, service_url).split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{none}.{body}." if head else ""


def keyed(audience: str, service_url: str) -> str:
    """Make a token that is signed by HMAC with the published key as its secret."""
    body = sign(audience, service_url).split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT","kid":"local-1"}').rstrip(b"=").decode()
    secret = jwks()["keys"][0]["n"].encode()
    seal = hmac.new(secret, f"{head}.{body}".encode(), sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"
