"""A mail adapter that keeps what it sends, and the options that make an application send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from parse_auth.mail.outbox import outbox
from tests.support.client import ApiClient

PUBLIC_URL = "https://example.com/parse"


@dataclass(frozen=True)
class Mail:
    """What was sent, and to whom."""

    kind: str
    to: str
    link: str
    user: Mapping[str, Any] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.link).query)["token"][0]

    @property
    def path(self) -> str:
        """The link as a path below the mount, with its query."""
        assert self.link.startswith(PUBLIC_URL), self.link
        return self.link.removeprefix(PUBLIC_URL)


class Mailbox:
    """The adapter. `sent` waits for what is still on its way."""

    def __init__(self) -> None:
        self._sent: list[Mail] = []

    @property
    def sent(self) -> list[Mail]:
        outbox.settle()
        return self._sent

    @property
    def last(self) -> Mail:
        return self.sent[-1]

    def send_mail(self, to: str, subject: str, text: str) -> None:
        raise AssertionError(f"the mail '{subject}' should have been sent by a method of its own")

    def send_verification_email(self, link: str, app_name: str, user: Mapping[str, Any]) -> None:
        self._sent.append(Mail("verification", user["email"], link, user))

    async def send_password_reset_email(self, link: str, app_name: str, user: Mapping[str, Any]) -> None:
        self._sent.append(Mail("reset", user.get("email") or user["username"], link, user))


def sending(mailbox: Mailbox, **options: Any) -> dict[str, Any]:
    """The options of an application that sends mails."""
    return {"appName": "Tides", "publicServerURL": PUBLIC_URL, "emailAdapter": mailbox, **options}


def hidden(api: ApiClient, user_id: str) -> Mapping[str, Any]:
    """The user with his hidden columns."""
    outbox.settle()
    found: Mapping[str, Any] = api.get(f"/users/{user_id}", maintenance=True).json
    return found


def page_of(link: str, **more: str) -> str:
    """A link with more in its query."""
    return link + "".join(f"&{name}={value}" for name, value in more.items())
