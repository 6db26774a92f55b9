"""Values as clients write them in pipelines: protocol types, and MongoDB's extended JSON, to wire form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from parse_core.errors import InvalidQuery
from parse_core.values.scalars import Json, date_value, parse_iso

MAX_NESTING: Final = 100  # levels of JSON in a pipeline, as in a MongoDB document
MAX_VALUES: Final = 100_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def check_size(pipeline: Json) -> None:
    """Refuses what is nested too deep or too big, before anything recurses."""
    level: list[Json] = [pipeline]
    seen = 0
    for _ in range(MAX_NESTING + 1):
        level = [node for node in level if isinstance(node, dict | list)]
        seen += sum(map(len, level))
        if not level:
            return
        if seen > MAX_VALUES:
            raise InvalidQuery(f"A pipeline can have at most {MAX_VALUES} values")
        level = [item for node in level for item in (node.values() if isinstance(node, dict) else node)]
    raise InvalidQuery(f"A pipeline can be nested at most {MAX_NESTING} levels deep")


def decoded(value: Json, *, extended: bool) -> Json:
    """The pipeline with dates (`{"$date": …}`) in wire form; `extended`: all of extended JSON is."""
    if isinstance(value, list):
        return [decoded(item, extended=extended) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (name, content) = next(iter(value.items()))
        decode = _EXTENDED.get(name) if extended or name == "$date" else None
        if decode is not None:
            return decode(content)
    return {name: decoded(item, extended=extended) for name, item in value.items()}


def _date(content: Json) -> Json:
    if isinstance(content, dict):
        content = _number(content.get("$numberLong"))
    if isinstance(content, str):
        moment = parse_iso(content)
    elif isinstance(content, int | float) and abs(content) < 2.5e14:
        moment = _EPOCH + timedelta(milliseconds=int(content))
    else:
        moment = None
    if moment is None:
        raise InvalidQuery("Invalid $date in a pipeline")
    return date_value(moment)


def _number(content: Json) -> Json:
    try:
        number = float(content)
    except (TypeError, ValueError) as error:
        raise InvalidQuery("Invalid number in a pipeline") from error
    return int(number) if number.is_integer() else number


def _binary(content: Json) -> Json:
    return {"__type": "Bytes", "base64": content.get("base64") if isinstance(content, dict) else content}


_EXTENDED: Final[dict[str, Callable[[Json], Json]]] = {
    "$date": _date,
    "$numberInt": _number,
    "$numberLong": _number,
    "$numberDouble": _number,
    "$numberDecimal": _number,
    "$oid": lambda content: content,
    "$binary": _binary,
}


def is_constant(value: Json) -> bool:
    """Whether nothing in a value names a field, a variable or an operator."""
    if isinstance(value, str):
        return not value.startswith("$")
    if isinstance(value, list):
        return all(map(is_constant, value))
    if isinstance(value, dict):
        return all(not name.startswith("$") and is_constant(item) for name, item in value.items())
    return True
