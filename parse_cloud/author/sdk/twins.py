"""Each operation that waits for the database exists twice: `save` for threads, `asave` for the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import update_wrapper, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from parse_cloud.author.threads import in_thread

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")


def blocks(function: Callable[P, R]) -> Callable[P, R]:
    """The function as one that refuses to be called on the event loop, which would stand still meanwhile."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        refuse_on_loop(function.__qualname__, f"a{function.__name__}")
        return function(*args, **kwargs)

    return guarded


def refuse_on_loop(name: str, twin_name: str) -> None:
    """Raises `RuntimeError`, naming the twin, when this thread runs an event loop."""
    if asyncio._get_running_loop() is not None:  # noqa: SLF001 (its public form raises when there is none)
        raise RuntimeError(f"{name}() blocks, and this is the event loop: use `await ….{twin_name}(…)`")


def twin(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """The coroutine twin of a method: the same in a thread. What a subclass makes of the method holds for it too."""
    name = method.__name__

    async def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        blocking: Callable[P, R] = getattr(self, name)
        return await in_thread(blocking, *args, **kwargs)

    update_wrapper(call, method, assigned=("__module__", "__annotations__"))
    call.__name__ = f"a{name}"
    call.__qualname__ = f"{method.__qualname__.removesuffix(name)}a{name}"
    call.__doc__ = f"`{name}` for the event loop."
    return call
