"""The first of the two extension primitives: a key has exactly one owner.

The second is Django's `Signal` (`parse_core/signals.py`): a moment has listeners. Operators, operations, field types,
system classes, sign-in providers and routes are all entries of a `Registry`; built-ins register the way outsiders do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar, overload

T = TypeVar("T")
D = TypeVar("D")


class Registry(Mapping[str, T]):
    """Entries by key, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def get(self, key: str, /) -> T | None: ...
    @overload
    def get(self, key: str, /, default: T | D) -> T | D: ...
    def get(self, key: str, /, default: T | D | None = None) -> T | D | None:
        """As for any mapping; several look-ups per request pass here, hence not `Mapping`'s own way through errors."""
        return self._entries.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def add(self, key: str, entry: T) -> T:
        """The entry, now owner of `key`. A second owner is a programming error: `ValueError`."""
        if key in self._entries:
            message = f"{self.kind} {key!r} is already registered"
            raise ValueError(message)
        self._entries[key] = entry
        return entry

    @contextmanager
    def temporarily(self, key: str, entry: T) -> Iterator[T]:
        """For tests: `key` belongs to `entry` inside the block, and to its former owner (or nobody) after it."""
        missing = object()
        before = self._entries.get(key, missing)
        self._entries[key] = entry
        try:
            yield entry
        finally:
            if before is missing:
                del self._entries[key]
            else:
                self._entries[key] = before  # type: ignore[assignment]


def autoload(package: ModuleType) -> None:
    """Imports every module of a package, so that a file in the folder is its own registration."""
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
