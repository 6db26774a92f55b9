"""What the sign-ins by mail have in common: who reads the mails to an address is the user who has it.

Everything that `/challenge` answers is the same for every address; who has it is looked at when the mail is sent.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any, Final

from parse_auth.challenges import Answer, challenges, new_secret
from parse_auth.internals import stored_user
from parse_auth.mail.configuration import mail_settings
from parse_auth.mail.outbox import later
from parse_auth.pages.localization import valid_locale
from parse_auth.providers.base import (
    AuthFailed,
    Misconfigured,
    NotProved,
    Provider,
    ProviderRequest,
    Settings,
    Validated,
)
from parse_core.context import RequestContext
from parse_core.errors import InvalidEmailAddress
from parse_core.store.sql import Sql
from parse_core.values.scalars import Document, Json

ADDRESS: Final = re.compile(r'[^\s@,;:<>()\[\]"\\]{1,64}@[^\s@,;:<>()\[\]"\\]{1,255}')
MAX_LENGTH: Final = 254  # of an address, RFC 5321
ATTEMPTS: Final = 5
MAILS: Final = 5


class SignInByMail(Provider):
    """Stored: `{"id": address}`, in lower case; the mail goes to the address as it is stored, and to no other."""

    has_challenge = True
    seconds: int
    wrong: str

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.seconds = self.number("period", self.seconds, least=60, most=86_400)
        self.attempts = self.number("attempts", ATTEMPTS, least=1, most=20)
        self.mails = self.number("mails", MAILS, least=1, most=1000)
        self.pause = self.number("mailWindow", 900, least=60, most=86_400)
        self.signs_up = self.options.get("signUp", True) is not False

    def challenge(self, challenge: Json, data: Document | None, request: ProviderRequest) -> Json:
        """`{"email": …, "locale": "de"}` → `{"challenge": secret, "expiresIn": seconds}`; the mail follows.

        Raises `InvalidEmailAddress` (125), `AuthFailed` (141) for too many mails to one address, whoever has it.
        """
        asked = challenge if isinstance(challenge, dict) else {}
        address, context = parse_address(asked.get("email")), request.context
        mail_settings(context.options)
        kept = challenges(context)
        self.check(asked)
        if kept.count(self.name, address, seconds=self.pause) > self.mails:
            raise AuthFailed("Too many mails were sent to this address. Please try again later.")
        secret, locale = new_secret(), valid_locale(asked.get("locale"))
        send = self.begin(context, secret, {**asked, "email": address}, locale)
        later(context, lambda alone: send(alone) if self.signs_up or _is_known(alone, self.name, address) else None)
        return {"challenge": secret, "expiresIn": self.seconds}

    def check(self, asked: Document) -> None:
        """Refuses what cannot be asked for."""

    @abstractmethod
    def begin(self, context: RequestContext, secret: str, asked: Document, locale: str | None) -> Any:
        """Keeps the challenge; gives back what sends its mail, a callable that takes a context."""

    def prove(self, data: Document, context: RequestContext) -> Document:
        found = challenges(context).attempt(self.name, self.answer(data), attempts=self.attempts)
        if found is None:
            raise NotProved(self.wrong)
        return {**data, "id": found["email"]}

    def address(self, data: Document) -> str | None:
        return str(data["id"])

    def validate(self, data: Document, request: ProviderRequest) -> Validated:
        if request.original is None and not self.signs_up:
            raise NotProved("User not found.")
        return Validated({"id": data["id"]})

    def spend(self, data: Document, context: RequestContext) -> None:
        found = challenges(context).spend(self.name, self.answer(data))
        if found is None or found["email"] != data["id"]:
            raise NotProved(self.wrong)

    def answer(self, data: Document) -> Answer:
        """The answer in what a client sent."""
        secret, code = data.get("challenge"), data.get("code")
        if not isinstance(secret, str) or not isinstance(code, str):
            raise NotProved(self.wrong)
        return Answer(secret, self.written(code))

    def written(self, code: str) -> str:
        """A code as it was meant, however somebody typed it."""
        return re.sub(r"[\s-]", "", code)

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number among the options."""
        value = self.options.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Misconfigured(f"{self.name}.{name} must be a whole number from {least} to {most}")
        return value

    @property
    def minutes(self) -> str:
        """For how long the mail says it works."""
        return str(max(1, self.seconds // 60))


def parse_address(value: Json) -> str:
    """An address as it is stored: in lower case. Raises `InvalidEmailAddress` (125) for what cannot be one."""
    text = value.strip().lower() if isinstance(value, str) else ""
    if len(text) > MAX_LENGTH or not text.isprintable() or ADDRESS.fullmatch(text) is None:
        raise InvalidEmailAddress
    return text


def _is_known(context: RequestContext, name: str, address: str) -> bool:
    """Whether somebody could sign in with this address."""
    linked = Sql("(t.data->'authData'->%s->>'id') = %s", (name, address))
    confirmed = Sql("(lower(t.data->>'email') = lower(%s) AND t.data->'emailVerified' = 'true'::jsonb)", (address,))
    return stored_user(context, linked) is not None or stored_user(context, confirmed) is not None
