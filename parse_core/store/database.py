"""Connections to PostgreSQL: one pool per process and database, statements run and errors translated.

What leaves this module are rows or the errors of `parse_core.errors`; a message of the database never does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson
import psycopg
from psycopg import errors as pg
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from parse_core.errors import DuplicateValue, InternalError, InvalidQuery, ObjectTooLarge, WriteConflict
from parse_core.store.sql import BRIEF, Sql, identifier

log = logging.getLogger("parse.store")

Rows = list[tuple[Any, ...]]

REFUSED = "22PRS"  # the SQLSTATE of errors that functions of ours raise, with a text for the client
STALE = "40PRS"  # the SQLSTATE of `parse.stale_class()`
_UNKNOWN: Final = "?"
BRIEF_TIMEOUT: Final = 800  # milliseconds for a statement that is marked as `sql.BRIEF`


class MissingTable(Exception):
    """The statement named a table that is gone: the class was dropped by another process."""


class StaleClass(MissingTable):
    """The statement was made for a class as it was before somebody changed it (`schema/unchanged.py`)."""


class Executor(Protocol):
    """Somewhere statements run: the pool (each its own transaction) or an open transaction."""

    def fetch(self, sql: Sql) -> Rows:
        """The rows of one statement.

        Raises `DuplicateValue` (with the index name), `WriteConflict`, `MissingTable`, `StaleClass`, `InvalidQuery` for
        what a client's operand made the database refuse, else `InternalError`.
        """
        ...

    def transaction(self) -> Any:
        """A context manager giving a `Transaction`; inside a transaction, the same one."""
        ...


class StatementCount:
    """The statements that ran inside a `counting()` block, those of `upkeep()` apart."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.upkeep: list[str] = []

    def __len__(self) -> int:
        return len(self.statements)


_counter: ContextVar[StatementCount | None] = ContextVar("statement_counter", default=None)


@contextmanager
def counting() -> Iterator[StatementCount]:
    """Counts the statements of this thread's block: for tests and for the debug header of the REST edge."""
    count = StatementCount()
    token = _counter.set(count)
    try:
        yield count
    finally:
        _counter.reset(token)


@contextmanager
def upkeep() -> Iterator[None]:
    """Counts the block's statements apart: this process keeping up with others, at a time that no request decides."""
    count, own = _counter.get(), StatementCount()
    token = _counter.set(own)
    try:
        yield
    finally:
        _counter.reset(token)
        if count is not None:
            count.upkeep += own.statements


@dataclass(slots=True)
class Transaction:
    """One open transaction; commits when its block ends, rolls back when it raises before `is_committed`.

    `on_commit` runs after a commit, in order; before it what this process has to `learn`, which user code needs
    by then. `schemas` holds the classes this transaction changed, which only it sees.
    """

    connection: psycopg.Connection[tuple[Any, ...]]
    on_commit: list[Callable[[], object]] = field(default_factory=list)
    learn: list[Callable[[], object]] = field(default_factory=list)
    schemas: dict[str, Any] = field(default_factory=dict)
    is_committed: bool = False
    _is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, sql: Sql) -> Rows:
        with self._lock:
            if self._is_over:
                # Of code that nobody waited for any more: the connection is somebody else's by now.
                raise InternalError("The transaction is over.")
            return _fetch(self.connection, sql)

    def end(self) -> None:
        """Waits for a statement that is running, in whichever thread, and lets no other begin."""
        with self._lock:
            self._is_over = True

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        yield self

    def take_turn(self, key: str, *, alone: bool) -> None:
        """Waits until no transaction of this key runs `alone`; with `alone`, until none runs at all.

        Transactions that took locks in opposite orders would do so again and again; one that runs alone cannot.
        """
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        self.fetch(Sql(f"SELECT {lock}(hashtextextended(%s, 1))", (key,)))


