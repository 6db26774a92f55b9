"""What an object asks of the server: to be saved, fetched and destroyed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self, Unpack

from parse_cloud.author.sdk import fetching, saving
from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.stored_many import StoredMany
from parse_cloud.author.sdk.twins import blocks, twin


class Stored(StoredMany):
    """The operations that wait for the database; each has a twin for the event loop: `save` and `asave`.

    They act for nobody unless told for whom (`CallOptions`), and run the triggers of the class.
    """

    __slots__ = ()

    @blocks
    def save(
        self,
        values: Mapping[str, Any] | None = None,
        /,
        *,
        cascade_save: bool = True,
        transaction: bool = False,
        **options: Unpack[CallOptions],
    ) -> Self:
        """The object, saved, with `values` set before. What it refers to is saved first unless `cascade_save` is off.

        With `transaction` all of it is saved or nothing. Raises `ParseError` for whatever refuses it.
        """
        if values:
            self.set(values)
        saving.save(Api(options), self._object, cascade=cascade_save, transaction=transaction)
        return self

    @blocks
    def fetch(self, *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]) -> Self:
        """The object as it is stored; pending changes are given up. `include`: pointers to follow.

        Raises `ParseError` 101 when there is none, 104 for an object without id.
        """
        fetching.fetch(Api(options), self._object, fetching.names(include))
        return self

    @blocks
    def fetch_if_needed(self, *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]) -> Self:
        """The object, fetched if nothing but its id is known."""
        return self if self._object.is_data_available() else self.fetch(include=include, **options)

    @blocks
    def fetch_with_include(self, keys: str | Iterable[str], **options: Unpack[CallOptions]) -> Self:
        """The object as it is stored, with the objects that some fields point to."""
        return self.fetch(include=keys, **options)

    @blocks
    def exists(self, **options: Unpack[CallOptions]) -> bool:
        """Whether the caller can see the object."""
        if self.id is None:
            return False
        try:
            Api(options).get(f"classes/{self.class_name}/{self.id}", {"keys": "objectId"})
        except ParseError as error:
            if error.code == ParseError.OBJECT_NOT_FOUND:
                return False
            raise
        return True

    @blocks
    def destroy(self, **options: Unpack[CallOptions]) -> Self:
        """The object, which is stored no more; nothing happens to one that never was."""
        if self.id is not None:
            Api(options).ask("DELETE", f"classes/{self.class_name}/{self.id}")
        return self

    asave = twin(save)
    afetch = twin(fetch)
    afetch_if_needed = twin(fetch_if_needed)
    afetch_with_include = twin(fetch_with_include)
    aexists = twin(exists)
    adestroy = twin(destroy)
