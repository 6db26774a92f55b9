"""Templates of pages: text with placeholders, of which nothing that is filled in can become markup or script.

`{{name}}` is the value, escaped; `{{#name}}…{{/name}}` is there only if the value is not empty; `{{> file}}` is another
file of the folder. Unknown names are empty.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final

_PARTIAL: Final = re.compile(r"\{\{>\s*([\w./-]+)\s*\}\}")
_SECTION: Final = re.compile(r"\{\{#\s*(\w+)\s*\}\}(.*?)\{\{/\s*\1\s*\}\}", re.DOTALL)
_NAME: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def complete(template: str, read: Callable[[str], str | None]) -> str:
    """The template with the files it names in their places; those name none in turn."""
    return _PARTIAL.sub(lambda found: read(found[1]) or "", template)


def filled(template: str, values: Mapping[str, Any]) -> str:
    """The page: a complete template with its values."""
    visible = _SECTION.sub(lambda found: found[2] if _text(values.get(found[1])) else "", template)
    return _NAME.sub(lambda found: escape(_text(values.get(found[1]))), visible)


def plain(text: str, values: Mapping[str, Any]) -> str:
    """A text that will itself be filled into a page, so nothing is escaped yet."""
    return _NAME.sub(lambda found: _text(values.get(found[1])), text)


def script_sources(template: str) -> list[str]:
    """What a content security policy says of the scripts written in the template, and of no other.

    A script with a placeholder runs nowhere: its text would be the visitor's in part.
    """
    scripts = [script for script in _SCRIPT.findall(template) if "{{" not in script]
    return [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return value if isinstance(value, str) else str(value)
