"""From a mapping with the reference's names to a group of options, with everything that is wrong collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from parse_core.options.errors import ConfigurationError, Refused
from parse_core.options.fields import Declaration, Group, declarations

G = TypeVar("G", bound=Group)


@dataclass(slots=True)
class Findings:
    """What was noticed while parsing: problems that refuse the configuration, and keys that mean nothing."""

    problems: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def parse_group(
    cls: type[G], values: Mapping[str, Any], path: str, findings: Findings, settle: Callable[[dict[str, Any]], None]
) -> G:
    """The group; options that are refused keep their default, so that all problems show at once.

    `settle(attributes)` may fill in what follows from other options before the group is made.
    """
    declared = declarations(cls)
    _unknown_keys(cls, values, declared, path, findings)
    attributes: dict[str, Any] = {}
    for name, declaration in declared.items():
        where = f"{path}.{name}" if path else name
        given = values.get(name)
        if name in values and not (given is None and declaration.kind.nullable):
            parsed = _parse(declaration, given, where, findings)
        elif declaration.default is None and not declaration.kind.nullable:  # required in its group
            parsed = _parse(declaration, None, where, findings)
        else:
            continue
        if parsed is not _REFUSED:
            attributes[declaration.attribute] = parsed
    settle(attributes)
    parsed_group = cls(**attributes, explicit=frozenset(values) & declared.keys())
    findings.problems.extend(parsed_group.problems())
    return parsed_group


def parse_value(declaration: Declaration, given: Any) -> Any:
    """The value of one option. Raises `ConfigurationError`."""
    findings = Findings()
    if given is None and declaration.kind.nullable:
        return declaration.default
    value = _parse(declaration, given, declaration.name, findings)
    if findings.problems:
        raise ConfigurationError(findings.problems)
    return value


_REFUSED = object()


def _parse(declaration: Declaration, given: Any, path: str, findings: Findings) -> Any:
    kind = declaration.kind
    try:
        if kind.group is not None and kind.many:
            return _parse_many(kind.group, given, path, findings)
        value = kind.check(given)
    except Refused as refused:
        text = str(refused) or declaration.refusal
        findings.problems.append(text.replace("{path}", path).replace("{key}", declaration.name))
        return _REFUSED
    if kind.group is None:
        return value
    return parse_group(kind.group, value, path, findings, _nothing_to_settle)


def _parse_many(cls: type[Group], given: Any, path: str, findings: Findings) -> Any:
    if isinstance(given, Mapping):
        given = [given]
    if not isinstance(given, list | tuple):
        raise Refused
    if not all(isinstance(entry, Mapping) for entry in given):
        message = "{path} must be an array of objects"
        raise Refused(message)
    # The reference's texts name the option, not the entry.
    return tuple(parse_group(cls, entry, path, findings, _nothing_to_settle) for entry in given)


def _unknown_keys(
    cls: type[Group], values: Mapping[str, Any], declared: Mapping[str, Declaration], path: str, findings: Findings
) -> None:
    for key in values:
        if key in declared or key in cls.obsolete:
            continue
        where = f"{path}.{key}" if path else key
        if cls.unknown_key:
            findings.problems.append(cls.unknown_key.format(group=path, key=key))
        elif key in cls.ignored:
            findings.ignored.append(where)
        else:
            findings.unknown.append(where)


def _nothing_to_settle(_attributes: dict[str, Any]) -> None:
    pass
