"""Words that no write may contain, whatever the class: `requestKeywordDenylist` (`contract/objects.md` §8.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from parse_core.errors import InvalidKeyName
from parse_core.values.scalars import Json

if TYPE_CHECKING:
    from parse_core.context import RequestContext
    from parse_core.options import Options

_ANY: Final = object()
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the list: patterns found anywhere in a key, in a text value, or in both of one pair."""

    entry: str  # as the refusal quotes it
    key: re.Pattern[str] | None
    value: Any  # a pattern for texts, another JSON value to be equal to, or `_ANY`

    def matches(self, key: str, value: Json) -> bool:
        """Whether this pair is refused; a dotted key counts as a whole and by its segments."""
        if self.key is not None and self.key.search(key) is None and not any(map(self.key.search, key.split("."))):
            return False
        if self.value is _ANY:
            return self.key is not None
        if isinstance(self.value, re.Pattern):
            return isinstance(value, str) and self.value.search(value) is not None
        return type(value) is type(self.value) and bool(value == self.value)


class Denylist:
    """The compiled list. A scan looks at each pair of the payload once, however deep, without recursion."""

    def __init__(self, entries: Sequence[Mapping[str, Json] | str]) -> None:
        self._rules = [_parse(entry) for entry in entries]
        # Where every rule has a key that is a plain word, one look at all keys together says no for almost any payload.
        words = [rule.key.pattern for rule in self._rules if rule.key is not None and _WORD.fullmatch(rule.key.pattern)]
        self._words = re.compile("|".join(words)) if len(words) == len(self._rules) else None

    def check(self, payload: Json) -> None:
        """Raises `InvalidKeyName` (105) naming the first entry that a pair of the payload meets."""
        if not self._rules or (self._words is not None and self._words.search("\n".join(_keys(payload))) is None):
            return
        found: Rule | None = None
        for key, value in _pairs(payload):
            for rule in self._rules:
                if rule is found:
                    break
                if rule.matches(key, value):
                    found = rule
                    break
        if found is not None:
            message = f"Prohibited keyword in request data: {found.entry}."
            raise InvalidKeyName(message)


def check_keywords(context: RequestContext, payload: Json) -> None:
    """Refuses a payload with a prohibited word, whoever sends it. Raises `InvalidKeyName` (105)."""
    _compiled(context.options).check(payload)


@lru_cache(maxsize=64)
def _compiled(options: Options) -> Denylist:
    return Denylist(options.request_keyword_denylist)


def _keys(payload: Json) -> list[str]:
    keys: list[str] = []
    stack = [payload]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            keys.extend(current)
            current = current.values()
        stack.extend([item for item in current if type(item) is dict or type(item) is list])
    return keys


def _pairs(payload: Json) -> Iterator[tuple[str, Json]]:
    stack = [payload]
    while stack:
        current = stack.pop()
        items = current.items() if isinstance(current, dict) else ((str(i), item) for i, item in enumerate(current))
        for key, value in items:
            yield key, value
            if isinstance(value, (dict, list)):
                stack.append(value)


def _parse(entry: Mapping[str, Json] | str) -> Rule:
    if isinstance(entry, str):  # an old form of `{"key": …}`
        return Rule(orjson.dumps(entry).decode(), _pattern(entry), _ANY)
    key, value = entry.get("key"), entry.get("value", _ANY)
    return Rule(
        orjson.dumps(dict(entry)).decode(),
        _pattern(key) if isinstance(key, str) else None,
        _pattern(value) if isinstance(value, str) else value,
    )


def _pattern(text: str) -> re.Pattern[str]:
    """What an operator writes is a pattern; what is no pattern stands for itself."""
    try:
        return re.compile(text)
    except re.error:
        return re.compile(re.escape(text))
