"""From a session token to the caller. Who keeps sessions registers how; this app knows no session class."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from parse_core.context import ANONYMOUS, MASTER, Level, Principal
from parse_core.errors import HttpError, InvalidSessionToken, ParseError
from parse_core.registry import Registry

if TYPE_CHECKING:
    from parse_core.application import Application

log = logging.getLogger("parse_core.rest")

# (application, token, installation id, route) → the user and roles behind the token. `route` is the path below the
# mount (`"upgradeToRevocableSession"`). Raises `InvalidSessionToken` (209).
SessionResolver = Callable[["Application", str, str | None, str], Principal]
SESSION_TOKEN = "session token"  # noqa: S105 (the name of the one entry)

session_resolvers: Registry[SessionResolver] = Registry("session resolver")
_PRIVILEGED = {level: Principal(level) for level in Level} | {Level.MASTER: MASTER, Level.CLIENT: ANONYMOUS}


def privileged(level: Level) -> Principal:
    """The caller with a key of the server: it has no user, whatever token it sends."""
    return _PRIVILEGED[level]


def user_of(application: Application, token: str, installation_id: str | None, route: str) -> Principal:
    """The caller behind a session token.

    Raises what the resolver does (209); its own failures answer 400 without a code, so that a client neither retries
    nor logs its user out.
    """
    resolve = session_resolvers.get(SESSION_TOKEN)
    if resolve is None:
        raise InvalidSessionToken
    try:
        return resolve(application, token, installation_id, route)
    except (ParseError, HttpError):
        raise
    except Exception as error:
        log.exception("a session token could not be resolved")
        raise HttpError(400, "Unknown error") from error
