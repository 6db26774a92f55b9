"""The config, schemas, files, webhooks, pushes and events of the application, from inside."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

import parse_cloud
from parse_cloud import Analytics, Config, File, GeoPoint, Hooks, Object, ParseError, Push, Query, Schema
from parse_cloud.author.sdk.pending import IncrementOp, UnsetOp
from parse_cloud.author.sdk.pending_arrays import AddUniqueOp
from parse_core.application import Application
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import Route, routes

# --- Config


def test_the_config_is_saved_and_read() -> None:
    saved = Config.save(
        {"welcome": "hi", "at": GeoPoint(1, 2), "since": datetime(2026, 1, 1, tzinfo=UTC), "limit": 3, "secret": "s"},
        {"secret": True},
    )
    assert (saved["welcome"], saved["secret"]) == ("hi", "s")
    config = Config.get()
    assert (config["at"], config["since"], config.get("limit")) == (GeoPoint(1, 2), datetime(2026, 1, 1, tzinfo=UTC), 3)
    assert ("secret" in config, config.get("secret", "none"), config.get("other")) == (False, "none", None)
    assert (Config.get(use_master_key=True)["secret"], sorted(config)) == ("s", ["at", "limit", "since", "welcome"])
    with pytest.raises(KeyError):
        config["secret"]


def test_the_config_is_changed_by_operations() -> None:
    Config.save({"n": 1, "tags": ["a"], "gone": 1})
    changed = Config.save({"n": IncrementOp(2), "tags": AddUniqueOp(["a", "b"]), "gone": UnsetOp()})
    assert dict(changed) == {"n": 3, "tags": ["a", "b"]}
    with pytest.raises(ParseError) as refused:
        Config.save({"n": 1}, use_master_key=False)
    assert refused.value.code == ParseError.OPERATION_FORBIDDEN


# --- Schemas


def test_a_class_is_made_changed_and_deleted() -> None:
    schema = Schema("Book")
    schema.add_string("title", required=True).add_number("pages", default=1).add_boolean("lent").add_date("since")
    schema.add_file("cover").add_geo_point("at").add_polygon("area").add_array("tags", default=[]).add_object("o")
    schema.add_bytes("raw").add_pointer("author", "Author").add_relation("readers", "Reader").add_index(
        "t", {"title": 1}
    )
    schema.set_clp({"find": {"*": True}, "create": {"*": True}, "get": {"*": True}})
    made = schema.save()
    types = {name: field["type"] for name, field in made["fields"].items()}
    assert {name: types[name] for name in ("title", "pages", "lent", "since", "cover", "at")} == {
        "title": "String",
        "pages": "Number",
        "lent": "Boolean",
        "since": "Date",
        "cover": "File",
        "at": "GeoPoint",
    }
    assert (types["area"], types["tags"], types["o"], types["raw"]) == ("Polygon", "Array", "Object", "Bytes")
    assert made["fields"]["author"] == {"type": "Pointer", "targetClass": "Author"}
    assert made["fields"]["readers"] == {"type": "Relation", "targetClass": "Reader"}
    book = Object("Book", title="x").save()
    assert book.fetch()["pages"] == 1
    with pytest.raises(ParseError):
        Object("Book").save()

    changed = Schema("Book").delete_field("o").delete_index("t").add_field("more").update()
    assert ("o" in changed["fields"], changed["fields"]["more"]) == (False, {"type": "String"})
    assert "Book" in [each["className"] for each in Schema.all()]
    with pytest.raises(ParseError) as refused:
        Schema("Book").delete()
    assert refused.value.code == ParseError.INVALID_SCHEMA_OPERATION
    Schema("Book").purge()
    assert Query("Book").count(use_master_key=True) == 0
    Schema("Book").delete()
    with pytest.raises(ParseError) as refused:
        Schema("Book").get()
    assert refused.value.code == ParseError.INVALID_CLASS_NAME


NO_FIELDS: list[tuple[str, Callable[[], Any], str]] = [
    ("an unknown type", lambda: Schema("A").add_field("f", "Thing"), "Thing is not a valid type."),
    ("no name", lambda: Schema("A").add_field(""), "field name may not be null."),
    (
        "a pointer to nothing",
        lambda: Schema("A").add_field("f", "Pointer"),
        "You need to set the target_class of the Pointer.",
    ),
    ("an empty index", lambda: Schema("A").add_index("i", {}), "index and its name may not be null."),
    ("no class", lambda: Schema("").get(), "You must set a Class Name before making any request."),
]


@pytest.mark.parametrize(("make", "text"), [case[1:] for case in NO_FIELDS], ids=[case[0] for case in NO_FIELDS])
def test_what_cannot_be_in_a_schema_is_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        make()
    assert str(refused.value) == text


# --- Webhooks


def test_webhooks_are_made_changed_and_removed() -> None:
    assert Hooks.create_function("f", "http://a.example/") == {"functionName": "f", "url": "http://a.example/"}
    assert Hooks.update_function("f", "http://b.example/")["url"] == "http://b.example/"
    assert Hooks.get_function("f")["url"] == "http://b.example/"
    assert Hooks.get_functions() == [{"functionName": "f", "url": "http://b.example/"}]
    trigger = {"className": "Post", "triggerName": "beforeSave", "url": "http://a.example/"}
    assert Hooks.create_trigger("Post", "beforeSave", "http://a.example/") == trigger
    assert Hooks.get_trigger("Post", "beforeSave") == trigger
    assert Hooks.update_trigger("Post", "beforeSave", "http://c.example/")["url"] == "http://c.example/"
    assert len(Hooks.get_triggers()) == 1
    with pytest.raises(ParseError) as refused:
        Hooks.create_function("f", "http://a.example/")
    assert refused.value.code == 143
    with pytest.raises(ParseError):
        Hooks.get_functions(use_master_key=False)
    Hooks.remove_function("f")
    Hooks.remove_trigger("Post", "beforeSave")
    assert (Hooks.get_functions(), Hooks.get_triggers()) == ([], [])
    with pytest.raises(ParseError) as refused:
        Hooks.get_function("f")
    assert (refused.value.code, refused.value.message) == (143, "no function named: f is defined")


# --- Pushes and files go to routes of their own; what is sent there is what counts here.


class Recorder(ParseView):
    """Answers as the route would, and keeps what it was sent."""

    calls: ClassVar[list[Call]] = []
    answer_with: ClassVar[Any] = {}

    def post(self, call: Call, **_arguments: str) -> Answer:
        self.calls.append(call)
        return Answer(dict(self.answer_with), headers={"X-Parse-Push-Status-Id": "s1"})

    def delete(self, call: Call, **_arguments: str) -> Answer:
        self.calls.append(call)
        return Answer({})


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    from parse_core.rest.routes import Match

    known = routes.match

    def match(path: str) -> Any:
        if path.partition("/")[0] in ("push", "files"):
            return Match(Route(path, Recorder, {}), {})
        return known(path)

    monkeypatch.setattr(routes, "match", match)
    Recorder.calls.clear()
    return Recorder.calls


def test_a_push_is_sent_to_whom_a_query_finds(recorded: list[Call]) -> None:
    when = datetime(2026, 1, 31, 12, tzinfo=UTC)
    where = Query("_Installation").equal_to("channels", "news")
    assert Push.send({"where": where, "push_time": when, "expiration_time": when, "data": {"alert": "hi"}}) == "s1"
    (call,) = recorded
    assert (call.method, call.path, call.context.principal.is_master) == ("POST", "push", True)
    assert call.parameters == {
        "where": {"channels": "news"},
        "push_time": "2026-01-31T12:00:00.000Z",
        "expiration_time": "2026-01-31T12:00:00.000Z",
        "data": {"alert": "hi"},
    }
    with pytest.raises(ValueError, match="cannot both be set"):
        Push.send({"expiration_time": when, "expiration_interval": 3})


def test_how_far_a_push_is_can_be_asked() -> None:
    with pytest.raises(ParseError) as refused:
        Push.get_push_status("nobody")
    assert refused.value.code == ParseError.OBJECT_NOT_FOUND


class Tracker:
    """Keeps the events that it is told of."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def track_event(self, name: str, parameters: Any, _context: object) -> None:
        self.events.append((name, parameters))

    def app_opened(self, parameters: Any, _context: object) -> None:
        self.events.append(("AppOpened", parameters))


