"""What an object asks of the server: to be saved, fetched and destroyed, alone or with others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from parse_cloud.author.sdk import fetching, saving
from parse_cloud.author.sdk.attributes import Attributes
from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.twins import blocks, twin
from parse_cloud.author.threads import in_thread

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object

T = TypeVar("T", bound="Object")


class Stored(Attributes):
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

    # --- Many at once

    @staticmethod
    @blocks
    def save_all(
        objects: Sequence[T],
        *,
        batch_size: int | None = None,
        transaction: bool = False,
        **options: Unpack[CallOptions],
    ) -> Sequence[T]:
        """The objects, saved with what they refer to, in batches of 20, or of a size of one's own.

        Raises the first `ParseError`; with `transaction` nothing is saved then.
        """
        _check(batch_size, transaction=transaction)
        size = batch_size or saving.BATCH_SIZE
        saving.save_many(Api(options), objects, batch_size=size, transaction=transaction)
        return objects

    @staticmethod
    @blocks
    def destroy_all(
        objects: Sequence[T],
        *,
        batch_size: int | None = None,
        transaction: bool = False,
        **options: Unpack[CallOptions],
    ) -> Sequence[T]:
        """The objects, which are stored no more. Raises `ParseError` 600, with `errors` for those that still are."""
        _check(batch_size, transaction=transaction)
        fetching.destroy_many(Api(options), objects, batch_size or saving.BATCH_SIZE, transaction=transaction)
        return objects

    @staticmethod
    @blocks
    def fetch_all(
        objects: Sequence[T], *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]
    ) -> Sequence[T]:
        """The objects, of one class, as they are stored; by one query. Raises `ParseError` 101 if one is not."""
        fetching.fetch_many(Api(options), objects, fetching.names(include), force=True)
        return objects

    @staticmethod
    @blocks
    def fetch_all_if_needed(
        objects: Sequence[T], *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]
    ) -> Sequence[T]:
        """The objects, of one class; those are fetched of which nothing but the id is known."""
        fetching.fetch_many(Api(options), objects, fetching.names(include), force=False)
        return objects

    @staticmethod
    async def asave_all(
        objects: Sequence[T],
        *,
        batch_size: int | None = None,
        transaction: bool = False,
        **options: Unpack[CallOptions],
    ) -> Sequence[T]:
        """`save_all` for the event loop."""
        return await in_thread(
            lambda: Stored.save_all(objects, batch_size=batch_size, transaction=transaction, **options)
        )

    @staticmethod
    async def adestroy_all(
        objects: Sequence[T],
        *,
        batch_size: int | None = None,
        transaction: bool = False,
        **options: Unpack[CallOptions],
    ) -> Sequence[T]:
        """`destroy_all` for the event loop."""
        return await in_thread(
            lambda: Stored.destroy_all(objects, batch_size=batch_size, transaction=transaction, **options)
        )

    @staticmethod
    async def afetch_all(
        objects: Sequence[T], *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]
    ) -> Sequence[T]:
        """`fetch_all` for the event loop."""
        return await in_thread(lambda: Stored.fetch_all(objects, include=include, **options))

    @staticmethod
    async def afetch_all_if_needed(
        objects: Sequence[T], *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]
    ) -> Sequence[T]:
        """`fetch_all_if_needed` for the event loop."""
        return await in_thread(lambda: Stored.fetch_all_if_needed(objects, include=include, **options))


def _check(batch_size: int | None, *, transaction: bool) -> None:
    if batch_size is not None and transaction:
        raise ParseError(
            ParseError.OTHER_CAUSE, "You cannot use both transaction and batchSize options simultaneously."
        )
    if batch_size is not None and batch_size < 1:
        raise ValueError("A batch has at least one object")
