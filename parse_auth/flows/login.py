"""Logging in with a password (`users.md` §9): the password alone costs time; three statements and no row too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from parse_auth import passwords
from parse_auth.caches import RoleCache
from parse_auth.flows.factors import prove_factors
from parse_auth.internals import Stored, by_id, set_internal, stored_user
from parse_auth.lockout import count_attempt
from parse_auth.password_policy import check_age
from parse_auth.proofs import store
from parse_auth.roles import ROLE_CLASS, prefixed, role_names
from parse_auth.seen import as_user, own_view
from parse_auth.sessions import USER_CLASS, CreatedWith, create_session, create_session_while
from parse_auth.signals import Login, after_login, before_login, send
from parse_auth.verification import check_login
from parse_core.context import ANONYMOUS, Level, RequestContext
from parse_core.errors import Forbidden, InvalidValue, ObjectNotFound, PasswordMissing, UsernameMissing
from parse_core.options import Options
from parse_core.store.sql import Sql, param
from parse_core.values.scalars import Document, Json


class WrongCredentials(ObjectNotFound):
    """Invalid username/password."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says about itself: a name, an address or both, and the password."""

    username: str | None
    email: str | None
    password: str
    providers: str = "password"  # what else is to prove who it is: "mfa"
    ignores_verification: bool = False  # what a caller with a server's key may ask for

    @classmethod
    def parse(cls, payload: Mapping[str, Json], options: Options) -> Credentials:
        """The credentials in a payload, written as the application stores them.

        Raises `UsernameMissing` (200), `PasswordMissing` (201), `WrongCredentials` (101) for what is no text.
        """
        username, email, password = (_given(payload.get(name)) for name in ("username", "email", "password"))
        if username is None and email is None:
            message = "username/email is required."
            raise UsernameMissing(message)
        if password is None:
            message = "password is required."
            raise PasswordMissing(message)
        if not all(isinstance(value, str | None) for value in (username, email, password)):
            raise WrongCredentials
        return cls(
            username.lower() if username and options.convert_username_to_lowercase else username,
            email.lower() if email and options.convert_email_to_lowercase else email,
            password,
            ",".join(payload["authData"]) if isinstance(payload.get("authData"), dict) else "password",
            payload.get("ignoreEmailVerification") in (True, "true", "1"),
        )


@dataclass(frozen=True, slots=True)
class Candidate(Stored):
    """The user somebody claims to be, as stored, with his roles."""

    roles: frozenset[str]


def log_in(context: RequestContext, credentials: Credentials, auth_data: Json = None) -> Document:
    """The user with the `sessionToken` of a new session.

    1. Name and password are right, and the user is not locked out.
    2. What was sent for providers, second factors above all, is validated; a password may be too old.
    3. Before-login listeners may refuse.
    4. What validation changed is stored; a secret that works once is spent. A hash of a kind that is not wanted any
       more is made anew.
    5. The session is made; it replaces the user's former one on this installation.
    6. After-login listeners hear of it.
    7. The answer is the user as he may see himself.
    """
    context = without_read_only_key(context)
    candidate = authenticate(context, credentials)
    outcome = prove_factors(context, candidate.user, auth_data)
    check_age(context, candidate)
    send(before_login, context, Login(candidate.user))
    store(context, candidate.id, outcome)
    token = _new_token(context, candidate, credentials.password)
    own = as_user(context, candidate.id, candidate.roles, token)
    send(after_login, own, Login({**candidate.user, "sessionToken": token}))
    told = {} if outcome.responses is None else {"authDataResponse": outcome.responses}
    return {**own_view(own, candidate.id), "sessionToken": token, **told}


def verify_password(context: RequestContext, credentials: Credentials) -> Document:
    """The user whose password it is, as he may see himself; nothing changes and nobody is told."""
    context = without_read_only_key(context)
    candidate = authenticate(context, credentials)
    return own_view(as_user(context, candidate.id, candidate.roles), candidate.id)


def log_in_as(context: RequestContext, user_id: Json) -> Document:
    """Any user with the `sessionToken` of a new session, for the master key: no password, no listeners.

    Raises `Forbidden` (119) without the key, `InvalidValue` (162) for what is no id, `ObjectNotFound` (101).
    """
    if not context.principal.is_master:
        message = "master key is required"
        raise Forbidden(message)
    if context.principal.level is Level.READ_ONLY:
        message = "read-only masterKey isn't allowed to login as another user."
        raise Forbidden(message)
    if not isinstance(user_id, str) or not user_id:
        message = "userId must not be empty, null, or undefined"
        raise InvalidValue(message)
    try:
        user = own_view(context, user_id)
    except ObjectNotFound:
        message = "user not found"
        raise ObjectNotFound(message) from None
    token = create_session(context, user_id, CreatedWith("login", "masterkey"))["sessionToken"]
    return {**user, "sessionToken": token}


