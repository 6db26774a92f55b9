"""The login family (`contract/cloud.md` §4.9): what a handler raises is the answer; what it changes does not count."""

from __future__ import annotations

from parse_auth import signals
from parse_auth.signals import Login, Logout
from parse_cloud.handlers import Handler
from parse_cloud.invocations import ObjectCall
from parse_cloud.kinds import Kind
from parse_cloud.running import invoke
from parse_cloud.triggers.listening import on
from parse_cloud.wire import copied, whole
from parse_core.context import RequestContext


@on(signals.before_login, Kind.BEFORE_LOGIN)
@on(signals.after_login, Kind.AFTER_LOGIN)
@on(signals.before_password_reset_request, Kind.BEFORE_PASSWORD_RESET_REQUEST)
def run_for_user(handler: Handler, context: RequestContext, event: Login) -> None:
    """The handler sees the user; after a login he is also the caller, with the token of his session."""
    user = whole(context, context.schema(event.class_name), event.user)
    call = ObjectCall(
        kind=handler.kind,
        name=event.class_name,
        context=context,
        cloud=copied(context.cloud),
        object=user,
        acting_user=user if handler.kind is Kind.AFTER_LOGIN else None,
    )
    invoke(handler, call)


@on(signals.after_logout, Kind.AFTER_LOGOUT)
def run_for_session(handler: Handler, context: RequestContext, event: Logout) -> None:
    """The handler sees the session that is gone."""
    session = whole(context, context.schema(event.class_name), event.session)
    invoke(handler, ObjectCall(kind=handler.kind, name=event.class_name, context=context, cloud={}, object=session))
