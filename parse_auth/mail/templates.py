"""Mails in the language of whoever gets them: an adapter that words them by the files of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives

from parse_auth.mail.adapters import DjangoMail
from parse_auth.pages.files import Folder
from parse_auth.pages.localization import valid_locale
from parse_auth.pages.templates import filled, plain

OURS: Final = Path(__file__).resolve().parent / "public"


class TemplateMail(DjangoMail):
    """Words the mail `verification` by `verification.txt`, whose first line is the subject, and `verification.html`
    if there is one; a user with the locale `de-AT` by those of `de-AT/`, else `de/`. The other is `password_reset`.

    In both `{{appName}}`, `{{link}}`, `{{username}}`, `{{email}}` and `{{locale}}` are filled in, in HTML escaped.
    """

    def __init__(self, folder: str | None = None, sender: str | None = None, locale_field: str = "locale") -> None:
        """`folder` has texts of one's own, ours take the place of what it lacks; `locale_field` is a field of users."""
        super().__init__(sender)
        self._folder = Folder((Path(folder).resolve(), OURS) if folder else (OURS,))
        self._locale_field = locale_field

    def send_verification_email(self, link: str, app_name: str, user: Mapping[str, Any]) -> None:
        """Sends the link that confirms an address."""
        self._send("verification", link, app_name, user)

    def send_password_reset_email(self, link: str, app_name: str, user: Mapping[str, Any]) -> None:
        """Sends the link that leads to a new password."""
        self._send("password_reset", link, app_name, user)

    def send_sign_in_code(self, *, email: str, app_name: str, locale: str | None, **words: str) -> None:
        """Sends the code that signs somebody in, who may be no user yet: the file is `sign_in_code`."""
        self._post("sign_in_code", email, locale, {**words, "email": email, "appName": app_name})

    def send_sign_in_link(self, *, email: str, app_name: str, locale: str | None, **words: str) -> None:
        """Sends the link that signs somebody in: the file is `sign_in_link`."""
        self._post("sign_in_link", email, locale, {**words, "email": email, "appName": app_name})

    def _send(self, name: str, link: str, app_name: str, user: Mapping[str, Any]) -> None:
        locale = valid_locale(user.get(self._locale_field))
        values = {
            "appName": app_name,
            "link": link if locale is None else f"{link}&locale={locale}",  # the page speaks as the mail did
            "username": user.get("username", ""),
            "email": user.get("email", ""),
        }
        self._post(name, user.get("email") or user.get("username", ""), locale, values)

    def _post(self, name: str, to: str, locale: str | None, words: Mapping[str, Any]) -> None:
        values = {**words, "locale": locale or ""}
        subject, text = worded(self._text(f"{name}.txt", locale) or "", values)
        mail = EmailMultiAlternatives(" ".join(subject.split()), text, self.sender, [to])
        html = self._text(f"{name}.html", locale)
        if html is not None:
            mail.attach_alternative(filled(html, values), "text/html")
        mail.send()

    def _text(self, file: str, locale: str | None) -> str | None:
        return self._folder.text(self._folder.localized(file, locale))


def worded(template: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """The subject and the text of a template: its first line, and what follows."""
    subject, _, text = plain(template, values).partition("\n")
    return subject, text.lstrip("\n")
