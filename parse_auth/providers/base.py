"""What a sign-in provider is: a class of this folder, made once for each application that configures it.

A provider proves in two steps (`contract/auth_providers.md` §3): `verify` looks at what a client sent and nothing else,
before anybody knows which user it belongs to; `validate` may compare it with what is stored of that user. Most
providers need only the first. A proof that works once is used up in a third, `spend`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

from parse_core.context import RequestContext
from parse_core.errors import ErrorCode, ObjectNotFound, ParseError
from parse_core.options import Options
from parse_core.registry import Registry
from parse_core.values.scalars import Document, Json

Trigger = Literal["validateSetUp", "validateLogin", "validateUpdate"]
POLICIES = ("default", "solo", "additional")


class AuthFailed(ParseError):
    """Auth failed. Unknown error."""

    code = ErrorCode.SCRIPT_FAILED


class Misconfigured(ParseError):
    """The provider is not configured correctly."""

    code = ErrorCode.INTERNAL_SERVER_ERROR


class NotProved(ObjectNotFound):
    """What the client sent does not prove who he is: 101, as for an object that is not there."""


class CodeRequired(ParseError):
    """The code of an exchange is missing, or nobody gave anything for it."""

    code = ErrorCode.VALIDATION_ERROR


class NotAllowed(ParseError):
    """What is asked does not fit the policy of a provider."""

    code = ErrorCode.OTHER_CAUSE


@dataclass(frozen=True, slots=True)
class Settings:
    """What a provider is made of: its own options, and those of the application."""

    name: str
    options: Mapping[str, Any]
    application: Options

    @property
    def allows_insecure(self) -> bool:
        """Whether the operator trusts tokens that prove nothing about the application they were given to."""
        return self.options.get("enableInsecureAuth") is True


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """The situation of a validation.

    `object` is the user with what was sent, `original` as stored (None at a sign-up); both are objects in wire format,
    their authData unfiltered. `trigger_name` None and no `object`: a challenge by somebody unknown.
    """

    context: RequestContext
    trigger_name: Trigger | None = None
    object: Document | None = None
    original: Document | None = None
    is_challenge: bool = False

    @property
    def user_id(self) -> str | None:
        """Who is logged in."""
        return self.context.principal.user_id

    @property
    def master(self) -> bool:
        return self.context.principal.is_master

    @property
    def ip(self) -> str:
        return self.context.client_address

    @property
    def headers(self) -> Mapping[str, str]:
        return self.context.headers

    @property
    def installation_id(self) -> str | None:
        return self.context.installation_id

    def stored(self, name: str) -> Document:
        """What is stored of the user for a provider."""
        auth_data: Document = (self.original or {}).get("authData") or {}
        found: Document = auth_data.get(name) or {}
        return found


@dataclass(frozen=True, slots=True)
class Validated:
    """What came of a validation: what to store (None: what was sent; nothing if `discards`), what to tell the client.

    `refusal`: the proof is not complete; `save` is stored all the same, and the client gets this text (141).
    """

    save: Document | None = None
    response: Json = None
    discards: bool = False
    refusal: str | None = None


ACCEPTED = Validated()


class Provider:
    """Somebody else's word, or the client's own, for who a user is. Made when the application is configured.

    Raise `ParseError`s: `NotProved` (101), `AuthFailed` (141), in `__init__` `Misconfigured` (1) or `NotProved`, which
    then answers every use of the provider.
    """

    name: ClassVar[str] = ""
    # True: answers by itself what it lacks; otherwise an application that doesn't configure it doesn't have it
    answers_unconfigured: ClassVar[bool] = False
    has_challenge: bool = False
    filters_reads: bool = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def options(self) -> Mapping[str, Any]:
        return self.settings.options

    def policy(self, request: ProviderRequest, stored: Document) -> str:
        """`default`, `solo` (needs no second factor) or `additional` (is one)."""
        return "default"

    def verify(self, data: Document) -> Document:
        """What was sent, proved as far as it can be without the user, the proven `id` in it. May ask the network."""
        return data

    def prove(self, data: Document, context: RequestContext) -> Document:
        """`verify` for who needs to know which request it is: a proof that is kept in the database."""
        return self.verify(data)

    def address(self, data: Document) -> str | None:
        """The e-mail address that proven data prove the user to receive mails at."""
        return None

    def validate(self, data: Document, request: ProviderRequest) -> Validated:
        """What to store for the user, and what to tell him."""
        return ACCEPTED

    def spend(self, data: Document, context: RequestContext) -> None:
        """Uses a proof up that works once; asked when everything that was sent has been accepted.

        Raises for whoever comes second.
        """

    def challenge(self, challenge: Json, data: Document | None, request: ProviderRequest) -> Json:
        """The answer to `/challenge`."""
        return None

    def shown(self, data: Document, request: ProviderRequest) -> Document | None:
        """What a read shows of the stored data; None: all of it. Asked if `filters_reads`."""
        return None

    def required(self, name: str, text: str) -> Any:
        """An option that the provider cannot do without."""
        value = self.options.get(name)
        if not value:
            raise Misconfigured(text)
        return value


P = TypeVar("P", bound=type[Provider])
providers: Registry[type[Provider]] = Registry("sign-in provider")


def register(cls: P) -> P:
    """Class decorator: makes the class the owner of its name."""
    providers.add(cls.name, cls)
    return cls
