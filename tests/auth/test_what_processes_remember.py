"""Warm and cold sessions, and when they are looked up anew (`contract/users.md` §20, `DESIGN.md` §9)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from parse_auth.authentication import session_principal
from parse_auth.caches import KnownSession, SessionCache
from parse_auth.recent_values import RecentValues
from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.errors import InvalidSessionToken
from parse_core.store.database import Database
from parse_core.values.scalars import now
from tests.auth.conftest import Configure
from tests.auth.people import Person, log_in, make_role, sign_up
from tests.support.client import ApiClient


def test_a_cold_session_with_roles_costs_one_statement_and_a_warm_one_none(api: ApiClient, ann: Person) -> None:
    inner = make_role(api, "Inner", users=(ann,))
    make_role(api, "Outer", roles=(inner,))
    post = api.post("/classes/Post", {"ACL": {"role:Outer": {"read": True}}}, master=True).json["objectId"]
    cold, warm = (api.get(f"/classes/Post/{post}", as_user=ann.token) for _ in range(2))
    assert (cold.status, cold.statements) == (200, 2)
    assert (warm.status, warm.statements) == (200, 1)


def test_after_a_role_was_written_only_roles_are_looked_up(api: ApiClient, ann: Person) -> None:
    assert api.get("/users/me", as_user=ann.token).statements == 2
    make_role(api, "Admin", users=(ann,))
    assert api.get("/users/me", as_user=ann.token).statements == 2
    assert api.get("/users/me", as_user=ann.token).statements == 1


def test_another_users_logout_leaves_a_session_warm(api: ApiClient, ann: Person, bob: Person) -> None:
    api.get("/users/me", as_user=ann.token)
    api.post("/logout", as_user=bob.token)
    assert api.get("/users/me", as_user=ann.token).statements == 1


def test_everything_is_looked_up_again_after_a_time(configure: Configure, api: ApiClient, ann: Person) -> None:
    configure(cacheTTL=200)
    assert [api.get("/users/me", as_user=ann.token).statements for _ in range(2)] == [2, 1]
    time.sleep(0.25)
    assert api.get("/users/me", as_user=ann.token).statements == 2


def test_nothing_is_remembered_of_a_bad_token(api: ApiClient) -> None:
    for _ in range(2):
        assert api.get("/classes/Post", as_user="r:none").error == (209, "Invalid session token")
    assert len(api.application.part(SessionCache)) == 0


def test_purged_sessions_and_users_are_gone_at_once(api: ApiClient, ann: Person) -> None:
    for name in ("_Session", "_User"):
        person = sign_up(api, f"someone {name}")
        assert api.get("/users/me", as_user=person.token).status == 200
        assert api.delete(f"/purge/{name}", master=True).status == 200
        assert api.get("/users/me", as_user=person.token).error[0] == 209


def test_an_application_that_starts_over_knows_no_token(api: ApiClient, ann: Person) -> None:
    assert api.get("/users/me", as_user=ann.token).status == 200
    api.application.reset()
    assert api.get("/users/me", as_user=ann.token).error[0] == 209


# --- Several processes ------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(api: ApiClient, database_url: str) -> Iterator[RequestContext]:
    """The application as another process has it: its own connections, its own memory."""
    database = Database(lambda: database_url)
    application = Application(api.application.id, api.application.options, database)
    application.schemas.prepare()
    yield RequestContext(application)
    application.listener.stop()
    database.close()


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 3
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def knows(context: RequestContext, token: str) -> bool:
    try:
        session_principal(context, token)
    except InvalidSessionToken:
        return False
    return True


@pytest.mark.parametrize("end", ["logout", "delete", "password", "replaced"])
def test_a_session_that_ended_elsewhere_ends_here(
    configure: Configure, api: ApiClient, elsewhere: RequestContext, end: str
) -> None:
    configure(cacheTTL=60_000)
    elsewhere.application.options = api.application.options
    ann = sign_up(api, "ann")
    phone = {"X-Parse-Installation-Id": "phone"}
    token = log_in(api, "ann", headers=phone).json["sessionToken"]
    assert knows(elsewhere, token)
    time.sleep(0.6)  # the other process listens by now
    assert knows(elsewhere, token)
    if end == "logout":
        api.post("/logout", as_user=token)
    elif end == "delete":
        api.delete(ann.path, as_user=token)
    elif end == "password":
        api.put(ann.path, {"password": "new"}, as_user=token)
    else:
        log_in(api, "ann", headers=phone)
    assert eventually(lambda: not knows(elsewhere, token))


def test_a_role_given_elsewhere_counts_here(configure: Configure, api: ApiClient, elsewhere: RequestContext) -> None:
    configure(cacheTTL=60_000)
    elsewhere.application.options = api.application.options
    ann = sign_up(api, "ann")
    assert session_principal(elsewhere, ann.token).roles == frozenset()
    time.sleep(0.6)
    make_role(api, "Admin", users=(ann,))
    assert eventually(lambda: session_principal(elsewhere, ann.token).roles == {"role:Admin"})


# --- The memory itself ------------------------------------------------------------------------------------------------


def session(user_id: str) -> KnownSession:
    return KnownSession("x", user_id, None, now())


def test_it_never_grows_beyond_its_limit(configure: Configure, api: ApiClient) -> None:
    configure(cacheMaxSize=3)
    cache = api.application.part(SessionCache)
    for number in range(10):
        cache.put(f"r:{number}", session(f"user {number % 2}"), cache.moment)
    assert [number for number in range(10) if cache.get(f"r:{number}")] == [7, 8, 9]
    assert sum(len(tokens) for tokens in cache._tokens.values()) == 3
    cache.forget("user 1")
    assert [number for number in range(10) if cache.get(f"r:{number}")] == [8]
    cache.clear()
    assert (len(cache), cache._tokens) == (0, {})


def test_what_was_asked_for_before_a_change_is_not_kept(api: ApiClient) -> None:
    cache: RecentValues[str, str] = RecentValues(api.application)
    moment = cache.moment
    cache.discard("a")
    cache.put("a", "stale", moment)
    assert cache.get("a") is None
    cache.put("a", "fresh", cache.moment)
    assert cache.get("a") == "fresh"
