"""Signed tokens of somebody else (JWT), checked with the keys he publishes: the base of several providers, and `oidc`.

Algorithms, audience and issuer are the operator's, never the token's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import jwt

from parse_auth.exchange import Exchange
from parse_auth.providers.base import Misconfigured, NotProved, Provider, Settings, register
from parse_core.values.scalars import Document, Json

RS256: Final = ("RS256",)
ASYMMETRIC: Final = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
)
REFETCH_SECONDS: Final = 60.0


class KeySet:
    """The published keys of one URL. A key that is not there is looked for again, at most once a minute."""

    def __init__(self, exchange: Exchange, url: str, *, entries: int, seconds: float) -> None:
        self._exchange, self.url = exchange, url
        self._entries, self._seconds = entries, seconds
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = -REFETCH_SECONDS - seconds
        self._lock = threading.Lock()

    def key(self, kid: Json) -> jwt.PyJWK:
        """The key with this id. Raises `NotProved` (101)."""
        with self._lock:
            age = time.monotonic() - self._fetched
            known = self._keys.get(kid) if isinstance(kid, str) else None
            if age > self._seconds or (known is None and age > REFETCH_SECONDS):
                self._fetch()
                known = self._keys.get(kid) if isinstance(kid, str) else None
        if known is None:
            raise NotProved(f"Unable to find matching key for Key ID: {'undefined' if kid is None else kid}")
        return known

    def _fetch(self) -> None:
        reply = self._exchange.get(self.url)
        published = reply.json.get("keys") if reply.ok else None
        if not isinstance(published, list):
            return
        found: dict[str, jwt.PyJWK] = {}
        for entry in published[: max(self._entries, 1) * 20]:
            if (
                isinstance(entry, dict)
                and isinstance(entry.get("kid"), str)
                and entry.get("kty") in ("RSA", "EC", "OKP")
            ):
                try:
                    found[entry["kid"]] = jwt.PyJWK(entry, algorithm=entry.get("alg") or _algorithm(entry))
                except jwt.PyJWTError:
                    continue
        self._keys, self._fetched = found, time.monotonic()


class SignedToken(Provider):
    """`{"id": …, <token_field>: "<JWT>"}`; subclasses name who issues and where his keys are."""

    label: ClassVar[str]
    token_field: ClassVar[str] = "id_token"  # noqa: S105 - a key
    keys_url: ClassVar[str] = ""
    issuers: Sequence[str] = ()
    audience_option: ClassVar[str] = "clientId"
    expected: ClassVar[str] = "correct OpenID provider"
    issuer_text: ClassVar[str] = ""
    answers_unconfigured = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.exchange = Exchange(self.label, self.options.get("baseUrls"))
        self.key_set = self.keys(self.keys_url)

    def verify(self, data: Document) -> Document:
        audience = self.audience()
        if not audience:
            raise NotProved(f"{self.label} auth is not configured.")
        claims = self.claims(data.get(self.token_field), audience)
        self.check_issuer(claims)
        if not data.get("id") or claims.get("sub") != data.get("id"):
            raise NotProved("auth data is invalid for this user.")
        return data

    def keys(self, url: str) -> KeySet:
        """The keys at an address, remembered as the options say."""
        entries, milliseconds = self.options.get("cacheMaxEntries"), self.options.get("cacheMaxAge")
        return KeySet(
            self.exchange,
            url,
            entries=int(entries) if isinstance(entries, int) else 5,
            seconds=milliseconds / 1000 if isinstance(milliseconds, int | float) else 3600,
        )

    def audience(self) -> list[str]:
        """The applications whose tokens count."""
        value = self.options.get(self.audience_option)
        given = value if isinstance(value, list | tuple) else [value]
        return [entry for entry in given if isinstance(entry, str) and entry]

    def claims(self, token: Json, audience: Sequence[str] | None, algorithms: Sequence[str] = RS256) -> Document:
        """What a token says, if its signature and its times hold. Raises `NotProved` (101)."""
        if not isinstance(token, str) or not token:
            raise NotProved("id token is invalid for this user.")
        header = _header(token)
        key = self.key_set.key(header.get("kid"))
        if header.get("alg") not in algorithms:
            raise NotProved("jwt signature is required" if token.endswith(".") else "invalid algorithm")
        return decoded(token, key, audience, algorithms)

    def check_issuer(self, claims: Document) -> None:
        if claims.get("iss") not in self.issuers:
            wanted = " or ".join(self.issuers)
            raise NotProved(f"id token not issued by {self.expected} - expected: {wanted} | from: {claims.get('iss')}")


def decoded(token: str, key: Any, audience: Sequence[str] | None, algorithms: Sequence[str]) -> Document:
    """The claims of a token signed with a key. Raises `NotProved` (101) with the reason."""
    options: Any = {"verify_aud": audience is not None, "require": ["exp"]}
    try:
        claims: Document = jwt.decode(token, key, algorithms=list(algorithms), audience=audience, options=options)
    except jwt.ExpiredSignatureError:
        raise NotProved("jwt expired") from None
    except jwt.ImmatureSignatureError:
        raise NotProved("jwt not active") from None
    except jwt.InvalidAlgorithmError:
        raise NotProved("invalid algorithm") from None
    except jwt.InvalidSignatureError:
        raise NotProved("invalid signature") from None
    except (jwt.InvalidAudienceError, jwt.MissingRequiredClaimError) as error:
        if isinstance(error, jwt.MissingRequiredClaimError) and error.claim != "aud":
            raise NotProved("jwt malformed") from None
        raise NotProved(f"jwt audience invalid. expected: {' or '.join(audience or ())}") from None
    except (jwt.PyJWTError, TypeError, ValueError):
        raise NotProved("jwt malformed") from None
    return claims


def _header(token: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError):
        raise NotProved("provided token does not decode as JWT") from None


def _algorithm(entry: Mapping[str, Any]) -> str:
    """What a key without the name of an algorithm is for."""
    curves = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
    return {"RSA": "RS256", "OKP": "EdDSA"}.get(str(entry.get("kty")), curves.get(str(entry.get("crv")), "ES256"))


@register
class OpenIdConnect(SignedToken):
    """Any OpenID provider: `{"id": <sub>, "id_token": "<JWT>", "nonce"?: "…"}`.

    Options: `issuer`, which is asked for its keys, or `jwksUri`; `clientId` (a text or several), `algorithms`, and
    `claims` that tokens must carry (`{"hd": "example.com"}`, a list for one of several).
    """

    name = "oidc"
    label = "OpenID Connect"
    answers_unconfigured = False

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.issuers = (str(self.required("issuer", "OpenID Connect issuer is required.")),)
        self.required("clientId", "OpenID Connect clientId is required.")
        algorithms = self.options.get("algorithms") or RS256
        if not isinstance(algorithms, list | tuple) or not ASYMMETRIC.issuperset(algorithms):
            raise Misconfigured(f"OpenID Connect algorithms must be among: {', '.join(sorted(ASYMMETRIC))}")
        self.algorithms = tuple(algorithms)
        self.discovered = threading.Lock()
        self.key_set = self.keys(str(self.options.get("jwksUri") or ""))

    def claims(self, token: Json, audience: Sequence[str] | None, algorithms: Sequence[str] = RS256) -> Document:
        self._discover()
        return super().claims(token, audience, self.algorithms)

    def verify(self, data: Document) -> Document:
        verified = super().verify(data)
        claims = jwt.decode(data[self.token_field], options={"verify_signature": False})  # checked a line above
        if len(self.audience()) == 0 or claims.get("azp", self.audience()[0]) not in self.audience():
            raise NotProved("id token is not for this client.")
        if claims.get("nonce") is not None and data.get("nonce") != claims["nonce"]:
            raise NotProved("id token nonce does not match.")
        for name, wanted in (self.options.get("claims") or {}).items():
            if claims.get(name) not in (wanted if isinstance(wanted, list | tuple) else [wanted]):
                raise NotProved(f"id token does not carry the required claim {name}.")
        return {key: value for key, value in verified.items() if key != "nonce"}

    def _discover(self) -> None:
        """Asks the issuer where its keys are, if nobody has yet."""
        with self.discovered:
            if self.key_set.url:
                return
            issuer = self.issuers[0]
            found = self.exchange.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration").json
            uri = found.get("jwks_uri")
            if found.get("issuer") != issuer or not isinstance(uri, str) or not uri.startswith("https://"):
                raise NotProved("OpenID Connect discovery failed.")
            self.key_set = self.keys(uri)
