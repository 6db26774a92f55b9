"""From the parameters of a read, native or as text, to a `FindRequest` (`contract/queries.md` §1, §3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.objects.requests import FindRequest
from parse_core.values.decoding import JsonRefused, decode
from parse_core.values.scalars import Json

READ_PREFERENCES: Final = frozenset({"PRIMARY", "PRIMARY_PREFERRED", "SECONDARY", "SECONDARY_PREFERRED", "NEAREST"})
LARGEST: Final = 2**53  # beyond this, JSON numbers are not exact


def parse_find(class_name: str, parameters: Mapping[str, Json]) -> FindRequest:
    """The find that the parameters of a request ask for.

    Raises `InvalidQuery` (102) for an unknown parameter, limit, skip or read preference, `InvalidJson` (107) for a
    `where` that is no JSON object.
    """
    if not parameters:
        return FindRequest(class_name)
    for name in parameters:
        if name not in _FIND:
            message = f"Invalid parameter for query: {name}"
            raise InvalidQuery(message)
    return FindRequest(class_name, **_parsed(_FIND, parameters))


def parse_get(class_name: str, object_id: str, parameters: Mapping[str, Json]) -> FindRequest:
    """The get by id that the parameters of a request ask for. Raises `InvalidQuery` (102)."""
    if not parameters:
        return FindRequest(class_name, object_id=object_id)
    if any(name not in _GET for name in parameters):
        message = "Improper encode of parameter"
        raise InvalidQuery(message)
    return FindRequest(class_name, object_id=object_id, **_parsed(_GET, parameters))


Parser = tuple[str | None, Callable[[str, Json], Any]]  # the attribute of the request, None when it has no effect


def _parsed(parsers: Mapping[str, Parser], parameters: Mapping[str, Json]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in parameters.items():
        attribute, parse = parsers[name]
        parsed = parse(name, value)
        if attribute is not None and parsed is not None:
            values[attribute] = parsed
    return values


def _where(_name: str, value: Json) -> Json:
    if isinstance(value, str):
        try:
            value = decode(value.encode())
        except JsonRefused:
            raise _invalid_where() from None
    if value is None or value == []:
        return None
    if not isinstance(value, dict):
        raise _invalid_where()
    return value


def _invalid_where() -> InvalidJson:
    return InvalidJson("where parameter is not valid JSON")


def _whole_number(name: str, value: Json) -> int | None:
    if value is None or value == "":
        return None
    number = value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = -1
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number < float("inf"):
        message = f"Invalid parameter for query: {name}"
        raise InvalidQuery(message)
    return min(int(number), LARGEST)


def _names(_name: str, value: Json) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(stripped for part in _as_text(value).split(",") if (stripped := part.strip()))


def _as_text(value: Json) -> str:
    """As a client library would have written it into a query string: `["a", "b"]` is `a,b`."""
    if isinstance(value, list):
        return ",".join(_as_text(item) for item in value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _flag(_name: str, value: Json) -> bool:
    return bool(value) and value not in ("0", "false", "null")


def _text(_name: str, value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _token(_name: str, value: Json) -> str | None:
    if value is not None and not isinstance(value, str):
        raise InvalidQuery("Invalid cursor.")
    return value or None


def _explain(_name: str, value: Json) -> Json:
    return None if value in (False, "false", "", None) else value


def _read_preference(_name: str, value: Json) -> str | None:
    if isinstance(value, str) and value.upper() not in READ_PREFERENCES:
        message = "Not supported read preference."
        raise InvalidQuery(message)
    return value if isinstance(value, str) else None


def _ignored(_name: str, _value: Json) -> None:
    """The parameter is known and has no effect on PostgreSQL."""


_GET: Final[Mapping[str, Parser]] = {
    "keys": ("keys", _names),
    "excludeKeys": ("exclude_keys", _names),
    "include": ("include", _names),
    "readPreference": ("read_preference", _read_preference),
    "includeReadPreference": ("include_read_preference", _read_preference),
    "subqueryReadPreference": ("subquery_read_preference", _read_preference),
}
_FIND: Final[Mapping[str, Parser]] = {
    **_GET,
    "where": ("where", _where),
    "limit": ("limit", _whole_number),
    "skip": ("skip", _whole_number),
    "count": ("count", _flag),
    "order": ("order", _names),
    "includeAll": ("include_all", _flag),
    "redirectClassNameForKey": ("redirect_key", _text),
    "hint": (None, _ignored),
    "explain": ("explain", _explain),
    "comment": ("comment", _text),
    "cursor": ("cursor", _flag),
    "after": ("after", _token),
    "before": ("before", _token),
}
