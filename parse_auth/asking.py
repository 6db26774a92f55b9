"""Options that people write code for: callables, also async ones, in place or by dotted path."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from typing import Any

from asgiref.sync import async_to_sync
from django.utils.module_loading import import_string


def ask(code: Any, *arguments: Any, **named: Any) -> Any:
    """What the callable of an option returns; an async one is waited for."""
    result = (import_string(code) if isinstance(code, str) else code)(*arguments, **named)
    return waited(result)


def waited(result: Any) -> Any:
    """The result of a callable that may be async."""
    return async_to_sync(_await)(result) if inspect.isawaitable(result) else result


async def _await(result: Awaitable[Any]) -> Any:
    return await result
