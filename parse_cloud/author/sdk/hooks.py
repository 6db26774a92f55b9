"""Webhooks: functions and triggers that another server answers."""

from __future__ import annotations

from typing import Any, Unpack

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread
from parse_core.values.scalars import Document


class Hooks:
    """The webhooks of the application: `{"functionName", "url"}` or `{"className", "triggerName", "url"}` each.

    Acts with the master key, unless `use_master_key=False` is given. Raises `ParseError` 143 for unknown ones, and for
    new ones that are there already.
    """

    @staticmethod
    @blocks
    def get_functions(**options: Unpack[CallOptions]) -> list[Document]:
        """All functions that are webhooks."""
        return _list(_ask("GET", "functions", None, options))

    @staticmethod
    @blocks
    def get_triggers(**options: Unpack[CallOptions]) -> list[Document]:
        """All triggers that are webhooks."""
        return _list(_ask("GET", "triggers", None, options))

    @staticmethod
    @blocks
    def get_function(name: str, **options: Unpack[CallOptions]) -> Document:
        """The webhook of a function."""
        return _one(_ask("GET", _function(name), None, options))

    @staticmethod
    @blocks
    def get_trigger(class_name: str, trigger_name: str, **options: Unpack[CallOptions]) -> Document:
        """The webhook of a trigger: of `"Post"` and `"beforeSave"`."""
        return _one(_ask("GET", _trigger(class_name, trigger_name), None, options))

    @staticmethod
    @blocks
    def create_function(name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """A new webhook for a function."""
        return _one(_ask("POST", "functions", {"functionName": name, "url": url}, options))

    @staticmethod
    @blocks
    def create_trigger(class_name: str, trigger_name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """A new webhook for a trigger."""
        hook = {"className": class_name, "triggerName": trigger_name, "url": url}
        return _one(_ask("POST", "triggers", hook, options))

    @staticmethod
    @blocks
    def update_function(name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """The webhook of a function, at another address."""
        return _one(_ask("PUT", _function(name), {"url": url}, options))

    @staticmethod
    @blocks
    def update_trigger(class_name: str, trigger_name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """The webhook of a trigger, at another address."""
        return _one(_ask("PUT", _trigger(class_name, trigger_name), {"url": url}, options))

    @staticmethod
    @blocks
    def remove_function(name: str, **options: Unpack[CallOptions]) -> None:
        """A function is no webhook any more."""
        _ask("PUT", _function(name), {"__op": "Delete"}, options)

    @staticmethod
    @blocks
    def remove_trigger(class_name: str, trigger_name: str, **options: Unpack[CallOptions]) -> None:
        """A trigger is no webhook any more."""
        _ask("PUT", _trigger(class_name, trigger_name), {"__op": "Delete"}, options)

    # --- On the event loop

    @staticmethod
    async def aget_functions(**options: Unpack[CallOptions]) -> list[Document]:
        """`get_functions` for the event loop."""
        return await in_thread(lambda: Hooks.get_functions(**options))

    @staticmethod
    async def aget_triggers(**options: Unpack[CallOptions]) -> list[Document]:
        """`get_triggers` for the event loop."""
        return await in_thread(lambda: Hooks.get_triggers(**options))

    @staticmethod
    async def aget_function(name: str, **options: Unpack[CallOptions]) -> Document:
        """`get_function` for the event loop."""
        return await in_thread(lambda: Hooks.get_function(name, **options))

    @staticmethod
    async def aget_trigger(class_name: str, trigger_name: str, **options: Unpack[CallOptions]) -> Document:
        """`get_trigger` for the event loop."""
        return await in_thread(lambda: Hooks.get_trigger(class_name, trigger_name, **options))

    @staticmethod
    async def acreate_function(name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """`create_function` for the event loop."""
        return await in_thread(lambda: Hooks.create_function(name, url, **options))

    @staticmethod
    async def acreate_trigger(class_name: str, trigger_name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """`create_trigger` for the event loop."""
        return await in_thread(lambda: Hooks.create_trigger(class_name, trigger_name, url, **options))

    @staticmethod
    async def aupdate_function(name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """`update_function` for the event loop."""
        return await in_thread(lambda: Hooks.update_function(name, url, **options))

    @staticmethod
    async def aupdate_trigger(class_name: str, trigger_name: str, url: str, **options: Unpack[CallOptions]) -> Document:
        """`update_trigger` for the event loop."""
        return await in_thread(lambda: Hooks.update_trigger(class_name, trigger_name, url, **options))

    @staticmethod
    async def aremove_function(name: str, **options: Unpack[CallOptions]) -> None:
        """`remove_function` for the event loop."""
        await in_thread(lambda: Hooks.remove_function(name, **options))

    @staticmethod
    async def aremove_trigger(class_name: str, trigger_name: str, **options: Unpack[CallOptions]) -> None:
        """`remove_trigger` for the event loop."""
        await in_thread(lambda: Hooks.remove_trigger(class_name, trigger_name, **options))


def _ask(method: str, path: str, body: Document | None, options: CallOptions) -> Any:
    return Api({"use_master_key": True, **options}).ask(method, f"hooks/{path}", body).body


def _function(name: str) -> str:
    return f"functions/{name}"


def _trigger(class_name: str, trigger_name: str) -> str:
    return f"triggers/{class_name}/{trigger_name}"


def _list(body: Any) -> list[Document]:
    return list(body)


def _one(body: Any) -> Document:
    """The webhook; a list of them where a trigger is asked for in the reference's own way."""
    found: Document = body[0] if isinstance(body, list) else body
    return found
