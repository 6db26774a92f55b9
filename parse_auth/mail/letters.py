"""The mails themselves: what is written in them unless the adapter words them itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from parse_auth.asking import waited
from parse_auth.mail.configuration import Mailer, MailSettings, mail_settings
from parse_auth.verification import shown
from parse_core.context import RequestContext
from parse_core.values.scalars import Document


@dataclass(frozen=True, slots=True)
class Letter:
    """A kind of mail: the page its link leads to, the adapter's method that words it, and our words."""

    page: str
    method: str
    subject: str
    text: Callable[[Mapping[str, str]], str]


def _verification_text(words: Mapping[str, str]) -> str:
    return (
        f"Hi,\n\nplease confirm that {words['email']} is your e-mail address for {words['app_name']}.\n\n"
        f"Open this link to confirm it:\n{words['link']}\n\n"
        "If you did not ask for this, you can ignore this mail.\n"
    )


def _reset_text(words: Mapping[str, str]) -> str:
    account = f" (your username is '{words['username']}')" if words["username"] else ""
    return (
        f"Hi,\n\nyou asked for a new password for {words['app_name']}{account}.\n\n"
        f"Open this link to choose it:\n{words['link']}\n\n"
        "If you did not ask for this, you can ignore this mail: your password stays as it is.\n"
    )


VERIFICATION: Final = Letter(
    "verify_email", "send_verification_email", "Please verify your e-mail for {}", _verification_text
)
RESET: Final = Letter("request_password_reset", "send_password_reset_email", "Password Reset for {}", _reset_text)


def post(context: RequestContext, letter: Letter, user: Document, token: str) -> None:
    """Sends a mail with a link to a user: to his address, or to his name where that is one."""
    settings = mail_settings(context.options)
    adapter = context.application.part(Mailer).adapter
    link = settings.link(letter.page, token)
    words_itself = getattr(adapter, letter.method, None)
    if words_itself is not None:
        waited(words_itself(link=link, app_name=settings.app_name, user=shown(user)))
        return
    subject = letter.subject.format(settings.app_name)
    text = letter.text(_words(settings, user, link))
    waited(adapter.send_mail(to=user.get("email") or user.get("username", ""), subject=subject, text=text))


def _words(settings: MailSettings, user: Document, link: str) -> Mapping[str, str]:
    email, username = user.get("email", ""), user.get("username", "")
    return {"app_name": settings.app_name, "email": email, "username": username, "link": link}
