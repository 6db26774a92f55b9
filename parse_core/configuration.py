"""Which applications this process serves at its start, and with which options.

`settings.PARSE_SERVER` speaks alone when it is set: one mapping of options, or `{"apps": [...]}`. Otherwise the options
come from the file `settings.PARSE_SERVER_CONFIG_FILE`, in the reference's format, and from the environment, which wins.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings

from parse_core.options import ConfigurationError, Options
from parse_core.options.environment import from_environment, from_file, variables
from parse_core.options.fields import declarations

if TYPE_CHECKING:
    from parse_core.application import Application

log = logging.getLogger(__name__)

# Of the process rather than of one application: beside `apps` they hold for all of them.
PROCESS_OPTIONS = frozenset(
    ("port", "host", "logsFolder", "cluster", "middleware", "trustProxy", "verbose", "silent", "jsonLogs")
)


def configured() -> Iterator[Mapping[str, Any]]:
    """The options of each application, by reference name, not yet checked; nothing when nothing is configured.

    Raises `ConfigurationError` for a file that cannot be read, unknown options in it, values that cannot be read, and
    for the environment's options of one application where the file has several.
    """
    if settings.PARSE_SERVER:
        yield from _applications(settings.PARSE_SERVER)
        return
    applications = [from_file(Options, options) for options in _applications(_file(settings.PARSE_SERVER_CONFIG_FILE))]
    environment = from_environment(Options, os.environ)
    if len(applications) > 1:
        _refuse_variables_of_one_application()
    if not applications and environment.keys() & {"appId", "masterKey"}:
        applications = [{}]
    for options in applications:
        yield {**_default_cloud(alone=len(applications) == 1), **options, **environment}


def _default_cloud(*, alone: bool) -> Mapping[str, Any]:
    """Cloud Code where it is looked for if nobody says where it is: for one application, whose it must be."""
    found = next((path for path in settings.PARSE_DEFAULT_CLOUD if Path(path).is_file()), None)
    return {"cloud": str(found)} if alone and found is not None else {}


def _file(path: str) -> Mapping[str, Any]:
    """The JSON of the file; nothing when there is none."""
    if not path or not Path(path).is_file():
        return {}
    try:
        content = orjson.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"The configuration file {path} cannot be read: {error}"]) from error
    if not isinstance(content, dict):
        raise ConfigurationError([f"The configuration file {path} must hold one JSON object."])
    return content


def _applications(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The applications of a configuration: its `apps`, each with what stands beside them, or itself."""
    if "apps" not in content:
        if content:
            yield content
        return
    shared = {name: value for name, value in content.items() if name != "apps"}
    if not shared.keys() <= PROCESS_OPTIONS:
        raise ConfigurationError(
            [f"error: unknown option {name} beside apps" for name in shared.keys() - PROCESS_OPTIONS]
        )
    identifiers: set[str] = set()
    for options in content["apps"]:
        identifier = str(options.get("appId"))
        if identifier in identifiers:
            raise ConfigurationError([f"The application {identifier} is configured twice."])
        identifiers.add(identifier)
        yield {**options, **shared}


def _refuse_variables_of_one_application() -> None:
    own = frozenset(declarations(Options)) - PROCESS_OPTIONS - {"databaseURI", "mountPath"}
    names = variables(Options, os.environ, own)
    if names:
        message = "These environment variables are options of one application, but several are configured: "
        raise ConfigurationError([message + ", ".join(sorted(names))])


def log_notices(application: Application, **_signal: Any) -> None:
    """Logs what an operator should know of the options of an application: at each configuration of it."""
    notices = application.options.notices
    if notices.unknown:
        log.error("Invalid key(s) found in Parse Server configuration: %s", ", ".join(notices.unknown))
    if notices.ignored:
        log.warning("Options that mean nothing to PostgreSQL: %s", ", ".join(notices.ignored))
    for line in notices.deprecations:
        log.warning("%s", line)
