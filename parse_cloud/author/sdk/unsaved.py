"""What has to be saved before an object can be: the objects and files that it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.error import ParseError

if TYPE_CHECKING:
    from parse_cloud.author.sdk.file import File
    from parse_cloud.author.sdk.object import Object

# Where two unsaved objects refer to each other, neither can go first.
_DEEP = "Cannot create a pointer to an unsaved Object."


@dataclass(slots=True)
class Unsaved:
    """The unsaved objects and files found so far, in the order they were met."""

    objects: list[Object] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    _met: set[int] = field(default_factory=set)

    def add_children(self, owner: Object, *, deep: bool) -> Unsaved:
        """Adds what `owner` refers to. `deep`: also what is unsaved itself and referred to by something unsaved.

        Raises `ParseError` where it is not `deep` and such a thing is found.
        """
        self._met.add(id(owner))
        self._within(owner, refuses=False, deep=deep)
        return self

    def _within(self, owner: Object, *, refuses: bool, deep: bool) -> None:
        for key in owner.state.fields():
            self._walk(owner.state.get(key), refuses=refuses, deep=deep)

    def _walk(self, value: Any, *, refuses: bool, deep: bool) -> None:
        from parse_cloud.author.sdk.file import File
        from parse_cloud.author.sdk.object import Object

        if isinstance(value, Object):
            if value.id is None and refuses:
                raise ParseError(ParseError.OTHER_CAUSE, _DEEP)
            if id(value) not in self._met:
                self._met.add(id(value))
                if value.dirty():
                    self.objects.append(value)
                self._within(value, refuses=not deep, deep=deep)
        elif isinstance(value, File):
            if value.url is None and all(value is not other for other in self.files):
                self.files.append(value)
        else:
            for item in _items(value):
                self._walk(item, refuses=refuses, deep=deep)


def can_be_written(owner: Object) -> bool:
    """Whether everything an object refers to has an id, so that it can be saved now."""
    return all(_is_saved(owner.state.get(key)) for key in owner.state.fields())


def _is_saved(value: Any) -> bool:
    from parse_cloud.author.sdk.file import File
    from parse_cloud.author.sdk.object import Object

    if isinstance(value, Object):
        return value.id is not None
    if isinstance(value, File):
        return value.url is not None
    return all(map(_is_saved, _items(value)))


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple, set, frozenset)) else ()