def authenticate(context: RequestContext, credentials: Credentials) -> Candidate:
    """The user these credentials belong to; one statement and one comparison of hashes, whoever asks for whom.

    Where accounts are locked, one statement more counts the attempt. Raises `WrongCredentials` alike for an unknown
    user, one without a password, a wrong one, and a locked-out user; `Locked` (101); `EmailNotVerified` (205).
    """
    candidate = _candidate(context, credentials)
    stored = candidate.internal.get(passwords.COLUMN) if candidate else None
    correct = passwords.is_correct(credentials.password, stored, context.options.password_hash)
    if candidate is None:
        raise WrongCredentials
    count_attempt(context, candidate.id, correct=correct)
    if not correct or (candidate.user.get("ACL") == {} and not context.principal.is_master):
        raise WrongCredentials
    if not (credentials.ignores_verification and context.principal.is_privileged):
        check_login(context, candidate.user, CreatedWith("login", credentials.providers))
    return candidate


def _new_token(context: RequestContext, candidate: Candidate, password: str) -> str:
    """The token of a new session, which the user gets only while the password is still his.

    Raises `WrongCredentials` for one that was changed since it was compared: all its sessions have ended.
    """
    created_with = CreatedWith("login", "password")
    current = _renewed_hash(context, candidate, password)
    session = create_session_while(context, candidate.id, _has_hash(current), created_with)
    if session is None:  # it may be another hash of the same password
        user = stored_user(context, by_id(candidate.id))
        current = user.internal.get(passwords.COLUMN) if user else None
        if passwords.fits(password, current):
            session = create_session_while(context, candidate.id, _has_hash(current), created_with)
    if session is None:
        raise WrongCredentials
    token: str = session["sessionToken"]
    return token


def _has_hash(stored: Json) -> Sql:
    return Sql("(t.internal->>%s) = ", (passwords.COLUMN,)) + param(str(stored))


def _renewed_hash(context: RequestContext, candidate: Candidate, password: str) -> Json:
    """The stored hash, or a stronger one of the same password in its place, unless it has changed meanwhile."""
    kind, stored = context.options.password_hash, candidate.internal.get(passwords.COLUMN)
    if not passwords.is_outdated(stored, kind):
        return stored
    made = passwords.hashed(password, kind)
    set_internal(context, by_id(candidate.id) & _has_hash(stored), {passwords.COLUMN: made})
    return made


def without_read_only_key(context: RequestContext) -> RequestContext:
    """The request as if sent without the read-only key, which can log nobody in that could not without it."""
    if context.principal.level is not Level.READ_ONLY:
        return context
    return replace(context, principal=ANONYMOUS)


def _given(value: Json) -> Json:
    """The value, None for what counts as not sent; an empty object or list was sent, and is wrong."""
    return None if value is None or value is False or value in ("", 0) else value


def _candidate(context: RequestContext, credentials: Credentials) -> Candidate | None:
    cache = context.application.part(RoleCache)
    moment = cache.moment
    condition = _condition(credentials)
    rows = [] if condition is None else context.executor.fetch(_lookup(context, condition))
    found = [Candidate(orjson.loads(row[0]), orjson.loads(row[1] or "{}"), prefixed(row[2])) for row in rows]
    if len(found) > 1:  # one user's name is another one's address: the name counts
        found = [candidate for candidate in found if candidate.user.get("username") == credentials.username]
    if not found:
        return None
    if context.transaction is None:
        cache.put(found[0].id, found[0].roles, moment)
    return found[0]


def _condition(credentials: Credentials) -> Sql | None:
    """Which user is meant; None when no stored text can be equal to what was sent."""
    username, email = credentials.username, credentials.email
    if "\0" in f"{username}{email}":
        return None
    named = Sql("(t.data->>'username') = ") + param(username)
    if email is None:
        return Sql("(") + named + Sql(" OR (t.data->>'email') = ") + param(username) + Sql(")")
    addressed = Sql("(t.data->>'email') = ") + param(email)
    return addressed if username is None else addressed & named


def _lookup(context: RequestContext, condition: Sql) -> Sql:
    return (
        Sql("SELECT t.wire, t.internal::text, ")
        + role_names(context.schema(ROLE_CLASS), Sql("t.object_id"))
        + Sql(" FROM ")
        + context.schema(USER_CLASS).relation
        + Sql(" t WHERE ")
        + condition
        + Sql(" LIMIT 2")
    )
