"""Saving objects: what they refer to first, many in one batch, answers taken over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.unsaved import Unsaved, can_be_written

if TYPE_CHECKING:
    from parse_cloud.author.sdk.calls import Api
    from parse_cloud.author.sdk.file import File
    from parse_cloud.author.sdk.object import Object
    from parse_core.values.scalars import Document

BATCH_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """A save as the REST API is asked for it."""

    method: str
    path: str
    body: Document

    @classmethod
    def of(cls, api: Api, target: Object) -> SaveRequest:
        """The pending changes of an object that began to be saved. A new user signs up."""
        body = {path: op.to_json() for path, op in target.state.pending[0].items()}
        if target.id is None:
            path = "users" if target.class_name == "_User" else f"classes/{target.class_name}"
            return cls("POST", path, body)
        if api.context.options.allow_custom_object_id and target.created_at is None:
            return cls("POST", f"classes/{target.class_name}", {**body, "objectId": target.id})
        return cls("PUT", f"classes/{target.class_name}/{target.id}", body)


def save(api: Api, target: Object, *, cascade: bool = True, transaction: bool = False) -> None:
    """Saves an object and, with `cascade`, the changed objects and files it refers to, before it.

    Raises `ParseError` of the first that is refused; what was saved before stays, unless in a transaction.
    """
    if cascade:
        children = Unsaved().add_children(target, deep=transaction)
        if transaction and children.objects:
            _save_files(api, children.files)
            save_objects(api, [*children.objects, target], transaction=True)
            return
        save_many(api, children.objects, files=children.files)
    save_alone(api, target)


def save_many(
    api: Api,
    targets: Sequence[Object],
    *,
    files: Sequence[File] = (),
    batch_size: int = BATCH_SIZE,
    transaction: bool = False,
) -> None:
    """Saves objects and what they refer to, in as many rounds as it takes until each can point to the others."""
    unsaved = Unsaved([], list(files))
    for target in targets:
        unsaved.add_children(target, deep=True)
    everything = list({id(each): each for each in (*targets, *unsaved.objects)}.values())
    _save_files(api, unsaved.files)
    save_objects(api, everything, batch_size=batch_size, transaction=transaction)


def save_objects(
    api: Api, objects: Sequence[Object], *, batch_size: int = BATCH_SIZE, transaction: bool = False
) -> None:
    """Saves objects whose files are stored, those first that refer to nothing unsaved."""
    pending = list(objects)
    if transaction and len(pending) > 1:
        if not all(map(can_be_written, pending)):
            raise ParseError(
                ParseError.OTHER_CAUSE,
                "Tried to save a transactional batch containing an object with unserializable attributes.",
            )
        batch_size = len(pending)
    while pending:
        batch = [each for each in pending if can_be_written(each)][:batch_size]
        if not batch:
            raise ParseError(ParseError.OTHER_CAUSE, "Tried to save a batch with a cycle.")
        _save_batch(api, batch, transaction=transaction)
        done = set(map(id, batch))
        pending = [each for each in pending if id(each) not in done]


def save_alone(api: Api, target: Object) -> None:
    """Saves one object, by a request of its own."""
    with _being_saved([target]):
        request = SaveRequest.of(api, target)
        answer = api.ask(request.method, request.path, request.body)
        target.state.saved(cast("Document", answer.body), existed=answer.status != 201)


def _save_batch(api: Api, batch: Sequence[Object], *, transaction: bool) -> None:
    """Raises the first error; the others of the batch are saved all the same, unless it is a transaction."""
    if len(batch) == 1:
        save_alone(api, batch[0])
        return
    with _being_saved(batch):
        requests = [SaveRequest.of(api, each) for each in batch]
        results = ask_batch(api, [(each.method, each.path, each.body) for each in requests], transaction=transaction)
        failure: ParseError | None = None
        for target, request, result in zip(batch, requests, results, strict=True):
            if "success" in result:
                target.state.saved(result["success"], existed=request.method != "POST")
            else:
                failure = failure or failed(result, target)
        if failure is not None:
            raise failure


def ask_batch(
    api: Api, requests: Sequence[tuple[str, str, Document]], *, transaction: bool = False
) -> list[dict[str, Any]]:
    """The results of several requests in one: `{"success": …}` or `{"error": …}` each."""
    # A batch takes paths as they are in an address.
    body: Document = {"requests": [{"method": m, "path": f"/{quote(path)}", "body": b} for m, path, b in requests]}
    if transaction and api.context.transaction is None:  # one that is open already holds them all
        body["transaction"] = True
    results: list[dict[str, Any]] = api.post("batch", body)
    return results


def failed(result: dict[str, Any], target: Object) -> ParseError:
    """The error of one object in a batch."""
    error = result["error"]
    return ParseError(error.get("code", ParseError.OTHER_CAUSE), error.get("error"), about=target)


@contextmanager
def _being_saved(targets: Sequence[Object]) -> Iterator[None]:
    """The objects while they are saved: one save of an object at a time; what is not answered is pending again."""
    with ExitStack() as locks:
        for state in sorted((each.state for each in targets), key=id):
            locks.enter_context(state.lock)
        begun = [each.state for each in targets]
        for state in begun:
            state.begin_save()
        try:
            yield
        finally:
            for state in begun:
                if len(state.pending) > 1:
                    state.save_failed()


def _save_files(api: Api, files: Sequence[File]) -> None:
    for file in files:
        file.store(api)
