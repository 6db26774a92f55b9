"""The language of a page: which one the visitor asked for, and the texts of a JSON file in it (`users.md` §18.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from parse_auth.pages.templates import plain
from parse_core.application import Application
from parse_core.options import Pages

_LOCALE: Final = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")

Texts = Mapping[str, Any]


def valid_locale(*candidates: Any) -> str | None:
    """The first locale that was sent, if it is one: it becomes a part of a path."""
    sent = next((candidate for candidate in candidates if candidate), None)
    return sent if isinstance(sent, str) and _LOCALE.fullmatch(sent) else None


def load(path: str) -> Mapping[str, Texts]:
    """The texts of a file by locale. Raises `ValueError` when it cannot be read."""
    try:
        content = orjson.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        message = "failed to load JSON file"
        raise ValueError(message) from None
    entries = content if isinstance(content, dict) else {}
    return {locale: texts["translation"] for locale, texts in entries.items() if _has_texts(texts)}


class Translations:
    """The texts of an application's JSON file, read once for each configuration."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._read: tuple[Pages, Mapping[str, Texts]] | None = None

    def texts(self, locale: str | None, params: Mapping[str, str]) -> Texts:
        """The texts for the locale, its language or the fallback, with the parameters filled in."""
        pages = self._application.options.pages
        if not pages.enable_localization or not pages.localization_json_path:
            return {}
        if self._read is None or self._read[0] is not pages:
            self._read = (pages, load(pages.localization_json_path))
        by_locale, fallback = self._read[1], pages.localization_fallback_locale
        wanted = locale or fallback
        found = (by_locale[name] for name in (wanted, wanted.partition("-")[0], fallback) if name in by_locale)
        return {name: plain(text, params) if isinstance(text, str) else text for name, text in next(found, {}).items()}


def _has_texts(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("translation"), dict)
