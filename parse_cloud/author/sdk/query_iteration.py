"""Going through everything that a query finds, however much it is: in the order of the ids, a batch at a time."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, Generic, TypeVar, Unpack, overload

from parse_cloud.author.sdk.calls import CallOptions
from parse_cloud.author.sdk.query_results import Results, T
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread
from parse_core.operations.base import MISSING, Missing

V = TypeVar("V")
BATCH = 100


class Iteration(Results[T], Generic[T]):
    """Takes callbacks, or gives something to loop over. On the event loop callbacks may be coroutines."""

    @overload
    def each_batch(
        self, callback: Callable[[list[T]], Any], *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> None: ...
    @overload
    def each_batch(
        self, callback: None = None, *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> Iterator[list[T]]: ...
    @blocks
    def each_batch(
        self,
        callback: Callable[[list[T]], Any] | None = None,
        *,
        batch_size: int = BATCH,
        **options: Unpack[CallOptions],
    ) -> Iterator[list[T]] | None:
        """All objects in lists. Raises `ValueError` for a query with an order, skip or limit of its own."""
        pages = self.pages(batch_size, options)
        if callback is None:
            return pages
        for page in pages:
            callback(page)
        return None

    @overload
    def each(
        self, callback: Callable[[T], Any], *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> None: ...
    @overload
    def each(
        self, callback: None = None, *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> Iterator[T]: ...
    @blocks
    def each(
        self, callback: Callable[[T], Any] | None = None, *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> Iterator[T] | None:
        """All objects, one by one: `for row in query.each(use_master_key=True)`."""
        rows = (row for page in self.pages(batch_size, options) for row in page)
        if callback is None:
            return rows
        for row in rows:
            callback(row)
        return None

    @blocks
    def find_all(self, *, batch_size: int = BATCH, **options: Unpack[CallOptions]) -> list[T]:
        """All objects in one list."""
        return [row for page in self.pages(batch_size, options) for row in page]

    @blocks
    def map(self, callback: Callable[[T], V], **options: Unpack[CallOptions]) -> list[V]:
        """What the callback makes of each object."""
        return [callback(row) for page in self.pages(BATCH, options) for row in page]

    @blocks
    def filter(self, callback: Callable[[T], object], **options: Unpack[CallOptions]) -> list[T]:
        """The objects that the callback says yes to."""
        return [row for page in self.pages(BATCH, options) for row in page if callback(row)]

    @blocks
    def reduce(self, callback: Callable[[Any, T], Any], initial: Any = MISSING, **options: Unpack[CallOptions]) -> Any:
        """What is left when the callback has put one object after another together with what was left before."""
        result: Any | Missing = initial
        for row in (row for page in self.pages(BATCH, options) for row in page):
            result = row if result is MISSING else callback(result, row)
        return _reduced(result)

    # --- On the event loop

    @overload
    def aeach_batch(
        self, callback: Callable[[list[T]], Any], *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> Coroutine[Any, Any, None]: ...
    @overload
    def aeach_batch(
        self, callback: None = None, *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> AsyncIterator[list[T]]: ...
    def aeach_batch(
        self,
        callback: Callable[[list[T]], Any] | None = None,
        *,
        batch_size: int = BATCH,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[list[T]] | Coroutine[Any, Any, None]:
        """`each_batch` for the event loop: `async for page in query.aeach_batch()`, or awaited with a callback."""
        pages = self._apages(batch_size, options)
        return pages if callback is None else _for_each(pages, callback)

    @overload
    def aeach(
        self, callback: Callable[[T], Any], *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> Coroutine[Any, Any, None]: ...
    @overload
    def aeach(
        self, callback: None = None, *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> AsyncIterator[T]: ...
    def aeach(
        self, callback: Callable[[T], Any] | None = None, *, batch_size: int = BATCH, **options: Unpack[CallOptions]
    ) -> AsyncIterator[T] | Coroutine[Any, Any, None]:
        """`each` for the event loop: `async for row in query.aeach()`, or awaited with a callback."""
        rows = self._arows(batch_size, options)
        return rows if callback is None else _for_each(rows, callback)

    async def afind_all(self, *, batch_size: int = BATCH, **options: Unpack[CallOptions]) -> list[T]:
        """`find_all` for the event loop."""
        return [row async for row in self._arows(batch_size, options)]

    @overload
    async def amap(self, callback: Callable[[T], Awaitable[V]], **options: Unpack[CallOptions]) -> list[V]: ...
    @overload
    async def amap(self, callback: Callable[[T], V], **options: Unpack[CallOptions]) -> list[V]: ...
    async def amap(self, callback: Callable[[T], Any], **options: Unpack[CallOptions]) -> list[Any]:
        """`map` for the event loop."""
        return [await _settled(callback(row)) async for row in self._arows(BATCH, options)]

    async def afilter(self, callback: Callable[[T], object], **options: Unpack[CallOptions]) -> list[T]:
        """`filter` for the event loop."""
        return [row async for row in self._arows(BATCH, options) if await _settled(callback(row))]

    async def areduce(
        self, callback: Callable[[Any, T], Any], initial: Any = MISSING, **options: Unpack[CallOptions]
    ) -> Any:
        """`reduce` for the event loop."""
        result: Any | Missing = initial
        async for row in self._arows(BATCH, options):
            result = row if result is MISSING else await _settled(callback(result, row))
        return _reduced(result)

    async def _apages(self, batch_size: int, options: CallOptions) -> AsyncIterator[list[T]]:
        pages = self.pages(batch_size, options)
        while (page := await in_thread(next, pages, None)) is not None:
            yield page

    async def _arows(self, batch_size: int, options: CallOptions) -> AsyncIterator[T]:
        async for page in self._apages(batch_size, options):
            for row in page:
                yield row


async def _for_each(items: AsyncIterator[V], callback: Callable[[V], Any]) -> None:
    async for item in items:
        await _settled(callback(item))


async def _settled(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _reduced(result: Any | Missing) -> Any:
    if result is MISSING:
        raise TypeError("Reducing empty query result set with no initial value")
    return result
