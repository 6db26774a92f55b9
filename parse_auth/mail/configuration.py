"""What must be configured before mails can be sent, and what they take from the configuration.

The address in links is the configured one, never the one a request came to: whoever asks for a reset could choose that.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from parse_auth.asking import ask
from parse_auth.mail.adapters import MailAdapter, adapter_of
from parse_auth.pages.localization import load
from parse_core.application import Application
from parse_core.errors import ErrorCode, ParseError
from parse_core.options import ConfigurationError, Options


class MailNotConfigured(ParseError):
    """Mails cannot be sent. The status is 400: asking again, as SDKs do on a 5xx, configures nothing."""

    code = ErrorCode.INTERNAL_SERVER_ERROR

    def __init__(self) -> None:
        super().__init__(
            "An appName, publicServerURL, and emailAdapter are required for password reset and email verification "
            "functionality."
        )


class Mailer:
    """The application's mail adapter, made again when its options change."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._made: tuple[object, MailAdapter] | None = None

    @property
    def adapter(self) -> MailAdapter:
        """The adapter of the current options."""
        value = self._application.options.email_adapter
        if self._made is None or self._made[0] is not value:
            self._made = (value, adapter_of(value))
        return self._made[1]


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What links and texts are made of."""

    app_name: str
    public_url: str
    application_id: str
    endpoint: str
    frame_url: str | None

    def link(self, page: str, token: str, locale: str | None = None) -> str:
        """The address in a mail: of a page of ours, or of a page of others that shows it in a frame."""
        return self._link(page, token) + (f"&locale={locale}" if locale else "")

    def _link(self, page: str, token: str) -> str:
        path = f"/{self.endpoint}/{quote(self.application_id, safe='')}/{page}"
        if self.frame_url:
            return f"{self.frame_url}?link={quote(path, safe='')}&token={quote(token, safe='')}"
        return f"{self.public_url}{path}?token={quote(token, safe='')}"


def mail_settings(options: Options) -> MailSettings:
    """What the application's mails are made of. Raises `MailNotConfigured` (1)."""
    url = public_url(options)
    if not options.app_name or not url or not options.email_adapter:
        raise MailNotConfigured
    frame = options.custom_pages.parse_frame_url
    return MailSettings(options.app_name, url, options.app_id, options.pages.pages_endpoint, frame)


def public_url(options: Options) -> str | None:
    """Where people reach the API, without a slash at the end; a callable is asked each time."""
    url = options.public_server_url
    if callable(url):
        url = ask(url)
    return url.rstrip("/") if isinstance(url, str) and url.startswith(("http://", "https://")) else None


def check(options: Options, **_kwargs: object) -> None:
    """Raises `ConfigurationError` for what no mail can be sent with, and texts of pages that cannot be read."""
    problems = []
    if options.email_adapter:
        try:
            adapter_of(options.email_adapter)
        except (TypeError, ImportError) as error:
            problems.append(f"emailAdapter: {error}")
    if options.pages.localization_json_path:
        try:
            load(options.pages.localization_json_path)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ConfigurationError(problems)
