"""For whom a call from inside is made, and what it sets off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parse_cloud import ACL, Object, ParseError, Query, User
from parse_cloud.author.cloud import Cloud
from parse_cloud.author.current import Current, acting
from parse_core.application import Application
from tests.support.client import ApiClient

Configure = Callable[..., Application]
SignUp = Callable[[str], User]


@pytest.fixture
def secret(sign_up: SignUp) -> tuple[User, Object]:
    """A user, and an object that nobody else sees."""
    ann = sign_up("ann")
    return ann, Object("Note", text="x", ACL=ACL(ann)).save(use_master_key=True)


CALLERS: list[tuple[str, Callable[[User], dict[str, Any]], bool]] = [
    ("nobody", lambda _ann: {}, False),
    ("the master key", lambda _ann: {"use_master_key": True}, True),
    ("not the master key", lambda _ann: {"use_master_key": False}, False),
    ("a session token", lambda ann: {"session_token": ann.session_token}, True),
    ("a user with a session", lambda ann: {"user": ann}, True),
    ("a user without one", lambda ann: {"user": Query(User).get(ann.id or "", use_master_key=True)}, True),
    ("no user", lambda _ann: {"user": None}, False),
    ("another user", lambda _ann: {"user": User(username="ben", password="p").sign_up()}, False),
    ("the master key before a user", lambda _ann: {"use_master_key": True, "session_token": "r:nonsense"}, True),
]


@pytest.mark.parametrize(("options", "sees"), [case[1:] for case in CALLERS], ids=[case[0] for case in CALLERS])
def test_who_asks_sees_what_is_theirs(
    secret: tuple[User, Object], options: Callable[[User], dict[str, Any]], sees: bool
) -> None:
    ann, note = secret
    who = options(ann)
    assert Query("Note").count(**who) == int(sees)
    assert Object.without_data("Note", note.id).exists(**who) is sees
    mine = Object.without_data("Note", note.id).set("text", "changed")
    if sees:
        mine.save(**who)
        mine.destroy(**who)
    else:
        with pytest.raises(ParseError) as refused:
            mine.save(**who)
        assert refused.value.code == ParseError.OBJECT_NOT_FOUND


def test_the_caller_of_the_request_is_not_inherited(application: Application, secret: tuple[User, Object]) -> None:
    ann, _note = secret
    from dataclasses import replace

    from parse_core.rest import inside

    context = replace(Current.of(application).context, principal=inside.caller(application, master=True))
    with acting(Current(application, context)):
        assert Query("Note").count() == 0
        assert Query("Note").count(user=ann) == 1


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("an unknown session token", {"session_token": "r:nonsense"}, 209, "Invalid session token"),
    ("a user who is not saved", {"user": User()}, 104, "A user that is not saved cannot be acted for"),
    (
        "a context that cannot be copied",
        {"context": {"a": (x for x in "a")}},
        162,
        "Context contains non-cloneable values",
    ),
]


@pytest.mark.parametrize(("options", "code", "text"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_who_cannot_be_is_refused(options: dict[str, Any], code: int, text: str) -> None:
    with pytest.raises(ParseError) as refused:
        Query("Note").find(**options)
    assert refused.value.code == code
    assert str(refused.value.message).startswith(text)


def test_an_unknown_option_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        Query("Note").find(useMasterKey=True)  # type: ignore[call-arg]


def test_what_is_told_of_refusals_is_what_clients_are_told() -> None:
    with pytest.raises(ParseError) as refused:
        Query("_Session").aggregate([], use_master_key=False)
    assert (refused.value.code, refused.value.message) == (119, "Permission denied")
    with pytest.raises(ParseError) as refused:
        Object("no class").save()
    assert refused.value.code == ParseError.INVALID_JSON


def test_calls_from_inside_run_triggers_and_hand_them_a_copy_of_the_context(configure: Configure) -> None:
    seen: list[tuple[str, Any]] = []

    def setup(cloud: Cloud) -> None:
        @cloud.before_save("Post")
        def before(request: Any) -> None:
            seen.append(("before", dict(request.context)))
            request.context["added"] = True
            request.object.increment("saves")

        @cloud.after_save("Post")
        def after(request: Any) -> None:
            seen.append(("after", dict(request.context)))

        @cloud.before_find("Post")
        def find(request: Any) -> None:
            seen.append(("find", (request.is_get, request.master, dict(request.context))))

    given = {"who": ["me"]}
    with acting(Current.of(configure(cloud=setup))):
        post = Object("Post").save(context=given)
        assert post["saves"] == 1
        Object.save_all([post.set("x", 1), Object("Post")], context=given)
        assert post["saves"] == 2
        Query("Post").find(context=given)
        post.fetch(context=given, use_master_key=True)
        Query("Post").get(post.id or "")
    assert given == {"who": ["me"]}
    assert seen[:2] == [("before", given), ("after", {**given, "added": True})]
    assert [kind for kind, _ in seen[2:6]].count("before") == 2
    assert seen[6:] == [("find", (False, False, given)), ("find", (True, True, given)), ("find", (False, False, {}))]


def test_a_refusal_of_a_trigger_is_raised_with_its_code(configure: Configure) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.before_save("Post")
        def before(request: Any) -> None:
            raise ParseError(request.object["code"], "no")

    with acting(Current.of(configure(cloud=setup))):
        for code in (142, 1, 101, 4711):
            with pytest.raises(ParseError) as refused:
                Object("Post", code=code).save()
            assert (refused.value.code, refused.value.message) == (code, "no")
        with pytest.raises(ParseError) as refused:
            Object.save_all([Object("Post", code=300), Object("Post", code=301)])
        assert refused.value.code == 300


def test_a_function_works_with_objects_over_http(configure: Configure) -> None:
    def setup(cloud: Cloud) -> None:
        @cloud.function
        def average(request: Any) -> float:
            rows = Query("Review").equal_to("movie", request.params["movie"]).find()
            return float(sum(row["stars"] for row in rows)) / max(len(rows), 1)

        @cloud.function
        def best(request: Any) -> Any:
            return Query("Review").descending("stars").first(**request.as_user())

    client = ApiClient(configure(cloud=setup))
    for stars in (2, 4):
        client.post("/classes/Review", {"movie": "Alien", "stars": stars})
    assert client.post("/functions/average", {"movie": "Alien"}).json == {"result": 3.0}
    best = client.post("/functions/best", {}).json["result"]
    assert (best["__type"], best["className"], best["stars"]) == ("Object", "Review", 4)


def test_the_example_of_the_documentation_works(configure: Configure, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/cloud-code/objects.md").read_text()
    code = tmp_path / "main.py"
    code.write_text(page.split("```python\n")[1].split("```")[0])
    client = ApiClient(configure(cloud=str(code)))
    movie = client.post("/classes/Movie", {"name": "Alien"}).json["objectId"]
    pointer = {"__type": "Pointer", "className": "Movie", "objectId": movie}
    for stars in (2, 5):
        client.post("/classes/Review", {"stars": stars, "movie": pointer})
    ann = client.post("/users", {"username": "ann", "password": "p"}).json
    (found,) = client.post("/functions/recommend", {}, as_user=ann["sessionToken"]).json["result"]
    assert found["name"] == "Alien"
    (visit,) = client.get("/classes/Visit", master=True).json["results"]
    assert visit["ACL"] == {ann["objectId"]: {"read": True, "write": True}}


def test_what_protects_from_the_network_does_not_protect_from_inside(configure: Configure) -> None:
    configure(routeAllowList=["health"], requestComplexity={"batchRequestLimit": 2})
    Object.save_all([Object("Post", n=n) for n in range(5)])
    assert Query("Post").count() == 5