def test_an_event_is_counted(configure: Callable[..., Application]) -> None:
    tracker = Tracker()
    configure(analyticsAdapter=tracker)
    Analytics.track("  search for/more? ", {"kind": "flight"})
    assert tracker.events == [("search for/more?", {"dimensions": {"kind": "flight"}})]
    with pytest.raises(ValueError, match="A name for the custom event"):
        Analytics.track("  ")
    with pytest.raises(TypeError, match="keys and values"):
        Analytics.track("search", {"kind": 3})  # type: ignore[dict-item]


SOURCES: list[tuple[str, Any, str | None, str | None]] = [
    ("bytes", b"hello", None, None),
    ("a buffer", bytearray(b"hello"), "text/plain", "text/plain"),
    ("numbers", [104, 101, 108, 108, 111], None, None),
    ("something to read from", io.BytesIO(b"hello"), None, None),
    ("base64", "aGVsbG8=", None, None),
    ("base64 in a mapping", {"base64": "aGVsbG8="}, None, None),
    ("a data URI", "data:text/html;base64,aGVsbG8=", None, "text/html"),
    ("a data URI with a type beside it", "data:text/html;base64,aGVsbG8=", "text/css", "text/css"),
]


@pytest.mark.parametrize(("data", "given", "sent"), [case[1:] for case in SOURCES], ids=[case[0] for case in SOURCES])
def test_a_file_is_stored_whatever_it_is_made_of(
    recorded: list[Call], monkeypatch: pytest.MonkeyPatch, data: Any, given: str | None, sent: str | None
) -> None:
    monkeypatch.setattr(Recorder, "answer_with", {"name": "1_a.txt", "url": "http://api.example/1_a.txt"})
    file = File("a.txt", data, given, metadata={"k": 1}, tags={"t": "x"}, directory="d")
    file.add_metadata("more", 2)
    file.set_metadata({"most": 3})
    file.add_tag("u", "y")
    file.set_tags({"v": "z"})
    assert (file.url, file.get_data()) == (None, b"hello")
    file.save(use_master_key=True)
    file.save()  # once is enough
    (call,) = recorded
    expected = {
        "base64": "aGVsbG8=",
        "fileData": {
            "metadata": {"k": 1, "more": 2, "most": 3},
            "tags": {"t": "x", "u": "y", "v": "z"},
            "directory": "d",
        },
    }
    assert (call.path, call.context.principal.is_master) == ("files/a.txt", True)
    assert call.parameters == (expected if sent is None else {**expected, "_ContentType": sent})
    assert (file.name, file.url) == ("1_a.txt", "http://api.example/1_a.txt")
    file.destroy()
    assert (recorded[-1].method, recorded[-1].path) == ("DELETE", "files/1_a.txt")


