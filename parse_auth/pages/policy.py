"""The content security policy of a page (`users.md` §18.6).

Scripts are the template's own and no other; forms go to us, and on to a custom page; nobody frames a page unless the
application names who does.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from parse_core.options import Options
from parse_core.options.pages import is_elsewhere


def policy(options: Options, targets: Iterable[str | None], scripts: Iterable[str]) -> str:
    """The policy; `targets` are where forms lead, `scripts` the sources of the template's scripts."""
    custom = options.pages.custom_urls
    addresses = [*targets, *(getattr(custom, name) for name in custom.addresses)]
    forms = sorted({_origin(address) for address in addresses if address and is_elsewhere(address)})
    frame = options.custom_pages.parse_frame_url
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' https: data:",
            "font-src 'self' https: data:",
            "connect-src 'self'",
            " ".join(["script-src", *(list(scripts) or ["'none'"])]),
            " ".join(["form-action 'self'", *forms]),
            "base-uri 'none'",
            f"frame-ancestors {_origin(frame)}" if frame else "frame-ancestors 'none'",
        )
    )


def _origin(url: str) -> str:
    """An address as a source of a policy; of an app's own scheme, the scheme is all there is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
