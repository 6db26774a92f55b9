"""Signing in with a code that comes by mail: `/challenge` sends it, `authData.emailCode` brings it back."""

from __future__ import annotations

import secrets
import string
from functools import partial
from typing import Any

from parse_auth.challenges import Answer, challenges
from parse_auth.mail.sign_in import CODE, post
from parse_auth.providers.base import Settings, register
from parse_auth.providers.by_mail import SignInByMail
from parse_core.context import RequestContext
from parse_core.values.scalars import Document


@register
class EmailCode(SignInByMail):
    """The client sends `{"challenge": what /challenge answered, "code": "123456"}`."""

    name = "emailCode"
    seconds = 600
    wrong = "The code is wrong, was used, or is too old."

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.digits = self.number("digits", 6, least=6, most=10)

    def begin(self, context: RequestContext, secret: str, asked: Document, locale: str | None) -> Any:
        code = "".join(secrets.choice(string.digits) for _ in range(self.digits))
        answer, data = Answer(secret, code), {"email": asked["email"]}
        challenges(context).begin(self.name, answer, data, seconds=self.seconds)
        words = {"email": asked["email"], "code": code, "minutes": self.minutes}
        return partial(post, mail=CODE, words=words, locale=locale)
