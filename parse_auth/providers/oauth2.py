"""OAuth 2 (RFC 6749): codes that are exchanged for an access token, access tokens that open a profile, and tokens that
an endpoint is asked about (RFC 7662). The bases of most providers, and the generic provider `oauth2`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from parse_auth.exchange import Exchange, Reply, bearer
from parse_auth.providers.base import (
    CodeRequired,
    Misconfigured,
    NotProved,
    Provider,
    ProviderRequest,
    Settings,
    register,
)
from parse_core.errors import ParseError
from parse_core.values.scalars import Document, Json

SPENT = frozenset(("code", "redirect_uri", "redirectUri", "code_verifier"))


class CodeExchange(Provider):
    """`{"code": …}` is exchanged for an access token, and that for the id. Stored: id, access token, and what else was
    sent; shown: the id.

    A code works once, so it is exchanged once in a request, before the user is looked for.
    """

    label: ClassVar[str]
    prefix: ClassVar[str] = ""  # what texts about options and codes begin with, if not the label
    secret_needed: ClassVar[bool] = True
    token_url: ClassVar[str]
    profile_url: ClassVar[str]
    id_field: ClassVar[str] = "id"
    failure: ClassVar[type[ParseError]] = NotProved  # of an exchange that was refused
    filters_reads = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.exchange = Exchange(self.label, self.options.get("baseUrls"))
        if not self.options:
            raise Misconfigured(f"{self.called} options are required.")
        if settings.allows_insecure:
            return
        self.required("clientId", f"{self.called} clientId is required.")
        if self.secret_needed:
            self.required("clientSecret", f"{self.called} clientSecret is required.")

    @property
    def called(self) -> str:
        return self.prefix or self.label

    def verify(self, data: Document) -> Document:
        if self.settings.allows_insecure and not data.get("code"):
            token = data.get("access_token")
            if not isinstance(token, str) or not token:
                raise self.invalid()
        else:
            self.check_sent(data)
            token = self.access_token(data)
        identity = self.identity(token, data)
        if not identity or data.get("id", identity) != identity:
            raise self.invalid()
        if self.settings.allows_insecure and not data.get("code") and "id" not in data:
            raise self.invalid()
        kept = {key: value for key, value in data.items() if key not in SPENT}
        return {**kept, "id": identity, "access_token": token}

    def shown(self, data: Document, request: ProviderRequest) -> Document | None:
        return {"id": data["id"]} if "id" in data else None

    def check_sent(self, data: Document) -> None:
        """Raises `CodeRequired` (142) without a code."""
        if not data.get("code") or not isinstance(data["code"], str):
            raise CodeRequired(f"{self.called} code is required.")

    def access_token(self, data: Document) -> str:
        """The access token for a code."""
        answer = self.granted(self.exchange_code(data))
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise self.invalid()
        return token

    def exchange_code(self, data: Document) -> Reply:
        """The service's answer to a code."""
        return self.exchange.post(self.token_url, form=self.grant(data))

    def granted(self, reply: Reply) -> Document:
        """The answer to a code. Raises `failure`, or 101 with what the service says."""
        if not reply.ok:
            raise self.exchange_failed(reply)
        answer = reply.json
        if answer.get("error"):
            raise NotProved(str(answer.get("error_description") or answer["error"]))
        return answer

    def identity(self, token: str, data: Document) -> str:
        """Whose access token it is, as text; empty when the service does not say."""
        reply = self.profile(token, data)
        if not reply.ok:
            raise self.profile_failed(reply)
        return text_of(reply.json.get(self.id_field))

    def profile(self, token: str, data: Document) -> Reply:
        """The service's answer about the owner of an access token."""
        return self.exchange.get(self.profile_url, headers=bearer(token))

    def grant(self, data: Document) -> dict[str, str]:
        """The fields of an exchange."""
        fields = {
            "client_id": str(self.options.get("clientId") or ""),
            "client_secret": str(self.options.get("clientSecret") or ""),
            "grant_type": "authorization_code",
            "redirect_uri": self.redirect_uri(data),
            "code": str(data["code"]),
        }
        return {key: value for key, value in fields.items() if value}

    def redirect_uri(self, data: Document) -> str:
        value = data.get("redirect_uri", data.get("redirectUri", self.options.get("redirectUri")))
        return value if isinstance(value, str) else ""

    def invalid(self) -> ParseError:
        return NotProved(f"{self.label} auth is invalid for this user.")

    def exchange_failed(self, reply: Reply) -> ParseError:
        """What a client is told of an exchange that was refused."""
        return self.failure(f"{self.label} API request failed.")

    def profile_failed(self, reply: Reply) -> ParseError:
        """What a client is told when the profile does not open."""
        return self.exchange_failed(reply)


