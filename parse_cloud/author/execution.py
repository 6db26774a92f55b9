"""Where user code of Python runs, and how long: `def` on the request's own thread, `async def` on one event loop.

A handler that hangs costs its own request and no other. A `def` with a timeout gets a thread that can be left behind;
a loop that somebody blocks is left to them, and later handlers get another. The blocking calls that coroutines await
have threads of their own (`threads.py`).
"""

from __future__ import annotations

import asyncio
import ctypes
import inspect
import logging
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import connections

from parse_cloud.author.threads import THREADS

if TYPE_CHECKING:
    from parse_core.application import Application

log = logging.getLogger("parse_cloud")

T = TypeVar("T")

PROMPT: Final = 2.0  # seconds in which a loop that is not blocked takes up new work
# Where an exception from outside could leave a lock or a connection in disorder.
_DELICATE: Final = ("parse_", "psycopg", "django", "logging", "threading", "concurrent", "asyncio", "importlib")


_ended: Final[set[asyncio.AbstractEventLoop]] = set()  # loops that were left and have nothing to do any more


class TimedOut(Exception):
    """The handler did not end in its time."""


class Interrupted(BaseException):
    """Raised inside a handler that nobody waits for any more. No `Exception`: user code must not swallow it."""


def run(
    application: Application, depth: int, function: Callable[..., Any], *arguments: Any, timeout: float | None
) -> Any:
    """What a handler returns, after awaiting it if that is called for. Raises what it raises, and `TimedOut`."""
    if timeout is None:
        result = copy_context().run(_on_this_thread, function, arguments)
    elif inspect.iscoroutinefunction(function):
        result = function(*arguments)
    else:
        result = application.part(Threads).run(depth, partial(function, *arguments), timeout)
    if result is None or not inspect.isawaitable(result):
        return result
    try:
        return event_loops.run(partial(_awaited, result), timeout)
    finally:
        if inspect.iscoroutine(result) and inspect.getcoroutinestate(result) == inspect.CORO_CREATED:
            result.close()  # it was given up before a loop took it up


def _on_this_thread(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()  # Django does this around requests of its own


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


class EventLoops:
    """The event loop of this process, and those that were left to whoever blocks them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._silent_since: float | None = None  # when a coroutine was not taken up that the loop still has to

    def run(self, function: Callable[[], Awaitable[Any]], timeout: float | None = None) -> Any:
        """The result of a coroutine function, run on the loop while this thread waits."""
        if _runs_a_loop():
            raise RuntimeError("Code on an event loop cannot wait for a coroutine without awaiting it.")
        prompt = PROMPT if timeout is None else min(PROMPT, timeout)
        while True:
            loop = self._running()
            task = Task(loop, function)
            try:
                loop.call_soon_threadsafe(task.start, context=copy_context())
                return task.future.result(prompt)
            except NotYet:
                if task.future.done():  # the handler's own TimeoutError
                    raise
                if not task.future.cancel():  # it runs
                    return task.wait(None if timeout is None else timeout - prompt)
                self._suspect(loop, prompt)
                if timeout is not None and timeout <= prompt:
                    raise TimedOut from None

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(self._loop,), name="cloud-code-loop", daemon=True).start()
            return self._loop

    def _suspect(self, loop: asyncio.AbstractEventLoop, waited: float) -> None:
        """Leaves a loop that has taken up nothing for as long as a loop may take."""
        now = time.monotonic()
        with self._lock:
            if self._loop is not loop:
                return
            if self._silent_since is None:
                self._silent_since = now - waited
                loop.call_soon_threadsafe(self._heard)
            if now - self._silent_since >= PROMPT:
                log.error("Cloud Code blocks the event loop: an async handler computes or waits without await.")
                self._loop = self._silent_since = None
                loop.call_soon_threadsafe(_end_when_idle, loop)

    def _heard(self) -> None:
        self._silent_since = None


class Task:
    """A coroutine on a loop, with the thread that waits for it. Whatever it raises ends the coroutine, not the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, function: Callable[[], Awaitable[Any]]) -> None:
        self.future: Future[Any] = Future()
        self._loop = loop
        self._function = function
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """On the loop; not any more if nobody waits."""
        if self.future.set_running_or_notify_cancel():
            self._task = self._loop.create_task(self._settle())  # kept here, for a loop alone would not keep it

    async def _settle(self) -> None:
        try:
            result = await self._function()
        except BaseException as error:  # noqa: BLE001 - SystemExit would end the loop, and all that runs on it
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    def wait(self, timeout: float | None) -> Any:
        """Its result; cancelled when it takes longer."""
        try:
            return self.future.result(timeout)
        except NotYet:
            if self.future.done():
                raise
            self._loop.call_soon_threadsafe(self._cancel)
            raise TimedOut from None

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Runs a loop until it is left and has nothing to do any more, whatever tasks of user code raise."""
    asyncio.set_event_loop(loop)
    while True:
        try:
            loop.run_forever()
        except BaseException:
            log.exception("A task that Cloud Code had started failed")
        else:
            if loop in _ended:  # and not stopped by user code, whose business it is not
                _ended.remove(loop)
                loop.close()
                return


def _end_when_idle(loop: asyncio.AbstractEventLoop) -> None:
    if asyncio.all_tasks(loop):
        loop.call_later(PROMPT, _end_when_idle, loop)
    else:
        _ended.add(loop)
        loop.stop()


def _runs_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Threads:
    """The threads of one application's user code: `application.part(Threads)`."""

    def __init__(self, application: Application) -> None:
        self._size = application.options.cloud_threads or THREADS
        self._lock = threading.Lock()
        self._slots: dict[int, threading.BoundedSemaphore] = {}

    def run(self, depth: int, function: Callable[[], Any], timeout: float) -> Any:
        """The result of a function on a thread that is given up after `timeout` seconds, waiting for it included."""
        with self._lock:
            slots = self._slots.setdefault(depth, threading.BoundedSemaphore(self._size))
        if not slots.acquire(timeout=timeout):
            raise TimedOut
        thread = LeavableThread(partial(copy_context().run, function))
        try:
            return thread.run(timeout)
        finally:
            slots.release()  # of a thread that is left behind, too: it must not keep others from running


class LeavableThread:
    """A thread for one call, that is interrupted, or else left to itself, when the call takes too long."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._future: Future[Any] = Future()
        self._thread = threading.Thread(target=self._settle, name="cloud-code", daemon=True)

    def run(self, timeout: float) -> Any:
        self._thread.start()
        try:
            return self._future.result(timeout)
        except NotYet:
            if self._future.done():
                raise
            self._interrupt()
            raise TimedOut from None

    def _settle(self) -> None:
        try:
            self._future.set_result(self._function())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self._future.set_exception(error)
        finally:
            connections.close_all()

    def _interrupt(self) -> None:
        """Ends code that computes; nothing is done to code that is inside the server or a library with locks.

        No other thread runs between the look and the interruption, for this one has the interpreter's lock.
        """
        ident = self._thread.ident or 0
        frame = sys._current_frames().get(ident)  # noqa: SLF001 - its documented name
        while frame is not None and frame.f_globals.get("__name__") != __name__:
            if frame.f_globals.get("__name__", "").startswith(_DELICATE):
                return
            frame = frame.f_back
        if frame is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Interrupted))


event_loops: Final = EventLoops()
