"""Objects to aggregate, and how: tests give pipelines as JSON and read results as a client would."""

from __future__ import annotations

from typing import Any

import orjson

from parse_core.context import Principal
from parse_core.objects.aggregate import aggregate, parse_aggregate
from tests.objects.worlds import MASTER, World, pointer

Json = Any


def date(iso: str) -> dict[str, str]:
    """`date("2020-01-01")` as a Date value."""
    return {"__type": "Date", "iso": f"{iso}T00:00:00.000Z" if len(iso) == 10 else iso}


def run(world: World, class_name: str, pipeline: Json, principal: Principal = MASTER, /, **parameters: Json) -> Json:
    """The results of a pipeline."""
    request = parse_aggregate(class_name, {"pipeline": pipeline, **parameters})
    return orjson.loads(aggregate(world.context(principal), request))


def distinct(world: World, class_name: str, field: str, /, **parameters: Json) -> Json:
    """The distinct values of a field."""
    request = parse_aggregate(class_name, {"distinct": field, **parameters})
    return orjson.loads(aggregate(world.context(MASTER), request))


def fill(world: World) -> None:
    """Two authors and their books, sales of goods, and users."""
    world.define("Author", name="String", born="Date", home="GeoPoint")
    world.put("Author", "ann", name="Ann", born=date("1960-05-04"))
    world.put("Author", "bob", name="Bob", born=date("1975-12-31"))
    world.define(
        "Book", title="String", pages="Number", price="Number", author="Pointer<Author>", tags="Array", out="Date",
        about="Object", good="Boolean", cover="File", readers="Relation<_User>", others="Array", at="GeoPoint",
    )  # fmt: skip
    ann, bob = pointer("Author", "ann"), pointer("Author", "bob")
    world.put("Book", "b1", title="Ash", pages=100, price=10, author=ann, tags=["x", "y"], out=date("2020-01-15"),
              about={"lang": "en", "isbn": {"n": 1}}, good=True, others=[ann, bob])  # fmt: skip
    world.put("Book", "b2", title="Birch", pages=200, price=12.5, author=ann, tags=["y"], out=date("2020-02-15"),
              about={"lang": "fr"}, good=False, others=[])  # fmt: skip
    world.put("Book", "b3", title="Cedar", pages=300, price=2.5, author=bob, tags=[], out=date("2021-01-15"),
              about={"lang": "en"}, good=True)  # fmt: skip
    world.put("Book", "b4", title="Dogwood", pages=None, tags="none")
    world.define("_User", username="String", score="Number", book="Pointer<Book>", authData="Object")
    world.put("_User", "u1", username="una", score=10, book=pointer("Book", "b1"),
              internal={"_hashed_password": "secret-hash", "_email_verify_token": "secret-token"})  # fmt: skip
