"""Options out of what people write outside of code: environment variables and the root of a configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parse_core.options.errors import ConfigurationError, Refused
from parse_core.options.fields import Declaration, Group, declarations

Json = dict[str, Any]


def from_environment(cls: type[Group], environ: Mapping[str, str]) -> Json:
    """The options of a group that the environment sets, by reference name; an empty variable sets nothing.

    A group's own variable holds JSON; the variables of its options win over the same keys in it. Those of a list of
    groups speak for its first entry. Raises `ConfigurationError`.
    """
    found: Json = {}
    for name, declaration in declarations(cls).items():
        text = environ.get(declaration.env, "") if declaration.env else ""
        if text:
            found[name] = read(declaration, text)
        nested = from_environment(declaration.kind.group, environ) if declaration.kind.group else {}
        if nested:
            found[name] = _merged(declaration, found.get(name), nested)
    return found


def variables(cls: type[Group], environ: Mapping[str, str], names: frozenset[str]) -> list[str]:
    """The variables that are set for the options called `names`, those inside of groups included."""
    found: list[str] = []
    for name in names & declarations(cls).keys():
        declaration = declarations(cls)[name]
        if environ.get(declaration.env):
            found.append(declaration.env)
        if declaration.kind.group is not None:
            found.extend(variables(declaration.kind.group, environ, frozenset(declarations(declaration.kind.group))))
    return found


def from_file(cls: type[Group], values: Mapping[str, Any]) -> Json:
    """The options of a configuration file as code would write them. Raises `ConfigurationError`."""
    declared = declarations(cls)
    unknown = [name for name in values if name not in declared and name not in cls.obsolete]
    if unknown:
        raise ConfigurationError([f"error: unknown option {name}" for name in unknown])
    return {name: read(declared[name], value) for name, value in values.items() if name in declared}


def read(declaration: Declaration, value: Any) -> Any:
    """The value as code would write it. Raises `ConfigurationError`."""
    try:
        return declaration.kind.read(value)
    except Refused as refused:
        raise ConfigurationError([str(refused).replace("{path}", declaration.name)]) from None


def _merged(declaration: Declaration, whole: Any, nested: Json) -> Any:
    if declaration.kind.many:
        first, *others = whole or [{}]
        return [{**first, **nested}, *others]
    return {**(whole if isinstance(whole, Mapping) else {}), **nested}
