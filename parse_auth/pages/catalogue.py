"""The pages that flows lead to (`users.md` §18.2), by the names that options and files have for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `name` is its attribute among `pages.customUrls`, and its file without the ending."""

    name: str

    @property
    def file(self) -> str:
        """`password_reset.html`."""
        return f"{self.name}.html"


PASSWORD_RESET: Final = Page("password_reset")
PASSWORD_RESET_SUCCESS: Final = Page("password_reset_success")
PASSWORD_RESET_LINK_INVALID: Final = Page("password_reset_link_invalid")
VERIFICATION_SUCCESS: Final = Page("email_verification_success")
VERIFICATION_SEND_FAIL: Final = Page("email_verification_send_fail")
VERIFICATION_SEND_SUCCESS: Final = Page("email_verification_send_success")
VERIFICATION_LINK_INVALID: Final = Page("email_verification_link_invalid")
SIGN_IN: Final = Page("sign_in")
SIGN_IN_CODE: Final = Page("sign_in_code")
SIGN_IN_LINK_INVALID: Final = Page("sign_in_link_invalid")
