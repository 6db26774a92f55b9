"""Fetching and destroying objects, one or many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.saving import ask_batch, failed
from parse_cloud.author.sdk.values import Values

if TYPE_CHECKING:
    from parse_cloud.author.sdk.calls import Api
    from parse_cloud.author.sdk.object import Object
    from parse_core.values.scalars import Document


def names(include: str | Iterable[str]) -> list[str]:
    """Fields to include, however they are given."""
    return [include] if isinstance(include, str) else list(include)


def fetch(api: Api, target: Object, include: Sequence[str] = ()) -> None:
    """Takes over the object as it is stored, in place of whatever was pending."""
    if target.id is None:
        raise ParseError(ParseError.MISSING_OBJECT_ID, "Object does not have an ID")
    query = {"include": ",".join(include)} if include else None
    take(target, api.get(f"classes/{target.class_name}/{target.id}", query))


def take(target: Object, document: Document) -> None:
    """Takes over a stored object as all there is to know of it; what its class keeps for itself stays."""
    with target.state.lock:
        kept = {key: value for key in target.kept_on_fetch if (value := target.get(key)) is not None}
        target.state.values = Values()
        target.state.pending[-1].clear()
        for key, value in kept.items():
            target.state.values.put(key, value)
        target.state.take(document)
        target.state.existed = True


def fetch_many(api: Api, targets: Sequence[Object], include: Sequence[str], *, force: bool) -> None:
    """Fetches objects of one class by one query. Raises `ParseError` 103, 104, or 101 for one that is not there."""
    if not targets:
        return
    class_name = targets[0].class_name
    if any(each.class_name != class_name for each in targets):
        raise ParseError(ParseError.INVALID_CLASS_NAME, "All objects should be of the same class")
    if any(each.id is None for each in targets):
        raise ParseError(ParseError.MISSING_OBJECT_ID, "All objects must have an ID")
    wanted = [each for each in targets if force or not each.is_data_available()]
    ids = list(dict.fromkeys(each.id for each in wanted))
    if not ids:
        return
    query: Document = {"where": {"objectId": {"$in": ids}}, "limit": len(ids)}
    if include:
        query["include"] = ",".join(include)
    found = {each["objectId"]: each for each in api.get(f"classes/{class_name}", query)["results"]}
    if force and len(found) < len(ids):
        raise ParseError(ParseError.OBJECT_NOT_FOUND, "All objects must exist on the server.")
    for target in wanted:
        if target.id in found:
            take(target, dict(found[target.id]))


def destroy_many(api: Api, targets: Sequence[Object], batch_size: int, *, transaction: bool) -> None:
    """Destroys objects in batches. Raises `ParseError` 600 with the error of each that was refused."""
    stored = [each for each in targets if each.id is not None]
    size = len(stored) if transaction else batch_size
    errors: list[ParseError] = []
    for start in range(0, len(stored), size or 1):
        batch = stored[start : start + size]
        results = ask_batch(
            api,
            [("DELETE", f"classes/{each.class_name}/{each.id}", {}) for each in batch],
            transaction=transaction and len(batch) > 1,
        )
        errors += [failed(result, each) for each, result in zip(batch, results, strict=True) if "error" in result]
    if errors:
        raise ParseError(ParseError.AGGREGATE_ERROR, errors=errors)
