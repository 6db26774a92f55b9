"""The mails that sign somebody in: to an address that may belong to nobody yet, in the language that was asked for.

Their words are in `templates/`: the first line is the subject. An adapter with the method `send_sign_in_code` or
`send_sign_in_link` words them itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parse_auth.asking import waited
from parse_auth.mail.configuration import Mailer, mail_settings
from parse_auth.pages.files import Folder
from parse_auth.pages.templates import plain
from parse_core.context import RequestContext

TEMPLATES: Final = Folder((Path(__file__).resolve().parent / "templates",))


@dataclass(frozen=True, slots=True)
class SignInMail:
    """A kind of mail: its template, and the adapter's method that words it."""

    file: str
    method: str


CODE: Final = SignInMail("sign_in_code.txt", "send_sign_in_code")
LINK: Final = SignInMail("sign_in_link.txt", "send_sign_in_link")


def post(context: RequestContext, mail: SignInMail, words: Mapping[str, str], locale: str | None) -> None:
    """Sends a mail to `words["email"]`; the others are `code` or `link`, and `minutes`."""
    settings = mail_settings(context.options)
    adapter = context.application.part(Mailer).adapter
    known = {**words, "app_name": settings.app_name}
    words_itself = getattr(adapter, mail.method, None)
    if words_itself is not None:
        waited(words_itself(**known, locale=locale))
        return
    template = TEMPLATES.text(TEMPLATES.localized(mail.file, locale)) or ""
    subject, _, text = plain(template, known).partition("\n")
    waited(adapter.send_mail(to=words["email"], subject=subject, text=text.lstrip("\n")))
