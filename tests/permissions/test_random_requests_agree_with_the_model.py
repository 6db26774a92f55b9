"""20,000 random requests over REST, alone and in batches, are answered as the plain model of the permissions says.

A class with random permissions and objects (`worlds.py`), users with random roles, and everything they may ask of it:
get, find, count, include, sub-queries, conditions on what may be hidden, creates, updates and deletes with and without
new fields. What disagrees is made smaller before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from types import MappingProxyType
from typing import Any

import pytest

from parse_auth import passwords
from parse_core.application import Application, applications
from parse_core.context import MASTER, RequestContext
from parse_core.schema.changes import registry_change
from parse_core.schema.classes import Field
from parse_core.schema.definitions import empty_class
from parse_core.schema.system_class import system_class
from tests.permissions.conftest import OPTIONS, drop_classes
from tests.permissions.model import Caller, Model, Refused
from tests.permissions.worlds import ROLES, USERS, world
from tests.support.client import ApiClient

Json = Any
SEEDS = range(8)
CASES_PER_SEED = 2_500
FIELDS = {"owner": Field("Pointer", "_User"), "editors": Field("Array"), **dict.fromkeys("abcn", Field("Number"))}
BOX_FIELDS = {"one": Field("Pointer", "World"), "many": Field("Array")}
NOT_COMPARED = ("createdAt", "updatedAt", "__type", "className", "n")
PEOPLE = (*USERS, "dee")  # whom no permission names
fresh = (f"new{number}" for number in count())


@dataclass(frozen=True)
class Case:
    """A request, how to read its answer, and what the model says."""

    name: str
    method: str
    path: str
    content: dict[str, Json]
    read: Callable[[Json], Json]
    expected: Callable[[Model, Caller], Json]


class Server:
    """The application with its clients; `settle` puts a world into it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.api = ApiClient(application)
        for name in PEOPLE:
            signed_up = self.api.post("/users", {"objectId": name, "username": name, "password": "x"})
            self.api.users[name] = signed_up.json["sessionToken"]
        self.roles = {name: self._role(name) for name in ROLES}

    def _role(self, name: str) -> str:
        made = self.api.post("/roles", {"name": name, "ACL": {}}, master=True)
        return f"/roles/{made.json['objectId']}"

    def assign(self, random: Random) -> list[Caller]:
        """Everybody there is, with other roles than before."""
        owners = {name: [person for person in PEOPLE if random.random() < 0.4] for name in ROLES}
        for name, members in owners.items():
            for operation, people in (("RemoveRelation", PEOPLE), ("AddRelation", members)):
                pointers = [{"__type": "Pointer", "className": "_User", "objectId": each} for each in people]
                body = {"users": {"__op": operation, "objects": pointers}}
                assert self.api.put(self.roles[name], body, master=True).status == 200
        roles = {person: tuple(name for name in ROLES if person in owners[name]) for person in PEOPLE}
        return [Caller(), *(Caller(person, roles[person]) for person in PEOPLE)]

    def settle(self, model: Model) -> None:
        """The model's class with its objects, and boxes that point to each."""
        option = {"protectedFields": {"World": model.option_protected}}
        applications.configure({**OPTIONS, "appId": self.application.id, **option})
        with registry_change(self.application) as change:
            for name, fields, permissions in (("World", FIELDS, model.permissions), ("Box", BOX_FIELDS, None)):
                change.put(_class(self.application, name, fields, permissions))
        self._fill("World", model.objects)
        pointers = [_pointer(item["objectId"]) for item in model.objects]
        self._fill("Box", [{"one": pointer} for pointer in pointers] + [{"many": pointers}])

    def _fill(self, class_name: str, bodies: Sequence[Json]) -> None:
        empty_class(RequestContext(self.application, MASTER), class_name)
        parts = [{"method": "POST", "path": f"/parse/classes/{class_name}", "body": body} for body in bodies]
        assert all("success" in each for each in self.api.post("/batch", {"requests": parts}, master=True).json)

    def alone(self, case: Case, who: Caller) -> Json:
        """The code of the refusal, or what the answer says."""
        how = {"query": case.content} if case.method == "GET" else {"body": case.content}
        answer = self.api.request(case.method, case.path, as_user=who.user, **how).json
        return _outcome(case, answer.get("code"), answer)

    def batched(self, cases: Sequence[Case], who: Caller) -> list[Json]:
        """The same of each part of a batch."""
        parts = [{"method": case.method, "path": f"/parse{case.path}", "body": case.content} for case in cases]
        answers = self.api.post("/batch", {"requests": parts}, as_user=who.user).json
        return [
            _outcome(case, answer.get("error", {}).get("code"), answer.get("success"))
            for case, answer in zip(cases, answers, strict=True)
        ]


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_COST", 4)
        application = applications.configure({**OPTIONS, "appId": "worlds"})
        application.reset()
        yield Server(application)
        drop_classes(application)
        applications.remove("worlds")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_is_what_the_model_says(server: Server, seed: int) -> None:
    random, asked = Random(seed), 0  # noqa: S311 - worlds, no secrets
    while asked < CASES_PER_SEED:
        everybody, model = server.assign(random), world(random)
        model.is_user_class = False
        model.objects = list({item["objectId"]: item for item in model.objects}.values())
        server.settle(model)
        for who in everybody:
            cases = [*reads(model), *updates(model)]
            asked += _compare(server, model, who, [(case, server.alone(case, who)) for case in cases])
            cases = [*reads(model), *updates(model)]
            asked += _compare(server, model, who, zip(cases, server.batched(cases, who), strict=True))
        for who in random.sample(everybody, len(everybody)):
            for case in deletes(model):
                given = server.alone(case, who) if random.random() < 0.5 else server.batched([case], who)[0]
                asked += _compare(server, model, who, [(case, given)])
                if given == "done":
                    model.objects = [item for item in model.objects if case.name != f"delete {item['objectId']}"]
        for who in everybody:
            asked += _compare(server, model, who, [(case, server.alone(case, who)) for case in creates()])
            cases = [*creates()]
            asked += _compare(server, model, who, zip(cases, server.batched(cases, who), strict=True))


