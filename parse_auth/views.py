"""The routes of users, sessions and roles. Those of their objects are the class routes under names of their own."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from parse_auth.authentication import look_up, session_principal
from parse_auth.flows import legacy, login, reset_password, verify_email
from parse_auth.flows.challenge import challenge
from parse_auth.flows.logout import log_out
from parse_auth.proofs import FIELD
from parse_auth.roles import ROLE_CLASS
from parse_auth.seen import as_user
from parse_auth.sessions import SESSION_CLASS, USER_CLASS
from parse_core.errors import InvalidSessionToken, ObjectNotFound, SessionRequired
from parse_core.objects.find import get
from parse_core.objects.requests import FindRequest
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes
from parse_core.rest.views.classes import ObjectView, add_class_routes
from parse_core.values.scalars import Json


class LoginView(ParseView):
    """`/login`: name and password for a user and the token of a new session; a token sent along does not matter."""

    resolves_session = False
    ignores_read_only_key = True

    def post(self, call: Call) -> Answer:
        return Answer(login.log_in(call.context, _credentials(call), call.parameters.get(FIELD)))

    def get(self, call: Call) -> Answer:
        return Answer(login.log_in(call.context, _credentials(call)))


class VerifyPasswordView(ParseView):
    """`/verifyPassword`: like a login that leaves no trace."""

    ignores_read_only_key = True

    def post(self, call: Call) -> Answer:
        return Answer(login.verify_password(call.context, _credentials(call)))

    get = post


class LoginAsView(ParseView):
    """`/loginAs`: the master key becomes any user."""

    def post(self, call: Call) -> Answer:
        user_id = call.parameters.get("userId") or call.query.get("userId")
        return Answer(login.log_in_as(call.context, user_id))

    def read_only_refusal(self, call: Call) -> str:
        return "read-only masterKey isn't allowed to login as another user."


class ChallengeView(ParseView):
    """`/challenge`: what a provider has to say before somebody can log in with it."""

    ignores_read_only_key = True

    def post(self, call: Call) -> Answer:
        return Answer(challenge(call.context, call.parameters))


class PasswordResetView(ParseView):
    """`/requestPasswordReset`: a mail with a link to choose a new password."""

    def post(self, call: Call) -> Answer:
        reset_password.request_reset(call.context, call.parameters.get("email"), call.parameters.get("token"))
        return Answer({})


class VerificationEmailView(ParseView):
    """`/verificationEmailRequest`: another mail with the link to confirm an address."""

    def post(self, call: Call) -> Answer:
        verify_email.request_mail(call.context, call.parameters.get("email"))
        return Answer({})


class LogoutView(ParseView):
    """`/logout`: the session that was sent ends."""

    def post(self, call: Call) -> Answer:
        log_out(call.context, _token(call))
        return Answer({})


class CurrentUserView(ObjectView):
    """`/users/me`: who the token belongs to, as the caller may see him; a user who may not see himself is nobody."""

    def get(self, call: Call, class_name: str, object_id: str) -> Answer:
        token = _token(call)
        if token is None:
            raise SessionRequired
        user_id = call.context.principal.user_id or session_principal(call.context, token).user_id
        try:
            user = orjson.loads(get(call.context, FindRequest(class_name, object_id=user_id)).json)
        except ObjectNotFound:
            raise SessionRequired from None
        return Answer({**user, "sessionToken": token})


class CurrentSessionView(ObjectView):
    """`/sessions/me`: the session of the token, expired or not."""

    resolves_session = False

    def get(self, call: Call, class_name: str, object_id: str) -> Answer:
        token = _token(call)
        if token is None:
            message = "Session token required."
            raise InvalidSessionToken(message)
        known = look_up(call.context, token)
        if known is None:
            message = "Session token not found."
            raise InvalidSessionToken(message)
        session, roles = known
        owner = as_user(call.context, session.user_id, roles, token)
        return Answer(get(owner, FindRequest(class_name, object_id=session.object_id)).json)


class UpgradeView(ParseView):
    """`/upgradeToRevocableSession`: a new session for a token of any kind."""

    def post(self, call: Call) -> Answer:
        return Answer(legacy.upgrade(call.context))


def _credentials(call: Call) -> login.Credentials:
    """From the body; from the query string, as text, when the name or the address stands only there."""
    names = ("username", "email")
    in_query = any(call.query.get(name) and (call.method == "GET" or not call.parameters.get(name)) for name in names)
    payload: Mapping[str, Json] = call.query if in_query else call.parameters
    return login.Credentials.parse(payload, call.context.options)


def _token(call: Call) -> str | None:
    return call.session_token or call.context.principal.session_token


routes.add("login", LoginView)
routes.add("verifyPassword", VerifyPasswordView)
routes.add("loginAs", LoginAsView)
routes.add("challenge", ChallengeView)
routes.add("logout", LogoutView)
routes.add("requestPasswordReset", PasswordResetView)
routes.add("verificationEmailRequest", VerificationEmailView)
routes.add("users/me", CurrentUserView, class_name=USER_CLASS, object_id="me")
routes.add("sessions/me", CurrentSessionView, class_name=SESSION_CLASS, object_id="me")
routes.add("upgradeToRevocableSession", UpgradeView)
add_class_routes("users", USER_CLASS)
add_class_routes("sessions", SESSION_CLASS)
add_class_routes("roles", ROLE_CLASS)
