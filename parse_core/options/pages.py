"""The pages people see who follow a link out of a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from parse_core.options.errors import Refused
from parse_core.options.fields import Group, declarations, option
from parse_core.options.kinds import ARRAY, BOOLEAN, OBJECT, STRING, group

PLACEHOLDERS = OBJECT.but(
    label="object or callable",
    refusal="Parse Server option {path} must be an object or a function.",
    check=lambda value: value if callable(value) else OBJECT.check(value),
)


def _check_routes(value: Any) -> tuple[Mapping[str, Any], ...]:
    routes: tuple[Any, ...] = ARRAY.check(value)
    for route in routes:
        if not isinstance(route, Mapping) or not {"method", "path", "handler"} <= route.keys():
            message = "Parse Server option {path} needs a method, a path and a handler in every entry."
            raise Refused(message)
    return routes


def is_elsewhere(address: str) -> bool:
    """Whether an address of a page is a URL; paths are accepted and mean nothing."""
    return not address.startswith(("/", "./", "../"))


@dataclass(frozen=True, kw_only=True, eq=False)
class CustomUrls(Group):
    """`pages.customUrls`: addresses that people are sent to instead of our pages."""

    env_prefix = "PARSE_SERVER_PAGES_CUSTOM_URL_"

    password_reset: str | None = option(None, STRING, "Where a new password is chosen.")
    password_reset_link_invalid: str | None = option(None, STRING, "The link is wrong or too old.")
    password_reset_success: str | None = option(None, STRING, "The new password counts.")
    email_verification_success: str | None = option(None, STRING, "The address is confirmed.")
    email_verification_send_fail: str | None = option(None, STRING, "Another mail could not be sent.")
    email_verification_send_success: str | None = option(None, STRING, "Another mail was sent.")
    email_verification_link_invalid: str | None = option(None, STRING, "The link is wrong.")
    email_verification_link_expired: str | None = option(None, STRING, "The link is too old.")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The attributes that are set."""
        return tuple(each.attribute for each in declarations(type(self)).values() if getattr(self, each.attribute))

    def problems(self) -> Iterator[str]:
        for name in self.addresses:
            url = getattr(self, name)
            if is_elsewhere(url) and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc):
                yield f"Parse Server option pages.customUrls has an invalid URL '{url}'."


@dataclass(frozen=True, kw_only=True, eq=False)
class Pages(Group):
    """`pages`: our pages for password reset and e-mail verification."""

    env_prefix = "PARSE_SERVER_PAGES_"

    enable_localization: bool = option(False, BOOLEAN, "Serve pages in the visitor's language.")
    localization_json_path: str | None = option(None, STRING, "A JSON file of texts: language → placeholder → text.")
    localization_fallback_locale: str = option("en", STRING, "The language when the visitor's has no texts.")
    placeholders: Mapping[str, Any] | Callable[..., Any] = option(
        {}, PLACEHOLDERS, "Texts for placeholders in pages; a callable gives them for each request."
    )
    force_redirect: bool = option(False, BOOLEAN, "Redirect instead of serving content.")
    pages_path: str | None = option(
        None, STRING, "A folder with pages in place of ours.", env="PARSE_SERVER_PAGES_PAGES_PATH"
    )
    pages_endpoint: str = option(
        "apps", STRING, "The path of the pages below the mount.", env="PARSE_SERVER_PAGES_PAGES_ENDPOINT"
    )
    custom_urls: CustomUrls = option(CustomUrls(), group(CustomUrls), "Addresses in place of our pages.")
    custom_routes: tuple[Mapping[str, Any], ...] = option(
        (), ARRAY.but(check=_check_routes), "Routes of one's own: `{method, path, handler}`."
    )
    encode_page_param_headers: bool = option(
        True, BOOLEAN, "URI-encode the values of page parameters in headers.", since="false in the reference."
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class CustomPages(Group):
    """`customPages`: addresses in place of pages, as older configurations name them."""

    env_prefix = "PARSE_SERVER_CUSTOM_PAGES_"

    invalid_link: str | None = option(None, STRING, "A link is wrong.", need="accepted")
    invalid_verification_link: str | None = option(None, STRING, "A verification link is wrong.", need="accepted")
    expired_verification_link: str | None = option(None, STRING, "A verification link is too old.", need="accepted")
    link_send_success: str | None = option(None, STRING, "Another mail was sent.", need="accepted")
    link_send_fail: str | None = option(None, STRING, "Another mail could not be sent.", need="accepted")
    choose_password: str | None = option(None, STRING, "Where a new password is chosen.", need="accepted")
    password_reset_success: str | None = option(None, STRING, "The new password counts.", need="accepted")
    verify_email_success: str | None = option(None, STRING, "The address is confirmed.", need="accepted")
    invalid_password_reset_link: str | None = option(None, STRING, "A reset link is wrong.", need="accepted")
    parse_frame_url: str | None = option(
        None,
        STRING,
        "A page of one's own that shows the links of mails in a frame.",
        name="parseFrameURL",
        env="PARSE_SERVER_CUSTOM_PAGES_PARSE_FRAME_URL",
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class PageOptions(Group):
    """Pages."""

    env_prefix = "PARSE_SERVER_"

    pages: Pages = option(
        Pages(), group(Pages, nullable=False), "Our pages for password reset and e-mail verification."
    )
    custom_pages: CustomPages = option(
        CustomPages(), group(CustomPages), "Addresses in place of pages, as older configurations name them."
    )