def reads(model: Model) -> Iterator[Case]:
    """Everything that can be asked of the class."""
    path = "/classes/World"
    yield Case("find", "GET", path, {}, _results, _found)
    yield Case("count", "GET", path, {"count": 1, "limit": 0}, lambda a: a["count"], _counted)
    for name in ("a", "owner"):
        exists = {name: {"$exists": True}}
        alike: list[tuple[str, str, dict[str, Json], Callable[[Json], Json], Callable[[Json], Json]]] = [
            ("where", path, {"where": {"$or": [exists, {"objectId": {"$ne": "-"}}]}}, _results, _sorted),
            ("order", path, {"order": f"-{name}"}, _results, _sorted),
            ("dotted", path, {"where": {"$nor": [{f"{name}.x": 1}]}}, _results, _sorted),
            ("subquery", "/classes/Box", {"where": _inside("$inQuery", {"$nor": [{name: "-"}]})}, _pointed, _ids),
        ]
        for kind, where, content, read, shape in alike:
            yield Case(f"{kind} {name}", "GET", where, content, read, _asked(name, shape))
    yield Case("in", "GET", "/classes/Box", {"where": _inside("$inQuery", {})}, _pointed, _found_ids)
    yield Case("not in", "GET", "/classes/Box", {"where": _inside("$notInQuery", {})}, _pointed, _other_ids)
    for field in BOX_FIELDS:
        included = {"where": {field: {"$exists": True}}, "include": field}
        yield Case(f"include {field}", "GET", "/classes/Box", included, _included(field), _readable)
    for item in model.objects:
        object_id = item["objectId"]
        yield Case(f"get {object_id}", "GET", f"{path}/{object_id}", {}, _one_plain, _one(object_id))


def updates(model: Model) -> Iterator[Case]:
    for item in model.objects:
        object_id = item["objectId"]
        for adds, body in ((False, {"n": 1}), (True, {next(fresh): 1})):
            name = f"{'extend' if adds else 'update'} {object_id}"
            yield Case(name, "PUT", f"/classes/World/{object_id}", body, _done, _writes(object_id, "update", adds=adds))


def deletes(model: Model) -> Iterator[Case]:
    for item in model.objects:
        object_id = item["objectId"]
        yield Case(
            f"delete {object_id}", "DELETE", f"/classes/World/{object_id}", {}, _done, _writes(object_id, "delete")
        )


def creates() -> Iterator[Case]:
    for adds, body in ((False, {"n": 1}), (True, {next(fresh): 1})):
        yield Case(f"create {adds}", "POST", "/classes/World", body, _done, _creates(adds=adds))


def _compare(server: Server, model: Model, who: Caller, answered: Any) -> int:
    """How many answers were compared. Fails with the smallest world in which one is still wrong when asked alone."""
    number = 0
    for case, given in answered:
        number += 1
        expected = _expected(case, model, who)
        if given != expected:
            smallest = _smaller(server, deepcopy(model), who, case.name)
            pytest.fail(f"{who}, {case}\nin {smallest}\ngot {given}\nnot {expected}")
    return number


