"""Thousands of random classes, objects and callers: `authorize` and the plain model must say the same."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from types import MappingProxyType
from typing import Any

import pytest

from parse_core.context import Principal, RequestContext
from parse_core.errors import ParseError
from parse_core.permissions.actions import Action
from parse_core.permissions.authorize import authorize
from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema, Field
from tests.permissions.applications import application
from tests.permissions.model import Caller, Model, Refused
from tests.permissions.worlds import caller, world

pytestmark = pytest.mark.usefixtures("plain_users")
SEEDS = range(20)
WORLDS_PER_SEED = 100
FIELDS = {
    **DEFAULT_FIELDS,
    "owner": Field("Pointer", "_User"),
    "editors": Field("Array"),
    **dict.fromkeys("abc", Field("Number")),
}


@pytest.mark.parametrize("seed", SEEDS)
def test_who_sees_what_and_may_do_what(seed: int) -> None:
    random = Random(seed)  # noqa: S311 (worlds, no secrets)
    for _ in range(WORLDS_PER_SEED):
        model, who = world(random), caller(random)
        for action in ("find", "get", "count"):
            assert outcome(read, model, who, action) == outcome(model.read, who, action), (model, who)
        for action, adds in (("update", False), ("update", True), ("delete", False)):
            mine = outcome(writable, model, who, action, adds=adds)
            assert mine == outcome(model.writable, who, action, adds_field=adds), (model, who, action)
        for adds in (False, True):
            mine = outcome(create, model, who, adds=adds)
            assert mine == outcome(model.create, who, adds_field=adds), (model, who)


@pytest.mark.parametrize("seed", SEEDS)
def test_which_fields_may_be_asked_about(seed: int) -> None:
    random = Random(seed + 1000)  # noqa: S311 (worlds, no secrets)
    for _ in range(WORLDS_PER_SEED):
        model, who = world(random), caller(random)
        model.permissions = {**(model.permissions or {}), "find": {"*": True}}
        for name in ("a", "b", "c", "owner"):
            refused = name in model.hidden_from_queries(who)
            for question in ({"query_fields": (f"{name}.x",)}, {"order_fields": (name,)}):
                expected: Any = 119 if refused else "allowed"
                assert outcome(ask, model, who, question) == expected, (model, who, name)


def outcome(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What a call gives, or the code it is refused with."""
    try:
        return call(*arguments, **options)
    except Refused as refusal:
        return refusal.code
    except ParseError as error:
        return int(error.code)


def parties(model: Model, who: Caller) -> tuple[RequestContext, ClassSchema]:
    """The server's side of a model and its caller."""
    name = "_User" if model.is_user_class else "Post"
    options = {"protectedFields": {name: model.option_protected}, "protectedFieldsOwnerExempt": model.owner_exempt}
    principal = Principal(user_id=who.user, roles=frozenset(f"role:{role}" for role in who.roles))
    permissions = None if model.permissions is None else MappingProxyType(model.permissions)
    schema = ClassSchema(name, "app", name, MappingProxyType(FIELDS), permissions)
    return RequestContext(application(options), principal), schema


def read(model: Model, who: Caller, action: str) -> list[dict[str, Any]]:
    context, schema = parties(model, who)
    access = authorize(context, schema, Action(action))
    return [access.masked(item) for item in model.objects if access.restriction.matches(item)]


def writable(model: Model, who: Caller, action: str, *, adds: bool) -> list[str]:
    context, schema = parties(model, who)
    access = authorize(context, schema, Action(action), new_fields=("new",) if adds else ())
    return [item["objectId"] for item in model.objects if access.restriction.matches(item)]


def create(model: Model, who: Caller, *, adds: bool) -> None:
    context, schema = parties(model, who)
    authorize(context, schema, Action.CREATE, new_fields=("new",) if adds else ())


def ask(model: Model, who: Caller, question: dict[str, Any]) -> str:
    context, schema = parties(model, who)
    authorize(context, schema, Action.FIND, **question)
    return "allowed"
