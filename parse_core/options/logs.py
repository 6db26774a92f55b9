"""What is logged, how and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from parse_core.options.errors import Refused
from parse_core.options.fields import Group, option
from parse_core.options.kinds import (
    ADAPTER,
    BOOLEAN,
    NUMBER_OR_STRING,
    STRING_OR_NULL,
    Kind,
    group,
)

LEVELS: Final = ("error", "warn", "info", "debug", "verbose", "silly", "silent")


def _check_level(value: Any) -> str:
    if value not in LEVELS:
        raise Refused
    return str(value)


LEVEL = Kind("level", "'{key}' must be one of [" + ",".join(f'"{level}"' for level in LEVELS) + "]", _check_level)


@dataclass(frozen=True, kw_only=True, eq=False)
class LogLevels(Group):
    """`logLevels`: the level at which each kind of event is logged; `silent` for not at all."""

    env_prefix = "PARSE_SERVER_LOG_LEVELS_"

    trigger_after: str = option("info", LEVEL, "A trigger ran after a write.")
    trigger_before_success: str = option("info", LEVEL, "A trigger let something pass.")
    trigger_before_error: str = option("error", LEVEL, "A trigger refused something.")
    cloud_function_success: str = option("info", LEVEL, "A cloud function answered.")
    cloud_function_error: str = option("error", LEVEL, "A cloud function failed.")
    signup_username_taken: str = option("info", LEVEL, "A user name was taken at sign-up.")


@dataclass(frozen=True, kw_only=True, eq=False)
class LogOptions(Group):
    """Logging."""

    env_prefix = "PARSE_SERVER_"

    logger_adapter: Any = option(None, ADAPTER, "Another logger than files and console.")
    log_level: str = option("info", LEVEL, "The least important level that is logged.")
    log_levels: LogLevels = option(LogLevels(), group(LogLevels), "The level of each kind of event.")
    logs_folder: str | None = option("./logs", STRING_OR_NULL, "The folder of log files; `null` for none.")
    max_log_files: int | str | None = option(None, NUMBER_OR_STRING, "Files, or days as `10d`, that are kept.")
    json_logs: bool = option(False, BOOLEAN, "Console lines are JSON.", env="JSON_LOGS")
    verbose: bool = option(False, BOOLEAN, "Log at level verbose and print all options at the start.", env="VERBOSE")
    silent: bool = option(False, BOOLEAN, "Nothing on the console.", env="SILENT")
