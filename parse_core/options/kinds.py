"""The kinds of values options have: how each is read from text (`contract/config.md` §1) and checked.

`read` turns what a file or the environment holds into what code would have passed; `check` turns that into the value
the server works with, or raises `Refused`. Both are given no context: the texts that name the option are the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from parse_core.options.addresses import AddressRanges
from parse_core.options.errors import Refused

if TYPE_CHECKING:
    from parse_core.options.fields import Group

Check = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """`label` is for people, `refusal` the text for a value that does not fit (`{path}` is the option).

    A `group` makes the value a mapping of options (or, with `many`, a list of such mappings).
    """

    label: str
    refusal: str
    check: Check
    read: Check = lambda value: value
    nullable: bool = True  # None means "not set"
    group: type[Group] | None = None
    many: bool = False

    def but(self, **changes: Any) -> Kind:
        """The same kind with another label, refusal, check…"""
        return replace(self, **changes)


def _refuse_unless(fits: Callable[[Any], bool]) -> Check:
    def check(value: Any) -> Any:
        if not fits(value):
            raise Refused
        return value

    return check


def is_number(value: Any) -> bool:
    """A number, as code writes it; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_strings(value: Any) -> bool:
    """A list of texts."""
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _read_boolean(value: Any) -> Any:
    return value if callable(value) else value in (True, "true", "1", 1)


def _read_number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        message = f"Key {{path}} has invalid value {value}"
        raise Refused(message) from None


def _read_json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except ValueError as error:
        message = f"Key {{path}} has invalid value {value}: {error}"
        raise Refused(message) from None


def _read_array(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value
    if not isinstance(value, str):
        message = f"{value} should be a comma separated string or an array"
        raise Refused(message)
    if value.lstrip().startswith("["):
        return _read_json(value)
    return value.split(",")


def _read_adapter(value: Any) -> Any:
    return _read_json(value) if isinstance(value, str) and value.lstrip().startswith("{") else value


def _read_trust(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.isdigit():
        return int(value)
    return _read_json(value) if value in ("true", "false") or value.lstrip().startswith("[") else value


def _read_number_or(words: Mapping[str, Any]) -> Check:
    def read(value: Any) -> Any:
        return words[value] if isinstance(value, str) and value in words else _read_number(value)

    return read


def _read_number_or_text(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _check_number(value: Any) -> Any:
    if is_number(value):
        return value
    if isinstance(value, str):  # as the reference, which compares numeric text like numbers
        try:
            return int(value) if value.strip().lstrip("+-").isdigit() else float(value)
        except ValueError:
            raise Refused from None
    raise Refused


def _check_array(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise Refused
    return tuple(value)


_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|tb)?\s*", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}


def _check_size(value: Any) -> int:
    if is_number(value):
        return int(value)
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Refused
    return int(float(found[1]) * _UNITS[(found[2] or "b").lower()])


def pattern(text: Any) -> re.Pattern[str]:
    """The compiled pattern of a text or pattern; `Refused` for anything else."""
    try:
        return re.compile(text)
    except (re.error, TypeError) as error:
        message = str(error) if isinstance(error, re.error) else ""
        raise Refused(message) from None


BOOLEAN = Kind(
    "boolean",
    "Parse Server option {path} must be a boolean.",
    _refuse_unless(lambda value: isinstance(value, bool)),
    _read_boolean,
    nullable=False,
)
BOOLEAN_OR_CALLABLE = Kind(
    "boolean or callable",
    "Parse Server option {path} must be a boolean or a function.",
    _refuse_unless(lambda value: isinstance(value, bool) or callable(value)),
    _read_boolean,
)
NUMBER = Kind("number", "Parse Server option {path} must be a number.", _check_number, _read_number)
STRICT_NUMBER = NUMBER.but(check=_refuse_unless(is_number))
NUMBER_OR_BOOLEAN = Kind(
    "number or boolean",
    "Parse Server option {path} must be a number or a boolean.",
    _refuse_unless(lambda value: isinstance(value, int)),
    _read_number_or({"true": True, "false": False}),
)
NUMBER_OR_STRING = Kind(
    "number or string",
    "Parse Server option {path} must be a number or a string.",
    _refuse_unless(lambda value: is_number(value) or isinstance(value, str)),
    _read_number_or_text,
)
STRING = Kind(
    "string", "Parse Server option {path} must be a string.", _refuse_unless(lambda value: isinstance(value, str))
)
STRING_OR_NULL = STRING.but(label="string or null", read=lambda value: None if value == "null" else value)
STRING_OR_CALLABLE = Kind(
    "string or callable",
    "Parse Server option {path} must be a string or a function.",
    _refuse_unless(lambda value: isinstance(value, str) or callable(value)),
)
CALLABLE = Kind(
    "callable",
    "Parse Server option {path} must be a function.",
    _refuse_unless(lambda value: callable(value) or isinstance(value, str)),
)
SIZE = Kind("size", "Parse Server option {path} must be a size such as 20mb.", _check_size)
OBJECT = Kind(
    "object",
    "Parse Server option {path} must be an object.",
    _refuse_unless(lambda value: isinstance(value, Mapping)),
    _read_json,
)
ARRAY = Kind("array", "Parse Server option {path} must be an array.", _check_array, _read_array)
ADAPTER = Kind("adapter", "Parse Server option {path} must be an adapter.", lambda value: value, _read_adapter)
ANYTHING = Kind("any", "", lambda value: value, _read_adapter)
TRUST = Kind("boolean, number, string or array", "", lambda value: value, _read_trust)
STRINGS = ARRAY.but(
    label="array of strings",
    refusal="Parse Server option {path} must be an array of strings.",
    check=lambda value: tuple(_refuse_unless(is_strings)(value)),
)


def one_of(*values: str) -> Kind:
    """One of a few words."""
    words = ", ".join(f"'{value}'" for value in values)
    return STRING.but(
        label=" or ".join(f"`{value}`" for value in values),
        refusal=f"{{path}} must be one of: {words}.",
        check=_refuse_unless(lambda value: value in values),
        nullable=False,
    )


def _check_addresses(value: Any) -> AddressRanges:
    try:
        return AddressRanges([value] if isinstance(value, str) else value)
    except TypeError:
        raise Refused from None
    except ValueError as error:
        message = f'The Parse Server option "{{path}}" contains an invalid IP address "{error.args[0]}".'
        raise Refused(message) from None


ADDRESSES = ARRAY.but(label="array of IP addresses and CIDR ranges", check=_check_addresses)


def group(cls: type[Group], *, refusal: str | None = None, nullable: bool = True) -> Kind:
    """A mapping with the options of `cls`."""
    return OBJECT.but(refusal=refusal or OBJECT.refusal, group=cls, nullable=nullable)


def groups(cls: type[Group], *, refusal: str) -> Kind:
    """A list of mappings with the options of `cls`."""
    return Kind("array of objects", refusal, lambda value: value, _read_json, group=cls, many=True)


def _check_limit(value: Any) -> int:
    if not is_number(value) or value != int(value) or (value < 1 and value != -1):
        raise Refused
    return int(value)


LIMIT = NUMBER.but(
    label="number, -1 for none", refusal="{path} must be a positive integer or -1 to disable.", check=_check_limit
)
