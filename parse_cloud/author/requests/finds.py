"""The requests of triggers of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from parse_cloud.author.requests.base import Request
from parse_cloud.author.sdk.encoding import RESULT, encode
from parse_cloud.author.sdk.object import Object
from parse_cloud.invocations import AfterFindCall, BeforeFindCall, Invocation
from parse_core.values.scalars import Document, Json

if TYPE_CHECKING:
    from parse_cloud.author.sdk.query import Query

O = TypeVar("O", bound=Object)  # noqa: E741 - of an object


class BeforeFindRequest(Request):
    """A query before it runs. `query` may be changed, or set anew."""

    def __init__(self, invocation: Invocation) -> None:
        from parse_cloud.author.sdk.query import Query

        super().__init__(invocation)
        self.query: Query[Any] = Query.from_find(self._call.query)

    @property
    def trigger_name(self) -> str:
        """`beforeFind`."""
        return str(self._invocation.kind)

    @property
    def count(self) -> bool:
        """Whether the number of all matches is asked for."""
        return self._call.count

    @property
    def is_get(self) -> bool:
        """Whether one object is asked for by its id."""
        return self._call.is_get

    @property
    def read_preference(self) -> Json:
        """From which members of a replica set to read; without effect on PostgreSQL."""
        return self._call.preferences.get("readPreference")

    @read_preference.setter
    def read_preference(self, value: Json) -> None:
        self._call.preferences["readPreference"] = value

    @property
    def include_read_preference(self) -> Json:
        """The same for included objects."""
        return self._call.preferences.get("includeReadPreference")

    @include_read_preference.setter
    def include_read_preference(self, value: Json) -> None:
        self._call.preferences["includeReadPreference"] = value

    @property
    def subquery_read_preference(self) -> Json:
        """The same for queries inside the query."""
        return self._call.preferences.get("subqueryReadPreference")

    @subquery_read_preference.setter
    def subquery_read_preference(self, value: Json) -> None:
        self._call.preferences["subqueryReadPreference"] = value

    @property
    def _call(self) -> BeforeFindCall:
        return cast("BeforeFindCall", self._invocation)


class AfterFindRequest(Request, Generic[O]):
    """What a query found. `objects` may be changed, or set anew; `results` is another name for it."""

    object = None

    def __init__(self, invocation: Invocation) -> None:
        super().__init__(invocation)
        documents = self._call.objects
        self.objects: list[O] = [cast("O", Object.from_json(document)) for document in documents]
        self._found = {id(each): document for each, document in zip(self.objects, documents, strict=True)}
        self._alive = list(self.objects)  # an id is another object's when the first one is gone

    @property
    def trigger_name(self) -> str:
        """`afterFind`."""
        return str(self._invocation.kind)

    @property
    def results(self) -> list[O]:
        """The objects."""
        return self.objects

    @results.setter
    def results(self, value: list[O]) -> None:
        self.objects = value

    @property
    def query(self) -> Query[Any]:
        """The query that was asked."""
        from parse_cloud.author.sdk.query import Query

        return Query.from_find(self._call.query)

    @property
    def is_get(self) -> bool:
        """Whether one object was asked for by its id."""
        return self._call.is_get

    @property
    def _call(self) -> AfterFindCall:
        return cast("AfterFindCall", self._invocation)

    def document(self, item: Any) -> Document:
        """A result as it goes on; one that nobody touched as it came. Raises `TypeError` for what cannot be one."""
        known = self._found.get(id(item))
        if known is not None and not item.dirty():
            return known
        return document_of(item)


def document_of(item: Any) -> Document:
    """An object with its `className`, changes that are not saved included. A dictionary is taken as it is."""
    if isinstance(item, Object):
        fields: Document = {key: encode(value, RESULT) for key, value in item.items()}
        for name in ("createdAt", "updatedAt"):
            if name in fields:
                fields[name] = fields[name]["iso"]
        if item.id is not None:
            fields["objectId"] = item.id
        return {**fields, "className": item.class_name}
    if isinstance(item, dict):
        return cast("Document", encode(item, RESULT))
    raise TypeError(f"A result is an object, not {type(item).__name__}")
