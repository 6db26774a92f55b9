"""Which names classes and fields may have, and the refusals of `/schemas` for the others (`contract/objects.md` §9)."""

from __future__ import annotations

from typing import Final

from parse_core.errors import InvalidClassName, InvalidKeyName
from parse_core.schema.classes import CLASS_NAME, FIELD_NAME, JOIN_NAME, RESERVED_CLASS_NAMES
from parse_core.schema.system_class import system_class, system_classes

RESERVED_FIELD_NAMES: Final = frozenset({"length", "className"})


def is_class_name(name: str) -> bool:
    """Whether objects of a class of this name may be stored."""
    return name in system_classes or (CLASS_NAME.fullmatch(name) is not None and name not in RESERVED_CLASS_NAMES)


def is_field_name(name: str, class_name: str) -> bool:
    """Whether a field of the class may have this name; a system class may declare names that clients may not invent."""
    if name in RESERVED_FIELD_NAMES:
        return class_name in system_classes and name in system_classes[class_name].fields
    return FIELD_NAME.fullmatch(name) is not None


def check_class_name(name: str) -> None:
    """Raises `InvalidClassName` (103) unless a class of this name may be defined by a request."""
    if not is_class_name(name) or not system_class(name).definable:
        raise invalid_class_name(name)


def check_target_class(name: str) -> None:
    """Raises `InvalidClassName` (103) unless a pointer may name this class; it need not exist."""
    if not is_class_name(name) and JOIN_NAME.fullmatch(name) is None:
        raise invalid_class_name(name)


def check_field_name(name: str, class_name: str) -> None:
    """Raises `InvalidKeyName` (105)."""
    if not is_field_name(name, class_name):
        message = f"invalid field name: {name[:300]}"
        raise InvalidKeyName(message)


def invalid_class_name(name: str) -> InvalidClassName:
    """103; the space at the end is the contract's."""
    return InvalidClassName(
        f"Invalid classname: {name[:200]}, classnames can only have alphanumeric characters and _, "
        "and must start with an alpha character "
    )
