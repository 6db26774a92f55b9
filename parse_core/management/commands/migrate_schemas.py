"""`migrate_schemas`: brings the classes of an application to their definitions, or says what that would take."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
from django.core.management import BaseCommand, CommandError, CommandParser

from parse_core.application import Application, applications
from parse_core.configuration import configured
from parse_core.options import ConfigurationError, Options
from parse_core.schema.defined import Definitions, exported, parse_definitions, read_definitions
from parse_core.schema.migration import migrate, present_plan
from parse_core.schema.plan import Impossible, Plan
from parse_core.schema.system_class import system_class

CHANGES = 2  # exit code of --plan when there is something to do
ALLOWANCES = {
    "strict": "with --plan: fail when something differs that a migration would leave",
    "delete_extra_fields": "delete fields that are not defined, with their values",
    "recreate_modified_fields": "delete fields of another type with their values, and create them anew",
    "keep_unknown_indexes": "leave indexes that are not defined",
}


class Command(BaseCommand):
    help = (
        "Brings the classes of an application to their definitions. SOURCE is a JSON file or the dotted path of a "
        "Python module with `definitions`; by default it is the option `schema`. Running it again does nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="?", help="definitions.json or project.definitions")
        parser.add_argument("--app", help="application id, where several are configured")
        parser.add_argument(
            "--plan", action="store_true", help=f"change nothing, say what would be; exits with {CHANGES} if anything"
        )
        parser.add_argument(
            "--export", nargs="?", const="-", metavar="FILE", help="write the classes as they are as such a JSON file"
        )
        for attribute, text in ALLOWANCES.items():
            parser.add_argument("--" + attribute.replace("_", "-"), action="store_true", default=None, help=text)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except (ConfigurationError, Impossible) as error:
            raise CommandError(str(error)) from error

    def _handle(self, options: dict[str, Any]) -> None:
        values = _application_options(options["app"])
        # Without the option: looking at a plan must not carry it out.
        application = applications.configure({name: value for name, value in values.items() if name != "schema"})
        if options["export"]:
            self._export(application, options["export"])
            return
        definitions = _definitions(options, values)
        if not options["plan"]:
            self._show(migrate(application, definitions), "Nothing to do.")
            return
        found = present_plan(application, definitions)
        self._show(found, "The classes are as defined.")
        if found.changes or (definitions.options.strict and found.drift):
            sys.exit(CHANGES)

    def _show(self, plan: Plan, nothing: str) -> None:
        for line in plan.lines:
            self.stdout.write(line)
        for line in plan.drift:
            self.stdout.write(f"! {line}")
        if not plan.changes:
            self.stdout.write(nothing)

    def _export(self, application: Application, target: str) -> None:
        schemas = application.schemas
        document = exported(schemas[name] for name in schemas if system_class(name).listed)
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if target == "-":
            self.stdout.write(content.decode(), ending="")
        else:
            Path(target).write_bytes(content)


def _application_options(application_id: str | None) -> dict[str, Any]:
    """The options of the application in question, as configured."""
    found = {str(options.get("appId")): dict(options) for options in configured()}
    if application_id is None and len(found) == 1:
        return next(iter(found.values()))
    if application_id is None:
        raise CommandError("No application is configured." if not found else f"Say which --app: {', '.join(found)}.")
    if application_id not in found:
        raise CommandError(f"There is no application {application_id!r}.")
    return found[application_id]


def _definitions(options: dict[str, Any], values: dict[str, Any]) -> Definitions:
    allowed = {name: True for name in ALLOWANCES if options[name]}
    if options["source"]:
        return read_definitions(options["source"], **allowed)
    schema = Options.parse(values).schema
    if schema is None:
        raise CommandError("No definitions: name a file or module, or set the option schema.")
    return parse_definitions(schema, **allowed)
