"""The folder that pages come from: nothing outside of it is ever read, whatever a path says."""

from __future__ import annotations

import mimetypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parse_core.options import Pages

OURS: Final = Path(__file__).resolve().parent / "public"


@dataclass(frozen=True, slots=True)
class Folder:
    """All below one folder, else another: an application's own pages, and ours in place of those it has not."""

    roots: tuple[Path, ...]

    def find(self, path: str) -> Path | None:
        """The file at a path; None when there is none, or when it is elsewhere, also by way of a link."""
        if "\0" in path or "\\" in path or Path(path).is_absolute():
            return None
        for root in self.roots:
            found = Path(os.path.realpath(root / path))
            if found.is_relative_to(root) and found.is_file():
                return found
        return None

    def text(self, path: str) -> str | None:
        """The text of a file."""
        found = self.find(path)
        return None if found is None else found.read_text("utf-8", "replace")

    def localized(self, file: str, locale: str | None) -> str:
        """The path of a file in the visitor's locale (`de-AT/…`), else his language (`de/…`), else the file's own."""
        for folder in [] if locale is None else [locale, locale.partition("-")[0]]:
            path = f"{folder}/{file}"
            if self.find(path) is not None:
                return path
        return file


def folder(pages: Pages) -> Folder:
    """The folder of an application's pages."""
    return Folder((Path(pages.pages_path).resolve(), OURS) if pages.pages_path else (OURS,))


def media_type(path: Path) -> str:
    """What a file is served as; what is not known runs nowhere."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind == "application/json" else kind
