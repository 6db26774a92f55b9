"""What can be done with what a query finds; each method that waits for the database has a twin for the event loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack, cast

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import encode
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.object import Object
from parse_cloud.author.sdk.query_shape import Shape
from parse_cloud.author.sdk.twins import blocks, twin
from parse_core.values.scalars import Document

if TYPE_CHECKING:
    from parse_cloud.author.sdk.query import Query

T = TypeVar("T", bound=Object)
_OF_AGGREGATES = frozenset({"hint", "explain", "readPreference"})


class Found(list[T]):
    """Objects a query found; `total` is the number of all matches, when `with_count` asked for it."""

    total: int | None = None


class Results(Shape, Generic[T]):
    """The searches themselves."""

    class_name: str
    _cancelled: bool

    @blocks
    def find(self, **options: Unpack[CallOptions]) -> Found[T]:
        """The objects, 100 unless a limit is set. With `explain`, how the database finds them."""
        answer = self._ask(Api(options), self._query.to_json())
        rows = answer.get("results", [])
        found: Found[T] = Found(rows if "explain" in self.options else self._objects(answer))
        found.total = answer.get("count")
        return found

    @blocks
    def find_json(self, **options: Unpack[CallOptions]) -> list[Document]:
        """The objects in REST JSON."""
        rows: list[Document] = self._ask(Api(options), self._query.to_json())["results"]
        return rows

    @blocks
    def first(self, **options: Unpack[CallOptions]) -> T | None:
        """The first of the objects, None when there is none."""
        answer = self._ask(Api(options), {**self._query.to_json(), "limit": 1})
        return next(iter(self._objects(answer)), None)

    @blocks
    def get(self, object_id: str, **options: Unpack[CallOptions]) -> T:
        """The object with an id, if it is one of those asked for. Raises `ParseError` 101 otherwise."""
        parameters = {**self._query.copy().equal_to("objectId", object_id).to_json(), "limit": 1}
        for found in self._objects(self._ask(Api(options), parameters)):
            return found
        raise ParseError(ParseError.OBJECT_NOT_FOUND, "Object not found.")

    @blocks
    def count(self, **options: Unpack[CallOptions]) -> int:
        """How many objects there are."""
        answer = self._ask(Api(options), {**self._query.to_json(), "limit": 0, "count": 1})
        return int(answer.get("count", 0))

    @blocks
    def distinct(self, key: str, **options: Unpack[CallOptions]) -> list[Any]:
        """The different values of a field. With the master key, unless `use_master_key=False` is given."""
        return self._aggregate({"distinct": key, "where": self.conditions}, options)

    @blocks
    def aggregate(
        self,
        pipeline: list[Mapping[str, Any]] | Mapping[str, Any],
        *,
        raw_values: bool | None = None,
        raw_field_names: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> list[Any]:
        """What an aggregation pipeline makes of the objects. With the master key, unless `use_master_key=False`."""
        stages: Any = encode(pipeline)
        if self.conditions:
            stages = [{"$match": self.conditions}, *(stages if isinstance(stages, list) else [stages])]
        raw = {"rawValues": raw_values, "rawFieldNames": raw_field_names}
        return self._aggregate({"pipeline": stages, **raw}, options)

    @blocks
    def exists_any(self, **options: Unpack[CallOptions]) -> bool:
        """Whether there is such an object."""
        parameters = {**self._query.to_json(), "limit": 1, "keys": "objectId"}
        return bool(self._ask(Api(options), parameters)["results"])

    afind = twin(find)
    afind_json = twin(find_json)
    afirst = twin(first)
    aget = twin(get)
    acount = twin(count)
    adistinct = twin(distinct)
    aaggregate = twin(aggregate)
    aexists_any = twin(exists_any)

    def pages(self, batch_size: int, options: CallOptions) -> Iterator[list[T]]:
        """All objects, in the order of their ids, a batch at a time. Raises `ValueError` for another order."""
        if any(name in self.options for name in ("order", "skip", "limit")):
            raise ValueError("Cannot iterate on a query with sort, skip, or limit.")
        if batch_size < 1:
            raise ValueError("A batch has at least one object")
        return self._pages(self._query.copy().ascending("objectId").limit(batch_size), batch_size, options)

    def _pages(self, query: Query[T], batch_size: int, options: CallOptions) -> Iterator[list[T]]:
        while not self._is_cancelled() and (page := query.find(**options)):
            yield page
            if len(page) < batch_size:
                return
            query.greater_than("objectId", page[-1].id)

    def _objects(self, answer: Document) -> list[T]:
        class_name = answer.get("className", self.class_name)
        return [cast("T", Object.from_json({"className": class_name, **row})) for row in answer.get("results", ())]

    def _ask(self, api: Api, parameters: Document) -> Document:
        """The answer of the server, or nothing when the search is cancelled before it is there."""
        if self._is_cancelled():
            return {"results": []}
        answer: Document = api.get(f"classes/{self.class_name}", parameters)
        return {"results": []} if self._is_cancelled() else answer

    def _aggregate(self, parameters: Document, options: CallOptions) -> list[Any]:
        asked = {name: value for name, value in parameters.items() if value is not None}
        asked |= {name: value for name, value in self.options.items() if name in _OF_AGGREGATES}
        answer = Api({"use_master_key": True, **options}).get(f"aggregate/{self.class_name}", asked)
        values: list[Any] = decode(answer["results"])
        return values

    def _is_cancelled(self) -> bool:
        cancelled, self._cancelled = self._cancelled, False
        return cancelled

    @property
    def _query(self) -> Query[T]:
        return cast("Query[T]", self)
