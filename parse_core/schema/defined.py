"""Classes as the configuration declares them: the option `schema`, a Python module or a JSON file as `Definitions`.

What it takes to bring a database to them is `plan.py`'s part, and doing it `migration.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, cast

import orjson
from django.utils.module_loading import import_string

from parse_core.options import ConfigurationError, SchemaOptions
from parse_core.options.database import DEFINITION_MEMBERS
from parse_core.options.fields import declarations
from parse_core.options.parsing import Findings, parse_group
from parse_core.schema.classes import DEFAULT_FIELDS
from parse_core.schema.definitions import show
from parse_core.schema.system_class import system_class

if TYPE_CHECKING:
    from parse_core.schema.classes import ClassSchema
    from parse_core.values.scalars import Document, Json

Hook = Callable[[], object] | None
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Definition:
    """One class as declared: bodies of `POST /schemas`, each {} where nothing was said."""

    name: str
    fields: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: _NOTHING)
    indexes: Mapping[str, Mapping[str, Json]] = field(default_factory=lambda: _NOTHING)
    permissions: Mapping[str, Json] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Definitions:
    """All classes that are declared, by name, and what may be done to bring them about."""

    classes: Mapping[str, Definition]
    options: SchemaOptions

    @property
    def before(self) -> Hook:
        """What to call before the migration."""
        return _hook(self.options.before_migration)

    @property
    def after(self) -> Hook:
        """What to call after the migration."""
        return _hook(self.options.after_migration)


def parse_definitions(options: SchemaOptions, **overriding: Any) -> Definitions:
    """The declared classes of checked options, some of which are replaced (by attribute: `strict=True`)."""
    options = replace(options, **overriding)
    definitions = (_definition(declared) for declared in options.definitions)
    return Definitions(MappingProxyType({each.name: each for each in definitions}), options)


def _definition(declared: Mapping[str, Any]) -> Definition:
    fields, indexes, permissions = (declared.get(member) or {} for member in DEFINITION_MEMBERS)
    return Definition(declared["className"], fields, indexes, permissions)


def read_definitions(source: str, **overriding: Any) -> Definitions:
    """The definitions of a file or module, with some options replaced as in `parse_definitions`.

    A JSON file holds the list of classes or the whole option `schema`; a Python module, named by its dotted path, has
    `definitions` and may have the other options by either name (`delete_extra_fields`, `beforeMigration`…).
    Raises `ConfigurationError` when it cannot be read.
    """
    values = _file(Path(source)) if source.endswith(".json") else _module(source)
    findings = Findings()
    options = parse_group(SchemaOptions, values, "schema", findings, lambda _attributes: None)
    unknown = [f"{source}: unknown option {name}" for name in findings.unknown]
    if findings.problems or unknown:
        raise ConfigurationError([*findings.problems, *unknown])
    return parse_definitions(options, **overriding)


def _file(path: Path) -> Mapping[str, Any]:
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"The definitions in {path} cannot be read: {error}"]) from error
    if isinstance(content, list):
        return {"definitions": content}
    if not isinstance(content, dict):
        raise ConfigurationError([f"The file {path} must hold a list of classes, or one object with definitions."])
    return content


def _module(path: str) -> Mapping[str, Any]:
    try:
        module = import_module(path)
    except ImportError as error:
        raise ConfigurationError([f"The definitions in {path} cannot be imported: {error}"]) from error
    return _options_of(module)


def _options_of(module: ModuleType) -> Mapping[str, Any]:
    declared = declarations(SchemaOptions).values()
    found: dict[str, Any] = {}
    for declaration in declared:
        for name in (declaration.attribute, declaration.name):
            if hasattr(module, name):
                found[declaration.name] = getattr(module, name)
    return found


def exported(classes: Iterable[ClassSchema]) -> Document:
    """The classes as a file that `read_definitions` understands; what every class or the server itself has is left out.

    `{"definitions": [{"className": "Post", "fields": {…}, "indexes": {…}, "classLevelPermissions": {…}}]}`
    """
    return {"definitions": [_exported(schema) for schema in classes]}


def _exported(schema: ClassSchema) -> Document:
    document = show(schema)
    own = {name: field for name, field in document["fields"].items() if name not in server_fields(schema.name)}
    indexes = {n: index for n, index in document.get("indexes", {}).items() if n not in server_indexes(schema.name)}
    return {**document, "fields": own, **({"indexes": indexes} if "indexes" in document else {})}


def server_fields(class_name: str) -> frozenset[str]:
    """The fields that are the server's to declare; a definition of one means nothing."""
    return frozenset(DEFAULT_FIELDS) | frozenset(system_class(class_name).fields)


def server_indexes(class_name: str) -> frozenset[str]:
    """The indexes that no migration touches: those the server makes, by the names the reference has for them."""
    made = {
        f"case_insensitive_{path}" if kind == "lower" else f"{path}_1"
        for _, path, kind in system_class(class_name).unique
    }
    return frozenset(made | {"_id_"})


def _hook(hook: Any) -> Hook:
    return cast("Hook", import_string(hook) if isinstance(hook, str) else hook)
