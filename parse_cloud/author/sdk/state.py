"""What an object of user code is made of: an identity, what the server holds of it, and what it is going to change."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import FOR_SAVING, Encodable, encode
from parse_cloud.author.sdk.pending import Op, SetOp, UnsetOp
from parse_cloud.author.sdk.pending_paths import Changes, applied_at, joined
from parse_cloud.author.sdk.values import Values, decode_field
from parse_core.operations.base import MISSING, Missing
from parse_core.values.scalars import Document, Json

if TYPE_CHECKING:
    from parse_cloud.author.sdk.object import Object

UNSET = {"__op": "Delete"}
_KEPT = (str, int, float, bytes, list, dict, Encodable)


class State:
    """The state of one object.

    `pending` are changes by field or dotted path, the last of them still growing; those before it are being saved.
    """

    __slots__ = ("existed", "id", "lock", "owner", "pending", "values")

    def __init__(self, owner: Object) -> None:
        self.owner = owner
        self.id: str | None = None
        self.existed = False
        self.values = Values()
        self.pending: list[Changes] = [{}]
        self.lock = threading.RLock()  # one save at a time

    # --- Looking

    def get(self, key: str) -> Any | Missing:
        """A field with the pending changes applied."""
        value = self.values.get(key)
        for changes in self.pending:
            for path, op in changes.items():
                if path == key or path.startswith(f"{key}."):
                    value = applied_at(value, path.split("."), op, self.owner)
        return value

    def fields(self) -> list[str]:
        """The fields that have a value."""
        roots = (path.partition(".")[0] for changes in self.pending for path in changes)
        return [key for key in dict.fromkeys((*self.values, *roots)) if self.get(key) is not MISSING]

    def op(self, path: str) -> Op | None:
        """The first pending change of a field or path."""
        return next((changes[path] for changes in self.pending if path in changes), None)

    def dirty_keys(self) -> list[str]:
        """The fields and paths with changes, those changed in place among them; of a path also its field."""
        found: dict[str, None] = {}
        for path in (path for changes in self.pending for path in changes):
            found[path] = None
            found[path.partition(".")[0]] = None
        return [*found, *(key for key in self.values.changed_in_place() if key not in found)]

    # --- Changing

    def change(self, changes: Changes) -> None:
        """Adds changes to the pending ones. Raises `TypeError`, and changes nothing, if one is impossible."""
        for path, op in changes.items():
            if not isinstance(op, (SetOp, UnsetOp)):
                steps = path.split(".")
                applied_at(self.get(steps[0]), steps, op, self.owner)
        self.pending[-1] = joined(self.pending[-1], changes, self.owner)

    def revert(self, keys: tuple[str, ...]) -> None:
        """Takes back the changes of fields, with those of the paths within; of all fields without `keys`."""
        last = self.pending[-1]
        for path in list(last):
            if not keys or path in keys or path.partition(".")[0] in keys:
                del last[path]
        for key in keys or tuple(self.values):
            self.values.forget(key)

    # --- Saving

    def begin_save(self) -> Changes:
        """The changes to send; what is changed from now on waits for the next save.

        A value that was changed in place is sent whole, with what paths say about it.
        """
        for key in self.values.changed_in_place():
            if not isinstance(self.pending[-1].get(key), (SetOp, UnsetOp)):
                whole = self.get(key)
                self.pending[-1] = {p: op for p, op in self.pending[-1].items() if not p.startswith(f"{key}.")}
                self.pending[-1][key] = SetOp(whole)
        self.pending.append({})
        return self.pending[0]

    def save_failed(self) -> None:
        """What was to be saved is pending again, before what came since."""
        first = self.pending.pop(0)
        self.pending[0] = joined(first, self.pending[0], self.owner)

    def saved(self, answer: Document, *, existed: bool) -> None:
        """Takes over what the server answered, and for what it does not mention what was sent."""
        sent = self.pending.pop(0)
        for path, op in sent.items():
            steps = path.split(".")
            if len(steps) > 1 or path not in answer:
                value = applied_at(self.values.get(steps[0]), steps, op, self.owner)
                self.values.put(steps[0], _as_stored(value))
        for key, value in answer.items():
            if key == "objectId":
                self.id = self.id or value
            elif value == UNSET:
                self.values.put(key, MISSING)
            elif type(value) is dict and any(path.startswith(f"{key}.") for path in sent):
                self.values.put(key, _merged(self.values.get(key), decode_field(key, value)))
            else:
                self.values.put_wire(key, value)
        if "createdAt" in answer and "updatedAt" not in answer:
            self.values.put_wire("updatedAt", answer["createdAt"])
        self.existed = self.existed or existed

    def take(self, document: Document) -> None:
        """Takes over an object as the server sent it; what it does not mention stays."""
        for key, value in document.items():
            if key == "objectId":
                self.id = self.id or value
            elif key not in ("className", "__type"):
                self.values.put_wire(key, value)


def _as_stored(value: Any | Missing) -> Any | Missing:
    """What a value reads as from now on: times to the millisecond, a tuple as a list. What can be changed stays."""
    if value is MISSING or value is None or isinstance(value, _KEPT):
        return value
    return decode(encode(value, FOR_SAVING))


def _merged(known: Any, news: Json) -> Any:
    """A dictionary with the parts of it that an answer names: under a path it carries only what is there."""
    if type(known) is not dict or type(news) is not dict:
        return news
    return {**known, **{key: _merged(known.get(key), value) for key, value in news.items()}}