class Database:
    """One PostgreSQL database as this process uses it. The pool opens on first use and once per process."""

    def __init__(
        self,
        connect: Callable[[], str],
        *,
        max_connections: int = 16,
        statement_timeout_ms: int = 30_000,
        max_idle: float = 600,
    ) -> None:
        """`connect()` gives the conninfo, starting an embedded server if that is what we run on.

        A connection beyond the first is closed after `max_idle` seconds without work.
        """
        self._connect = connect
        self._max_connections = max_connections
        self._statement_timeout_ms = statement_timeout_ms
        self._max_idle = max_idle
        self._pool: ConnectionPool[psycopg.Connection[tuple[Any, ...]]] | None = None
        self._lock = threading.Lock()
        self._postgis: str | None = _UNKNOWN

    @property
    def conninfo(self) -> str:
        """The libpq connection string."""
        return self._connect()

    @property
    def pool(self) -> ConnectionPool[psycopg.Connection[tuple[Any, ...]]]:
        """The open pool."""
        if self._pool is None:
            with self._lock:
                if self._pool is None:
                    self._pool = ConnectionPool(
                        self._connect,  # asked for each new connection: the embedded server may have come back
                        min_size=1,
                        max_size=self._max_connections,
                        max_idle=self._max_idle,
                        kwargs={
                            "autocommit": True,
                            "prepare_threshold": 2,
                            "options": f"-c statement_timeout={self._statement_timeout_ms} -c timezone=UTC",
                        },
                        configure=_configure,
                        open=True,
                        name="parse",
                        timeout=10,
                    )
        return self._pool

    def fetch(self, sql: Sql) -> Rows:
        """The rows of one statement, in a transaction of its own."""
        try:
            with self.pool.connection() as connection:
                return _fetch(connection, sql)
        except PoolTimeout as error:
            raise InternalError from error

    @contextmanager
    def unlimited(self) -> Iterator[Executor]:
        """A connection of its own whose statements take what time they need, each a transaction."""
        with psycopg.connect(self._connect(), autocommit=True) as connection:
            yield Transaction(connection)

    @property
    def postgis(self) -> str | None:
        """The PostgreSQL schema that PostGIS is in, None when it is not there or does not work. Asked once."""
        if self._postgis is _UNKNOWN:
            self._postgis = self._find_postgis()
        return self._postgis

    def _find_postgis(self) -> str | None:
        found = "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = %s"
        with self.pool.connection() as connection:
            rows = connection.execute(found, ("postgis",)).fetchall()
            try:
                for (schema,) in rows:
                    place = f"{identifier(schema, 'st_makepoint').text}(0, 0)::{identifier(schema, 'geography').text}"
                    connection.execute(f"SELECT {identifier(schema, 'st_dwithin').text}({place}, {place}, 1, FALSE)")
                    return str(schema)
            except pg.Error:
                log.exception("PostGIS is there but does not work; places are compared without it")
        return None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction on one connection, which is free again when `on_commit` runs: user code may need one."""
        with self.pool.connection() as connection:
            transaction = Transaction(connection)
            with _translated(), connection.transaction():
                try:
                    yield transaction
                finally:
                    transaction.end()
        transaction.is_committed = True
        _run_all((*transaction.learn, *transaction.on_commit))

    def close(self) -> None:
        """Closes the pool; the next use opens it again."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None


def _run_all(announcements: Iterable[Callable[[], object]]) -> None:
    """Runs them all. Raises what the first one raised that did: the others have nothing to do with it."""
    failures = []
    for announce in announcements:
        try:
            announce()
        except Exception as error:  # noqa: BLE001 (raised in the end)
            failures.append(error)
    if failures:
        raise failures[0]


def _fetch(connection: psycopg.Connection[tuple[Any, ...]], sql: Sql) -> Rows:
    counter = _counter.get()
    if counter is not None:
        counter.statements.append(sql.text)
    with _translated(), _brief(connection) if BRIEF in sql.text else nullcontext():
        cursor = connection.execute(sql.text, sql.params)
        return cursor.fetchall() if cursor.description else []


def _configure(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """JSON is read by what writes it: the standard library would make integers that orjson cannot write again."""
    set_json_loads(orjson.loads, connection)


@contextmanager
def _brief(connection: psycopg.Connection[tuple[Any, ...]]) -> Iterator[None]:
    """Statements in the block are given up after `BRIEF_TIMEOUT` milliseconds."""
    with connection.transaction():
        connection.execute(f"SET LOCAL statement_timeout = {BRIEF_TIMEOUT}")
        yield
        connection.execute("SET LOCAL statement_timeout TO DEFAULT")  # a transaction around this one goes on


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the driver's errors into ours."""
    try:
        yield
    except pg.UniqueViolation as error:
        raise DuplicateValue(index=error.diag.constraint_name or "") from error
    except (pg.SerializationFailure, pg.DeadlockDetected, pg.InFailedSqlTransaction) as error:
        raise WriteConflict from error
    except (pg.UndefinedTable, pg.InvalidSchemaName) as error:
        raise MissingTable from error
    except (pg.InvalidRegularExpression, pg.QueryCanceled, pg.DataError, pg.StatementTooComplex) as error:
        log.warning("a statement was refused: %s", error)
        raise InvalidQuery(_refusal(error)) from error
    except (pg.FeatureNotSupported, pg.InvalidObjectDefinition) as error:
        log.warning("a statement was refused: %s", error)
        raise InvalidQuery from error
    except pg.ProgramLimitExceeded as error:
        log.warning("a statement was refused: %s", error)
        raise ObjectTooLarge from error
    except pg.Error as error:
        if error.sqlstate == STALE:
            raise StaleClass from error
        log.exception("a statement failed")
        raise InternalError from error


def _refusal(error: pg.Error) -> str | None:
    """What a client may read of why a statement was refused; None for the default text."""
    if error.sqlstate == REFUSED:
        return error.diag.message_primary
    return "Invalid regular expression" if isinstance(error, pg.InvalidRegularExpression) else None
