"""The security report: what an application's configuration, database and classes leave open (`contract/config.md` §13).

Groups of checks register themselves, an app's own like ours; the option `security.checkGroups` adds further ones. The
checks of options are the same rules that Django's system checks warn by.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.module_loading import import_string
from psycopg.conninfo import conninfo_to_dict

from parse_core.options import ConfigurationError
from parse_core.options.dangers import DANGERS, Danger, is_weak
from parse_core.registry import Registry
from parse_core.schema.class_permissions import shown
from parse_core.schema.system_class import system_classes

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.options import Options
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_core.security")

VERSION: Final = "1.0.0"
WRITES: Final = ("create", "update", "delete", "addField")


@dataclass(frozen=True, slots=True)
class Check:
    """`title` names the safe state; `check` gives the warning where it is not the present one, else None."""

    title: str
    solution: str
    check: Callable[[Application], str | None]

    def report(self, application: Application) -> Document:
        """`{"title", "state": "success"}`, or `"fail"` with `warning` and `solution`."""
        warning = self.check(application)
        if warning is None:
            return {"title": self.title, "state": "success"}
        return {"title": self.title, "state": "fail", "warning": warning, "solution": self.solution}


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Checks that belong together."""

    name: str
    checks: tuple[Check, ...]

    def report(self, application: Application) -> Document:
        """`{"name", "state", "checks": […]}`."""
        checks = [check.report(application) for check in self.checks]
        return {"name": self.name, "state": _state(checks), "checks": checks}


check_groups: Registry[CheckGroup] = Registry("security check group")


def report(application: Application) -> Document:
    """`{"version": "1.0.0", "state": "fail", "groups": [{"name", "state", "checks": [{"title", "state", …}]}]}`."""
    custom = (_custom(group) for group in application.options.security.check_groups)
    groups = [group.report(application) for group in (*check_groups.values(), *custom)]
    return {"version": VERSION, "state": _state(groups), "groups": groups}


def log_report(application: Application, **_signal: Any) -> None:
    """Logs the report where `security.enableCheckLog` asks for it: at each configuration."""
    if not application.options.security.enable_check_log:
        return
    found = report(application)
    lines = [
        f"{group['name']}: {check['title']}: {check['state']}{': ' + check['warning'] if 'warning' in check else ''}"
        for group in found["groups"]
        for check in group["checks"]
    ]
    level = logging.WARNING if found["state"] == "fail" else logging.INFO
    log.log(level, "Security check of %s: %s\n%s", application.id, found["state"], "\n".join(lines))


def _state(parts: Iterable[Mapping[str, Any]]) -> str:
    return "fail" if any(part["state"] == "fail" for part in parts) else "success"


def _of_option(danger: Danger) -> Check:
    def check(application: Application) -> str | None:
        return danger.warning if danger.applies(application.options) else None

    return Check(danger.title, danger.solution, check)


def _database_password(application: Application) -> str | None:
    connection = conninfo_to_dict(application.database.conninfo)
    password = connection.get("password")
    if password is None and str(connection.get("host", "/")).startswith("/"):
        return None  # a socket of this host, guarded by its file system
    return "The database password is easy to guess." if is_weak(password or "") else None


def _public_writes(application: Application) -> str | None:
    found = [line for name in application.schemas if name not in system_classes for line in _open(application, name)]
    return f"Everybody may change classes: {'; '.join(found)}." if found else None


def _open(application: Application, name: str) -> Iterator[str]:
    permissions = shown(application.schemas[name].permissions)
    public = [operation for operation in WRITES if _is_public(permissions[operation])]
    if public:
        yield f"{name} ({', '.join(public)})"


def _is_public(entry: Any) -> bool:
    return isinstance(entry, Mapping) and entry.get("*") is True


def malformed_groups(options: Options) -> Iterator[str]:
    """What is wrong with the option `security.checkGroups`, a line each."""
    for place, group in enumerate(options.security.check_groups):
        try:
            _custom(group)
        except _Malformed as error:
            yield f"Parse Server option security.checkGroups[{place}] {error}"


def refuse_malformed_groups(options: Options, **_signal: Any) -> None:
    """Raises `ConfigurationError` for groups that no report could be made with."""
    problems = list(malformed_groups(options))
    if problems:
        raise ConfigurationError(problems)


class _Malformed(Exception):
    """Says what is wrong, to follow the name of what is."""


def _custom(group: Any) -> CheckGroup:
    """A group of the configuration: a mapping, an object or class with `name` and `checks`, or its dotted path."""
    if isinstance(group, str):
        try:
            group = import_string(group)
        except ImportError as error:
            raise _Malformed(f"cannot be imported: {error}") from error
    if isinstance(group, type):
        try:
            group = group()
        except Exception as error:
            raise _Malformed(f"cannot be made: {error}") from error
    if isinstance(group, CheckGroup):
        return group
    name, checks = _text(group, "name"), _member(group, "checks")
    if not isinstance(checks, list | tuple) or not checks:
        raise _Malformed("must have checks, a list of at least one.")
    return CheckGroup(name, tuple(_custom_check(check, f"checks[{place}]") for place, check in enumerate(checks)))


def _custom_check(declared: Any, place: str) -> Check:
    """Its `check` is called without arguments; it fails by raising, or by answering False."""
    if isinstance(declared, Check):
        return declared
    title, warning, solution = (_text(declared, name, f"{place}.") for name in ("title", "warning", "solution"))
    run = _member(declared, "check")
    if not callable(run):
        raise _Malformed(f"must have {place}.check, a function.")

    def check(_application: Application) -> str | None:
        try:
            failed = run() is False
        except Exception:  # noqa: BLE001 - the way a check says so
            failed = True
        return warning if failed else None

    return Check(title, solution, check)


def _text(of: Any, name: str, prefix: str = "") -> str:
    value = _member(of, name)
    if not isinstance(value, str) or not value:
        raise _Malformed(f"must have {prefix}{name}, a text.")
    return value


def _member(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, Mapping) else getattr(of, name, None)


check_groups.add("options", CheckGroup("Parse Server Configuration", tuple(_of_option(danger) for danger in DANGERS)))
check_groups.add(
    "database",
    CheckGroup(
        "Database",
        (
            Check(
                "Secure database password",
                "Use at least 14 characters of three kinds: lower and upper case, digits, others.",
                _database_password,
            ),
        ),
    ),
)
check_groups.add(
    "classes",
    CheckGroup(
        "Classes",
        (
            Check(
                "Class-level permissions restrict writing",
                "Name users, roles or pointer fields in the class-level permissions, or require authentication.",
                _public_writes,
            ),
        ),
    ),
)
