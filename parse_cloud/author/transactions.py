"""`cloud.transaction()`: several writes of one handler, stored together or not at all."""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import Token
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from parse_cloud.author.current import Current, acting_for, current
from parse_cloud.author.sdk.calls import as_client_sees
from parse_cloud.author.sdk.twins import refuse_on_loop
from parse_cloud.author.threads import in_thread

if TYPE_CHECKING:
    from types import TracebackType

    from parse_core.store.database import Transaction


class CloudTransaction:
    """`with cloud.transaction():`, in coroutines `async with`. Inside another one it is part of that.

    What the block saves and deletes is stored when it ends, and nothing of it when it raises. A write that the database
    refused ends the transaction, whether or not the block catches the error.
    """

    def __init__(self) -> None:
        self._block: AbstractContextManager[Transaction] | None = None
        self._token: Token[Current] | None = None
        self._now: Current | None = None

    def __enter__(self) -> Self:
        refuse_on_loop("`with cloud.transaction()`", "`async with cloud.transaction()`")
        if self._is_outermost():
            self._entered(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left()
        self._close(kind, error, trace)

    async def __aenter__(self) -> Self:
        if self._is_outermost():
            self._entered(await in_thread(self._open))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left()
        if self._block is not None:
            await in_thread(self._close, kind, error, trace)

    def _is_outermost(self) -> bool:
        self._now = acting_for()
        return self._now.joined is None

    def _open(self) -> Transaction:
        now = acting_for()
        block = now.application.database.transaction()
        transaction = block.__enter__()
        transaction.take_turn(now.application.namespace, alone=False)
        self._block = block
        return transaction

    def _entered(self, transaction: Transaction) -> None:
        self._token = current.set(replace(acting_for(), transaction=transaction))

    def _left(self) -> None:
        if self._token is not None:
            current.reset(self._token)

    def _close(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commits, or rolls back after an error. Raises `ParseError` when the commit fails."""
        if self._block is None:
            return
        try:
            self._block.__exit__(kind, error, trace)
        except Exception as failure:
            if failure is error or self._now is None:
                raise
            raise as_client_sees(failure, self._now.context) from failure