class ProfileToken(Provider):
    """`{"id": …, "access_token": …}`: the service is asked whose token it is.

    Nothing says which application the token was given to: unless a subclass checks it, this is for operators who turn
    on `enableInsecureAuth`.
    """

    label: ClassVar[str]
    not_allowed: ClassVar[str] = ""
    needs_global_switch: ClassVar[bool] = False
    token_field: ClassVar[str] = "access_token"  # noqa: S105 - a key
    answers_unconfigured = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.exchange = Exchange(self.label, self.options.get("baseUrls"))
        is_allowed = settings.allows_insecure and (
            settings.application.enable_insecure_auth_adapters or not self.needs_global_switch
        )
        if self.not_allowed and not is_allowed:
            raise Misconfigured(self.not_allowed)

    def verify(self, data: Document) -> Document:
        token = data.get(self.token_field)
        if not isinstance(token, str) or not token or not data.get("id") or self.identity(token) != data["id"]:
            raise self.invalid()
        return data

    def identity(self, token: str) -> str:
        """Whose token it is, as text; empty when the service does not say."""
        raise NotImplementedError

    def invalid(self) -> ParseError:
        return NotProved(f"{self.label} auth is invalid for this user.")


@register
class Introspection(Provider):
    """The generic provider, under any name with `oauth2: true`: `{"id": …, "access_token": …}`."""

    name = "oauth2"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.exchange = Exchange("OAuth2", self.options.get("baseUrls"))
        self.url = self.options.get("tokenIntrospectionEndpointUrl")
        if not self.url or not isinstance(self.url, str):
            raise NotProved("OAuth2 token introspection endpoint URL is missing.")
        app_ids = self.options.get("appIds") or ()
        self.app_ids = {str(app_id) for app_id in (app_ids if isinstance(app_ids, list | tuple) else [app_ids])}
        if self.options.get("appidField") and not self.app_ids:
            raise NotProved("OAuth2 configuration is missing app IDs.")

    def verify(self, data: Document) -> Document:
        token = data.get("access_token")
        if not isinstance(token, str) or not token:
            raise NotProved("OAuth2 access token is invalid for this user.")
        authorization = self.options.get("authorizationHeader")
        headers = {"Authorization": str(authorization)} if authorization else {}
        reply = self.exchange.post(str(self.url), form={"token": token}, headers=headers)
        if not reply.ok:
            raise NotProved("OAuth2 token introspection request failed.")
        self._check_app(reply.json)
        identity = reply.json.get(self.options.get("useridField") or "sub")
        if reply.json.get("active") is not True or not data.get("id") or text_of(identity) != data["id"]:
            raise NotProved("OAuth2 access token is invalid for this user.")
        return data

    def _check_app(self, answer: Document) -> None:
        field: Any = self.options.get("appidField")
        if not field:
            return
        value = answer.get(field)
        given = value if isinstance(value, list) else [value]
        if not any(isinstance(entry, str) and entry in self.app_ids for entry in given):
            raise NotProved("OAuth2: Invalid app ID.")


def text_of(value: Json) -> str:
    """An id as text, be it sent as a number; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
