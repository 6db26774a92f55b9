"""Request headers by their names on the wire, read from the WSGI environment only when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_PREFIX = "HTTP_"
_UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class RequestHeaders(Mapping[str, str]):
    """Header values by lower-case name; look-ups take any case."""

    __slots__ = ("_meta",)

    def __init__(self, meta: Mapping[str, str]) -> None:
        self._meta = meta

    def __getitem__(self, name: str) -> str:
        lower = name.lower()
        return self._meta[_UNPREFIXED.get(lower) or _PREFIX + lower.upper().replace("-", "_")]

    def __iter__(self) -> Iterator[str]:
        for name, key in _UNPREFIXED.items():
            if self._meta.get(key):
                yield name
        for key in self._meta:
            if key.startswith(_PREFIX):
                yield key.removeprefix(_PREFIX).lower().replace("_", "-")

    def __len__(self) -> int:
        return sum(1 for _ in self)
