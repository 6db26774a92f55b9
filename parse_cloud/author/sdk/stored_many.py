"""Saving, fetching and destroying many objects at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar, Unpack

from parse_cloud.author.sdk import fetching, saving
from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.changing import Changeable
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object

T = TypeVar("T", bound="Object")


class StoredMany(Changeable):
    """`Object.save_all(posts)` and its kin, in batches."""

    __slots__ = ()

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
            lambda: StoredMany.save_all(objects, batch_size=batch_size, transaction=transaction, **options)
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
            lambda: StoredMany.destroy_all(objects, batch_size=batch_size, transaction=transaction, **options)
        )

    @staticmethod
    async def afetch_all(
        objects: Sequence[T], *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]
    ) -> Sequence[T]:
        """`fetch_all` for the event loop."""
        return await in_thread(lambda: StoredMany.fetch_all(objects, include=include, **options))

    @staticmethod
    async def afetch_all_if_needed(
        objects: Sequence[T], *, include: str | Iterable[str] = (), **options: Unpack[CallOptions]
    ) -> Sequence[T]:
        """`fetch_all_if_needed` for the event loop."""
        return await in_thread(lambda: StoredMany.fetch_all_if_needed(objects, include=include, **options))


def _check(batch_size: int | None, *, transaction: bool) -> None:
    if batch_size is not None and transaction:
        raise ParseError(
            ParseError.OTHER_CAUSE, "You cannot use both transaction and batchSize options simultaneously."
        )
    if batch_size is not None and batch_size < 1:
        raise ValueError("A batch has at least one object")