def test_the_files_of_an_object_are_stored_before_it(recorded: list[Call], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recorder, "answer_with", {"name": "1_a.txt", "url": "http://api.example/parse/files/x/1_a.txt"})
    post = Object("Post", cover=File("a.txt", b"x"), pages=[{"scan": File("b.txt", b"y")}]).save()
    assert [call.path for call in recorded] == ["files/a.txt", "files/b.txt"]
    fresh = Object.without_data("Post", post.id).fetch()
    assert fresh["cover"].url == "http://api.example/parse/files/sdk-python/1_a.txt"
    assert fresh["pages"][0]["scan"].name == "1_a.txt"
    assert (fresh["cover"] == fresh["pages"][0]["scan"], fresh["cover"] == File("1_a.txt", b"x")) == (True, False)


def test_a_file_that_is_not_stored_is_no_value() -> None:
    with pytest.raises(ParseError) as refused:
        File("a.txt", b"x").to_json()
    assert refused.value.message == "Tried to encode an unsaved file."
    with pytest.raises(ParseError) as refused:
        File("a.txt").get_data()
    assert refused.value.message == "Cannot retrieve data for unsaved ParseFile."
    with pytest.raises(ParseError) as refused:
        File("").destroy()
    assert refused.value.code == ParseError.FILE_DELETE_UNNAMED_ERROR
    for data in (3, {"other": "x"}, "no base64!"):
        with pytest.raises(TypeError):
            File("a.txt", data).get_data()  # type: ignore[arg-type]


class Contents(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/a.txt" else 404)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Contents)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_contents_of_a_stored_file_are_downloaded(address: str) -> None:
    assert File.from_json({"name": "a.txt", "url": f"{address}/a.txt"}).get_data() == b"hello"
    there = File("copy.txt", {"uri": f"{address}/a.txt"})
    assert (there.get_data(), there.content_type) == (b"hello", "text/plain")
    for url in (f"{address}/b.txt", "file:///etc/passwd", "ftp://a.example/x"):
        with pytest.raises(ParseError) as refused:
            File.from_json({"name": "a.txt", "url": url}).get_data()
        assert refused.value.code == ParseError.FILE_READ_ERROR


# --- The package


def test_the_package_exports_what_authors_write_with(application: Application) -> None:
    names = {"cloud", "Object", "Query", "User", "Role", "Session", "Installation", "File", "Config", "ACL", "GeoPoint"}
    names |= {"Polygon", "Relation", "Push", "Analytics", "Schema", "Hooks", "ParseError"}
    names |= {"Field", "RateLimit", "Response", "Replace"}
    assert all(getattr(parse_cloud, name) is not None for name in names)
    assert names <= set(dir(parse_cloud))
    with pytest.raises(AttributeError):
        parse_cloud.Nothing  # noqa: B018
