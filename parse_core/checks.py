"""Django's system checks of the configured applications: wrong options stop the start, dangerous ones are warned of."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's own name

from parse_core.configuration import configured
from parse_core.options import ConfigurationError, Options
from parse_core.options.dangers import dangers
from parse_core.security import malformed_groups


@register("parse")
def check_applications(**_kwargs: Any) -> list[CheckMessage]:
    """An error for each problem, a warning for each danger, of every application in the configuration."""
    try:
        applications = list(configured())
    except ConfigurationError as error:
        return [Error(problem, id="parse_core.E001") for problem in error.problems]
    return [message for options in applications for message in _check(options)]


def _check(values: Any) -> list[CheckMessage]:
    name = f"application {values.get('appId')!r}"
    try:
        options = Options.parse(values)
    except ConfigurationError as error:
        return [Error(problem, obj=name, id="parse_core.E002") for problem in error.problems]
    malformed = list(malformed_groups(options))
    if malformed:
        return [Error(problem, obj=name, id="parse_core.E002") for problem in malformed]
    return [
        Warning(f"{danger.option}: {danger.warning}", hint=danger.solution, obj=name, id="parse_core.W001")
        for danger in dangers(options)
    ]
