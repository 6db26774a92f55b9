"""Signing in with a link that comes by mail.

The link leads to a page with a button: programs that open the links of mails before people do sign nobody in. The
button gives a code, shown or sent along to a page of the application, and the code is worth something only to the
device that asked for the mail. So neither a link that leaks nor one that somebody else asked for signs anybody in.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from parse_auth.challenges import Answer, challenges, new_secret
from parse_auth.configured import SignInProviders
from parse_auth.mail.configuration import mail_settings
from parse_auth.mail.sign_in import LINK, post
from parse_auth.providers.base import Misconfigured, NotProved, Settings, register
from parse_auth.providers.by_mail import SignInByMail
from parse_core.context import RequestContext
from parse_core.errors import InvalidValue
from parse_core.values.scalars import Document

PAGE: Final = "sign_in"
CODE_LENGTH: Final = 8
LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 that nobody takes for another
REFUSED_SCHEMES: Final = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the page of a link shows: whose address it is, and, once the button was pressed, the code and where to."""

    address: str
    code: str
    redirect: str | None


@register
class MagicLink(SignInByMail):
    """The client sends `{"challenge": what /challenge answered, "code": what the page gave}`.

    `redirectURLs`: where people may be sent with their code, each address as a whole; without one they see the code.
    """

    name = "magicLink"
    seconds = 900
    wrong = "The link has not been opened, was used, or is too old."

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.redirects = self.options.get("redirectURLs", ())
        if not isinstance(self.redirects, list | tuple) or not all(map(_is_target, self.redirects)):
            raise Misconfigured("magicLink.redirectURLs must be an array of absolute URLs without a fragment")

    def check(self, asked: Document) -> None:
        if asked.get("redirect") is not None and asked["redirect"] not in self.redirects:
            raise InvalidValue("redirect must be one of magicLink.redirectURLs")

    def begin(self, context: RequestContext, secret: str, asked: Document, locale: str | None) -> Any:
        token = new_secret()
        data = {"email": asked["email"], "redirect": asked.get("redirect")}
        answer = Answer(secret, code_of(token))
        challenges(context).begin(self.name, answer, data, seconds=self.seconds, link=token)
        link = mail_settings(context.options).link(PAGE, token, locale)
        words = {"email": asked["email"], "link": link, "minutes": self.minutes}
        return partial(post, mail=LINK, words=words, locale=locale)

    def written(self, code: str) -> str:
        return super().written(code).upper()


def look(context: RequestContext, token: str) -> Arrival:
    """What a link is about; nothing changes. Raises `NotProved` for one that is wrong, used or too old."""
    return _arrival(challenges(context).linked(MagicLink.name, token), token, context)


def follow(context: RequestContext, token: str) -> Arrival:
    """The same when the button is pressed, which works once."""
    return _arrival(challenges(context).follow(MagicLink.name, token), token, context)


def code_of(token: str) -> str:
    """The code that goes with a link: 40 bits that only who has the link can work out."""
    digest = hmac.new(token.encode("utf-8", "surrogatepass"), b"code", sha256).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:CODE_LENGTH])


def _arrival(data: Document | None, token: str, context: RequestContext) -> Arrival:
    """A provider that was switched off meanwhile, or an address that is not listed any more, is not followed."""
    provider = context.application.part(SignInProviders).known(MagicLink.name)
    if data is None or provider is None:
        raise NotProved(MagicLink.wrong)
    redirect = data.get("redirect")
    listed = redirect in (provider.options.get("redirectURLs") or ())
    return Arrival(data["email"], code_of(token), redirect if listed else None)


def _is_target(url: object) -> bool:
    """Whether people may be sent to an address: of the web, or of an app's own scheme; nothing that a browser runs."""
    if not isinstance(url, str) or not url.isprintable() or " " in url:
        return False
    parts = urlsplit(url)
    if parts.scheme in REFUSED_SCHEMES or not parts.scheme or "#" in url or "@" in parts.netloc or "\\" in url:
        return False
    return bool(parts.netloc) if parts.scheme in ("http", "https") else ":" in url