def _smaller(server: Server, model: Model, who: Caller, name: str) -> Model:
    """The model without whatever it takes nothing away from the disagreement to leave out."""

    def is_wrong(tried: Model) -> bool:
        server.settle(tried)
        found = [case for case in (*reads(tried), *updates(tried), *deletes(tried), *creates()) if case.name == name]
        return bool(found) and server.alone(found[0], who) != _expected(found[0], tried, who)

    progress = True
    while progress:
        progress = False
        for tried in _reduced(model):
            if is_wrong(tried):
                model, progress = tried, True
                break
    return model


def _reduced(model: Model) -> Iterator[Model]:
    for part in (model.objects, model.option_protected, model.permissions or {}, *(model.permissions or {}).values()):
        for key in range(len(part)) if isinstance(part, list) else list(part):
            removed = part.pop(key)
            yield deepcopy(model)
            part.insert(key, removed) if isinstance(part, list) else part.update({key: removed})


def _expected(case: Case, model: Model, who: Caller) -> Json:
    try:
        return case.expected(model, who)
    except Refused as refusal:
        return refusal.code


def _outcome(case: Case, code: int | None, answer: Json) -> Json:
    return case.read(answer) if code is None else code


def _asked(name: str, shape: Callable[[Json], Json]) -> Callable[[Model, Caller], Json]:
    """The answer to a condition that every object meets, on a field that may be hidden."""

    def expected(model: Model, who: Caller) -> Json:
        if name in model.hidden_from_queries(who):
            raise Refused(119)
        return shape(model.read(who, "find"))

    return expected


def _counted(model: Model, who: Caller) -> Json:
    return len(model.read(who, "count"))


def _found(model: Model, who: Caller) -> Json:
    return _sorted(model.read(who, "find"))


def _readable(model: Model, who: Caller) -> Json:
    return _sorted(model.read(who, "get"))


def _found_ids(model: Model, who: Caller) -> Json:
    return _ids(model.read(who, "find"))


def _other_ids(model: Model, who: Caller) -> Json:
    found = _found_ids(model, who)
    # The box with the list has no such field, and so nothing that were in the answer.
    return [each for each in _ids(model.objects) if each not in found]


def _one(object_id: str) -> Callable[[Model, Caller], Json]:
    """An object out of reach is as one that does not exist."""

    def expected(model: Model, who: Caller) -> Json:
        seen = [found for found in model.read(who, "get") if found["objectId"] == object_id]
        if not seen:
            raise Refused(101)
        return seen[0]

    return expected


def _writes(object_id: str, action: str, *, adds: bool = False) -> Callable[[Model, Caller], Json]:
    def expected(model: Model, who: Caller) -> Json:
        if object_id not in model.writable(who, action, adds_field=adds):
            raise Refused(101)
        return "done"

    return expected


def _creates(*, adds: bool) -> Callable[[Model, Caller], Json]:
    def expected(model: Model, who: Caller) -> Json:
        model.create(who, adds_field=adds)
        return "done"

    return expected


def _inside(operator: str, where: Json) -> Json:
    return {"one": {operator: {"className": "World", "where": where}, "$exists": True}}


def _class(application: Application, name: str, fields: dict[str, Field], permissions: Json) -> Any:
    present = application.schemas.unknown(name)
    every = MappingProxyType({**present.fields, **system_class(name).fields, **fields})
    return replace(present, fields=every, permissions=permissions and MappingProxyType(permissions), exists=True)


def _pointer(object_id: str) -> Json:
    return {"__type": "Pointer", "className": "World", "objectId": object_id}


def _id(item: Json) -> str:
    return str(item["objectId"])


def _ids(items: Json) -> Json:
    return sorted(item["objectId"] for item in items)


def _sorted(items: Json) -> Json:
    return sorted(items, key=_id)


def _done(_answer: Json) -> Json:
    return "done"


def _one_plain(item: Json) -> Json:
    return {name: value for name, value in item.items() if name not in NOT_COMPARED and not name.startswith("new")}


def _results(answer: Json) -> Json:
    return sorted((_one_plain(item) for item in answer["results"]), key=_id)


def _pointed(answer: Json) -> Json:
    return _ids(box["one"] for box in answer["results"])


def _included(field: str) -> Callable[[Json], Json]:
    def read(answer: Json) -> Json:
        found = [box.get(field) for box in answer["results"]]
        values = found if field == "one" else found[0]
        return sorted((_one_plain(item) for item in values if item is not None), key=_id)

    return read
