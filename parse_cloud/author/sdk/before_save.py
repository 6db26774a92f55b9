"""The object of a save before it is written, and what its handler left of the write (`contract/cloud.md` §4.4)."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.pending import Op, SetOp
from parse_cloud.author.sdk.pending_links import CoreOp, RelationOp
from parse_cloud.author.sdk.received import op_of
from parse_core.application import Application
from parse_core.errors import InvalidJson
from parse_core.operations.base import Operation
from parse_core.operations.parse import parse_operation
from parse_core.operations.relations import LinkChange
from parse_core.values.decoding import decode
from parse_core.values.scalars import Document


@dataclass(frozen=True, slots=True)
class _Received:
    """A change as it came: what the handler leaves alone goes on as the very operation the client sent."""

    op: Op
    written: bytes
    operation: Operation


class PendingSave:
    """A save as its handler sees it: `object`, the stored one with the changes pending; `changes()` what is left."""

    def __init__(
        self,
        application: Application,
        class_name: str,
        changes: dict[str, Operation],
        *,
        original: Document | None = None,
        object_id: str | None = None,
    ) -> None:
        """`original` None: the object is being created, with an id only if the client chose one."""
        self._application = application
        self._received: dict[str, _Received] = {}
        if original is None:
            self.object = Object.without_data(class_name, object_id)
        else:
            self.object = Object.from_json({**original, "className": class_name})
        for key, operation in changes.items():
            op = op_of(key, operation)
            self._received[key] = _Received(op, _written(op), operation)
        self.object.state.pending = [{key: received.op for key, received in self._received.items()}]

    def changes(self) -> dict[str, Operation]:
        """The write as the handler left it, values that were changed in place included.

        Raises the server's own errors for what cannot be written, and `ParseError` for pointers to unsaved objects.
        """
        state = self.object.state
        pending = state.begin_save()
        try:
            return {key: self._operation(key, op) for key, op in pending.items()}
        finally:
            state.save_failed()

    def replaced_by(self, document: Document) -> dict[str, Operation]:
        """The write that a document asks for in the place of the whole one: a handler returned `{"object": …}`."""
        ignored = {"objectId", "createdAt", "updatedAt", "className", "__type"}
        kept = {key: value for key, value in document.items() if key not in ignored}
        written: Document = decode(_written(SetOp(kept)))
        return {key: parse_operation(value, self._application.file_addresses) for key, value in written.items()}

    def _operation(self, key: str, op: Op) -> Operation:
        written = _written(op)
        received = self._received.get(key)
        if received is not None and received.op is op and received.written == written:
            return received.operation
        if isinstance(op, CoreOp):
            return op.operation
        if isinstance(op, RelationOp):
            return LinkChange(op.target_class, op.added, op.removed, op.clear)
        return parse_operation(decode(written), self._application.file_addresses)


def _written(op: Op) -> bytes:
    """The change as it would be sent. Raises `InvalidJson` (107) for what JSON cannot hold."""
    try:
        return orjson.dumps(op.to_json())
    except orjson.JSONEncodeError as error:
        raise InvalidJson(f"This cannot be stored: {error}.") from error
