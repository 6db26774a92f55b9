"""Queries: which objects of a class, and what is to be done with them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Generic, NoReturn, Self, Unpack, overload

from parse_cloud.author.current import current
from parse_cloud.author.sdk.calls import CallOptions
from parse_cloud.author.sdk.live import subscribe
from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.query_conditions import any_of
from parse_cloud.author.sdk.query_iteration import Iteration
from parse_cloud.author.sdk.query_results import T
from parse_cloud.author.sdk.query_shape import as_options, as_parameters
from parse_core.objects.requests import FindRequest
from parse_core.values.scalars import Document, Json


class Query(Iteration[T], Generic[T]):
    """A query: `Query("Review").equal_to("movie", "Alien").descending("stars").find()`.

    Of a Python class (`Query(Post)`) its results are of that class. `conditions` is the `where` of REST.
    """

    @overload
    def __init__(self: Query[Object], of: str | Object) -> None: ...
    @overload
    def __init__(self, of: type[T]) -> None: ...
    def __init__(self, of: Any) -> None:
        """`of`: the name of a class, one that stands for it, or an object of it."""
        name = of if isinstance(of, str) else getattr(of, "class_name", None)
        if not isinstance(name, str) or not name:
            raise TypeError("A ParseQuery must be constructed with a ParseObject or class name.")
        self.class_name = "_User" if name == "User" else name
        self.conditions: Document = {}
        self.options: dict[str, Any] = {}
        self._cancelled = False

    # --- Several as one

    @staticmethod
    def or_(*queries: Query[T]) -> Query[T]:
        """Finds what any of the queries would."""
        return _joined("$or", queries)

    @staticmethod
    def and_(*queries: Query[T]) -> Query[T]:
        """Finds what all of the queries would."""
        return _joined("$and", queries)

    @staticmethod
    def nor(*queries: Query[T]) -> Query[T]:
        """Finds what none of the queries would."""
        return _joined("$nor", queries)

    # --- As JSON

    def to_json(self) -> Document:
        """The parameters of the request: `{"where": {…}, "order": "a,-b", "limit": 10}`."""
        return as_parameters(copy.deepcopy(self.conditions), self.options)

    @classmethod
    def from_json(cls, class_name: str, parameters: Document) -> Query[Object]:
        """The query that such parameters ask for."""
        return Query(class_name).with_json(parameters)

    def with_json(self, parameters: Document) -> Self:
        """The query with the parameters in the place of its own."""
        if parameters.get("where"):
            self.conditions = copy.deepcopy(parameters["where"])
        self.options.update(as_options(parameters))
        return self

    def as_subquery(self) -> Document:
        """The parameters with the class, as conditions of other queries have them."""
        return {**self.to_json(), "className": self.class_name}

    def copy(self) -> Self:
        """The same query once more."""
        made = copy.copy(self)
        made.conditions = copy.deepcopy(self.conditions)
        made.options = copy.deepcopy(self.options)
        made._cancelled = False  # noqa: SLF001 (its own)
        return made

    def cancel(self) -> Self:
        """Makes a search that is going on, else the next one, find nothing."""
        self._cancelled = True
        return self

    def subscribe(self, **options: Unpack[CallOptions]) -> NoReturn:
        """A live query: what changes in what is found. Raises `ParseError` 108 where the server has none."""
        subscribe(self, **options)

    async def asubscribe(self, **options: Unpack[CallOptions]) -> NoReturn:
        """`subscribe` for the event loop."""
        subscribe(self, **options)

    def __repr__(self) -> str:
        return f"<Query {self.class_name} {self.to_json()}>"

    # --- As the server's own

    @classmethod
    def from_find(cls, request: FindRequest) -> Query[Any]:
        """A search on its way to the database, as its handlers see it. Whether it counts is not theirs to say."""
        query = Query(request.class_name)
        query.conditions = copy.deepcopy(request.where) if isinstance(request.where, dict) else {}
        if request.object_id is not None:
            query.conditions["objectId"] = request.object_id
        given: dict[str, Json] = {
            "order": list(request.order),
            "keys": None if request.keys is None else list(request.keys),
            "excludeKeys": list(request.exclude_keys),
            "include": [*request.include, *(["*"] if request.include_all else ())],
            "limit": _limit(request),
            "skip": request.skip,
            "explain": request.explain,
            "comment": request.comment,
        }
        query.options = {name: value for name, value in given.items() if value or (name == "limit" and value == 0)}
        return query

    def to_find(self, request: FindRequest) -> FindRequest:
        """The search that a handler's query makes of one: its conditions, and those options that are not empty."""
        return _found(self, request)


def _joined(word: str, queries: Sequence[Query[T]]) -> Query[T]:
    if not queries:
        raise ValueError("At least one query is needed.")
    if any(query.class_name != queries[0].class_name for query in queries):
        raise ValueError("All queries must be for the same class.")
    joined: Query[Any] = Query(queries[0].class_name)
    joined.conditions = copy.deepcopy(any_of(word, queries))
    return joined


def _limit(request: FindRequest) -> int | None:
    """The limit that applies, for a list; a get has none."""
    if request.limit is not None or request.object_id is not None:
        return request.limit
    found = current.get(None)
    return None if found is None else found.application.options.default_limit


def _found(query: Query[Any], request: FindRequest) -> FindRequest:
    where, options = copy.deepcopy(query.conditions), query.options
    object_id = request.object_id
    if object_id is not None and isinstance(where.get("objectId"), str):
        object_id = where.pop("objectId")
    changed: dict[str, Any] = {
        "order": tuple(options.get("order", ())),
        "keys": tuple(options.get("keys", ())),
        "exclude_keys": tuple(options.get("excludeKeys", ())),
        "include": tuple(name for name in options.get("include", ()) if name != "*"),
        "include_all": "*" in options.get("include", ()),
        "limit": None if options.get("limit") == _limit(request) else options.get("limit"),
        "skip": options.get("skip", 0),
        "explain": options.get("explain"),
        "comment": options.get("comment"),
    }
    taken = {name: value for name, value in changed.items() if value}
    return replace(request, where=where or None, object_id=object_id, **taken)
