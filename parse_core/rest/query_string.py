"""Query strings: nested brackets (`where[score][$gt]=1`), and values that may be JSON (`contract/objects.md` §1.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from parse_core.errors import InvalidJson, InvalidQuery
from parse_core.values.decoding import JsonRefused, decode

if TYPE_CHECKING:
    from parse_core.values.scalars import Document, Json

MAX_PARAMETERS = 1000
MAX_DEPTH = 32
_NUL = "\x00"
_KEYS = re.compile(r"\[([^\[\]]*)\]")


def parse(text: str) -> Document:
    """The parameters of a query string as nested objects, lists and texts: `{"where": {"score": {"$gt": "1"}}}`.

    A name given twice, or with `[]`, is a list. Raises 102 for too many parameters or too deep a nesting, 107 for NUL.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise InvalidQuery(f"Query strings may have at most {MAX_PARAMETERS} parameters.") from error
    parameters: Document = {}
    for name, value in pairs:
        if _NUL in name or _NUL in value:
            raise InvalidJson("NUL is not allowed in a query string.")
        _put(parameters, *_path(name), value)
    return parameters


def decoded(parameters: Document) -> Document:
    """The same parameters with each top-level value read as JSON where it is JSON."""
    return {name: _decoded(value) for name, value in parameters.items()}


def _decoded(value: Json) -> Json:
    text = ",".join(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value
    if not isinstance(text, str):
        return value
    try:
        return decode(text.encode())
    except JsonRefused:
        return value


def _path(name: str) -> tuple[str, list[str]]:
    """`a[b][]` → `("a", ["b", ""])`; a name whose brackets don't pair up is taken as it is."""
    root, bracket, _ = name.partition("[")
    if not bracket or not root:
        return name, []
    nested = name[len(root) :]
    keys = _KEYS.findall(nested)
    if sum(map(len, keys)) + 2 * len(keys) != len(nested):
        return name, []
    if len(keys) > MAX_DEPTH:
        raise InvalidQuery("The query string is nested too deeply.")
    return root, keys


def _put(target: Document, root: str, keys: list[str], value: str) -> None:
    """Adds one parameter. Where names contradict each other the first shape stays and the rest is dropped."""
    is_list = bool(keys) and keys[-1] == ""
    *parents, last = [root, *(keys[:-1] if is_list else keys)]
    node: Any = target
    for key in parents:
        node = node.setdefault(key, {})
        if not isinstance(node, dict):
            return
    if last not in node:
        node[last] = [value] if is_list else value
    elif isinstance(node[last], list):
        node[last].append(value)
    elif isinstance(node[last], str):
        node[last] = [node[last], value]
