"""Random classes and callers through the database: get, find, count and include must say what the model says."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from types import MappingProxyType
from typing import Any

import orjson
import pytest

from parse_core.application import Application, applications
from parse_core.context import MASTER, Principal, RequestContext
from parse_core.objects.batch import create_many
from parse_core.objects.find import find, get
from parse_core.objects.requests import FindRequest, Saved, SaveRequest
from parse_core.schema.changes import registry_change
from parse_core.schema.classes import ClassSchema, Field
from parse_core.schema.definitions import empty_class
from tests.permissions.conftest import OPTIONS, drop_classes
from tests.permissions.model import Caller, Model, Refused
from tests.permissions.test_random_worlds_agree_with_the_model import outcome
from tests.permissions.worlds import caller, world

SEEDS = range(8)
WORLDS_PER_SEED = 12
CALLERS_PER_WORLD = 4
FIELDS = {
    "owner": Field("Pointer", "_User"),
    "editors": Field("Array"),
    **dict.fromkeys("abc", Field("Number")),
}
BOX_FIELDS = {"one": Field("Pointer", "World"), "many": Field("Array")}


@pytest.fixture(scope="module")
def application(database_url: str) -> Iterator[Application]:
    application = applications.configure({**OPTIONS, "appId": "worlds"})
    with registry_change(application) as change:
        change.ensure("World", FIELDS)
        change.ensure("Box", BOX_FIELDS)
    yield application
    drop_classes(application)
    applications.remove("worlds")


@pytest.mark.parametrize("seed", SEEDS)
def test_reads_agree(application: Application, seed: int) -> None:
    random = Random(seed)  # noqa: S311 (worlds, no secrets)
    for _ in range(WORLDS_PER_SEED):
        model = _settled(application, world(random))
        for _ in range(CALLERS_PER_WORLD):
            who = caller(random)
            context = _context(application, who)
            reads: list[tuple[Any, Any]] = [
                (outcome(_find, context, {}), outcome(model.read, who, "find")),
                (outcome(_find, context, {"a": 1}), outcome(_asked, model, who, "a")),
                (outcome(_count, context), outcome(_counted, model, who)),
                (outcome(_included, context, "one"), outcome(model.read, who, "get")),
                (outcome(_included, context, "many"), outcome(model.read, who, "get")),
            ]
            reads.extend(
                (outcome(_get, context, item["objectId"]), outcome(_one, model, who, item)) for item in model.objects
            )
            for number, (ours, expected) in enumerate(reads):
                assert _sorted(ours) == _sorted(expected), (number, model, who)


def _settled(application: Application, model: Model) -> Model:
    """The model's class and objects, in the database; the model keeps one object per id."""
    model.is_user_class = False
    model.objects = list({item["objectId"]: item for item in model.objects}.values())
    applications.configure({**OPTIONS, "appId": "worlds", "protectedFields": {"World": model.option_protected}})
    context = RequestContext(application, MASTER)
    for name in ("World", "Box"):
        empty_class(context, name)
    _permit(application, model.permissions)
    _create(context, "World", model.objects)
    pointers = [{"__type": "Pointer", "className": "World", "objectId": item["objectId"]} for item in model.objects]
    _create(context, "Box", [{"one": pointer} for pointer in pointers] + [{"many": pointers}])
    return model


def _permit(application: Application, permissions: Any) -> None:
    with registry_change(application) as change:
        present = change.current("World")
        change.put(
            ClassSchema(
                present.name,
                present.namespace,
                present.table,
                present.fields,
                None if permissions is None else MappingProxyType(permissions),
            )
        )


def _create(context: RequestContext, class_name: str, bodies: list[dict[str, Any]]) -> None:
    outcomes = create_many(context, [SaveRequest(class_name, body) for body in bodies])
    assert all(isinstance(each, Saved) for each in outcomes), outcomes


def _context(application: Application, who: Caller) -> RequestContext:
    principal = Principal(user_id=who.user, roles=frozenset(f"role:{role}" for role in who.roles))
    return RequestContext(application, principal)


def _find(context: RequestContext, where: Any) -> Any:
    return [_plain(item) for item in orjson.loads(find(context, FindRequest("World", where=where)).json)]


def _get(context: RequestContext, object_id: str) -> Any:
    return [_plain(orjson.loads(get(context, FindRequest("World", object_id=object_id)).json))]


def _count(context: RequestContext) -> Any:
    return find(context, FindRequest("World", limit=0, count=True)).count


def _included(context: RequestContext, field: str) -> Any:
    request = FindRequest("Box", where={field: {"$exists": True}}, include=(field,))
    found = [box.get(field) for box in orjson.loads(find(context, request).json)]
    values = found if field == "one" else found[0]
    return [_plain(item) for item in values if item is not None]


def _asked(model: Model, who: Caller, name: str) -> Any:
    """A find with a condition that every object meets, on a field that may be hidden."""
    if name in model.hidden_from_queries(who):
        raise Refused(119)
    return model.read(who, "find")


def _counted(model: Model, who: Caller) -> int:
    return len(model.read(who, "count"))


def _one(model: Model, who: Caller, item: Any) -> Any:
    """What a get by id answers: an object out of reach is as one that does not exist."""
    seen = [found for found in model.read(who, "get") if found["objectId"] == item["objectId"]]
    if not seen:
        raise Refused(101)
    return seen


def _plain(item: Any) -> Any:
    return {
        name: value for name, value in item.items() if name not in ("createdAt", "updatedAt", "__type", "className")
    }


def _sorted(found: Any) -> Any:
    return sorted(found, key=lambda item: item["objectId"]) if isinstance(found, list) else found
