"""What every way to user code has in common, for the kinds that have no route yet: files, live queries."""

from __future__ import annotations

from typing import Any

import pytest

from parse_cloud.handlers import Handler
from parse_cloud.invocations import FileCall, FileContent, LiveCall
from parse_cloud.kinds import FILE, Failure, Kind, class_of
from parse_cloud.running import depth, invoke
from parse_cloud.validators import Validator
from parse_core.application import Application
from parse_core.context import MASTER, RequestContext

SAVE, DELETE, FIND = "Could not store file: a.txt.", "Could not delete file.", "Could not find file: a.txt."


def file_call(application: Application, kind: Kind, *, master: bool = False) -> FileCall:
    context = RequestContext(application, MASTER) if master else RequestContext(application)
    return FileCall(kind=kind, name=FILE, context=context, cloud={"mine": 1}, file=FileContent("a.txt", b"x"))


def raising(error: Exception) -> Any:
    def run(_invocation: Any) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        (Kind.BEFORE_SAVE, 130, SAVE),
        (Kind.AFTER_SAVE, 130, SAVE),
        (Kind.BEFORE_DELETE, 153, DELETE),
        (Kind.AFTER_DELETE, 153, DELETE),
        (Kind.BEFORE_FIND, 141, FIND),
        (Kind.AFTER_FIND, 141, FIND),
    ],
)
def test_handlers_of_files_fail_with_codes_of_their_own(
    application: Application, kind: Kind, code: int, text: str
) -> None:
    raised: list[tuple[Exception, dict[str, Any]]] = [
        (Failure("no"), {"code": code, "error": "no"}),
        (ValueError("native"), {"code": code, "error": "native"}),
        (Failure(None), {"code": code, "error": text}),
        (Failure("own", 999), {"code": 999, "error": "own"}),
    ]
    for error, body in raised:
        with pytest.raises(Failure) as refusal:
            invoke(Handler(kind, class_of(kind, FILE), raising(error)), file_call(application, kind))
        assert refusal.value.body(sanitize=True) == body


def test_their_validators_are_asked_and_may_skip_them(application: Application) -> None:
    ran: list[object] = []
    handler = Handler(Kind.BEFORE_SAVE, FILE, ran.append, Validator(rules={"requireMaster": True}))
    with pytest.raises(Failure) as refusal:
        invoke(handler, file_call(application, Kind.BEFORE_SAVE))
    assert refusal.value.number == 142
    assert invoke(handler, file_call(application, Kind.BEFORE_SAVE, master=True)) is True
    skipped = Handler(Kind.BEFORE_SAVE, FILE, ran.append, Validator(rules={"skipWithMasterKey": True}))
    assert invoke(skipped, file_call(application, Kind.BEFORE_SAVE, master=True)) is False
    assert len(ran) == 1


def test_live_queries_know_the_master_key_too(application: Application) -> None:
    handler = Handler(
        Kind.BEFORE_CONNECT, class_of(Kind.BEFORE_CONNECT, None), lambda _call: None, Validator({"requireMaster": True})
    )
    for principal in (None, MASTER):
        context = RequestContext(application) if principal is None else RequestContext(application, principal)
        call = LiveCall(kind=Kind.BEFORE_CONNECT, name=handler.name, context=context, cloud={}, event="connect")
        if principal is None:
            with pytest.raises(Failure, match="Master key is required"):
                invoke(handler, call)
        else:
            assert invoke(handler, call)


def test_what_a_failed_handler_leaves_in_its_context_is_forgotten(application: Application) -> None:
    def run(invocation: Any) -> None:
        invocation.cloud["left"] = True
        raise Failure("no")

    call = file_call(application, Kind.BEFORE_SAVE)
    with pytest.raises(Failure):
        invoke(Handler(Kind.BEFORE_SAVE, FILE, run), call)
    assert call.context.cloud == {}


def test_the_depth_is_what_it_was_afterwards(application: Application) -> None:
    seen: list[int] = []
    handler = Handler(Kind.AFTER_SAVE, FILE, lambda _call: seen.append(depth.get()))
    invoke(handler, file_call(application, Kind.AFTER_SAVE))
    with pytest.raises(Failure):
        invoke(Handler(Kind.AFTER_SAVE, FILE, raising(Failure("no"))), file_call(application, Kind.AFTER_SAVE))
    assert (seen, depth.get()) == ([1], 0)
