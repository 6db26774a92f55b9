"""Ending a session (`users.md` §9.5) and trading one for another (§9.6)."""

from __future__ import annotations

from parse_auth.sessions import end_session, owner_of
from parse_auth.signals import Logout, after_logout, send
from parse_core.context import RequestContext


def log_out(context: RequestContext, token: str | None) -> None:
    """Ends the session with this token, if there is one; after-logout listeners hear of it."""
    session = end_session(context, token) if token else None
    if session is not None:
        send(after_logout, context, Logout(session, owner_of(session)))
