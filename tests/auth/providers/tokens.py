"""Somebody who signs tokens, well and badly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class Signer:
    """An RSA key with an id, and the claims of a good token."""

    def __init__(self, kid: str = "k1", **claims: Any) -> None:
        self.kid = kid
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims = claims

    @property
    def published(self) -> dict[str, Any]:
        """The key set that the issuer publishes."""
        return {"keys": [self.jwk]}

    @property
    def jwk(self) -> dict[str, Any]:
        return {**RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": self.kid, "use": "sig"}

    @property
    def pem(self) -> bytes:
        public = self.key.public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def token(self, *, kid: str | None = "", **claims: Any) -> str:
        """A signed token; claims that are None are left out."""
        merged = {"exp": int(time.time()) + 600, **self.claims, **claims}
        headers = {} if kid is None else {"kid": kid or self.kid}
        payload = {name: value for name, value in merged.items() if value is not None}
        return jwt.encode(payload, self.key, algorithm="RS256", headers=headers)

    def unsigned(self, **claims: Any) -> str:
        """`alg: none`, with the id of the real key."""
        return f"{self._part({'alg': 'none', 'kid': self.kid})}.{self._payload(claims)}."

    def with_public_key_as_secret(self, **claims: Any) -> str:
        """HS256, whose secret is the key that everybody knows."""
        signed = f"{self._part({'alg': 'HS256', 'kid': self.kid})}.{self._payload(claims)}"
        digest = hmac.new(self.pem, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def _payload(self, claims: dict[str, Any]) -> str:
        return self._part({"exp": int(time.time()) + 600, **self.claims, **claims})

    @staticmethod
    def _part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
