"""`/classes/<class>` and `/classes/<class>/<id>`; apps that own classes add the same views under names of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from parse_core.context import Level, RequestContext
from parse_core.errors import HttpError, InternalError, ParseError
from parse_core.objects.batch import create_many
from parse_core.objects.delete import delete
from parse_core.objects.find import find, get
from parse_core.objects.find_request import parse_find, parse_get
from parse_core.objects.requests import Saved, SaveRequest
from parse_core.objects.save import save
from parse_core.rest import audit, exceptions
from parse_core.rest.base import Outcome, ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.renderers import public_url
from parse_core.rest.routes import routes


class ClassView(ParseView):
    """The objects of a class: find and create."""

    def get(self, call: Call, class_name: str) -> Answer:
        """The objects a query finds: `{"results": […], "count": n}`; with a cursor, also `next` and `previous`."""
        found = find(call.context, parse_find(class_name, call.parameters))
        more = b"" if found.count is None else b',"count":%d' % found.count
        if found.next is not None:
            more += b',"next":"%b"' % found.next.encode()
        if found.previous is not None:
            more += b',"previous":"%b"' % found.previous.encode()
        return Answer(b'{"results":%b%b}' % (found.json, more))

    def post(self, call: Call, class_name: str) -> Answer:
        """The new object's id and time, 201, and where it is now."""
        return created(call.context, save(call.context, SaveRequest(class_name, call.parameters)))

    def answer_many(self, calls: Sequence[tuple[Call, Mapping[str, str]]]) -> Iterator[Outcome]:
        """Creates go to storage together."""
        context, method = calls[0][0].context, calls[0][0].method
        is_plain = method == "POST" and context.principal.level is not Level.READ_ONLY
        if len(calls) == 1 or not is_plain or audit.concerns(calls[0][0]):
            yield from super().answer_many(calls)
            return
        requests = [SaveRequest(arguments["class_name"], call.parameters) for call, arguments in calls]
        for outcome in _create_many(context, requests):
            yield created(context, outcome) if isinstance(outcome, Saved) else outcome


class ObjectView(ParseView):
    """One object: get, update and delete."""

    def get(self, call: Call, class_name: str, object_id: str) -> Answer:
        """The object."""
        return Answer(get(call.context, parse_get(class_name, object_id, call.parameters)).json)

    def put(self, call: Call, class_name: str, object_id: str) -> Answer:
        """When the object was updated, and what the server made of the operations."""
        saved = save(call.context, SaveRequest(class_name, call.parameters, object_id))
        return Answer(saved.body, saved.status)

    def delete(self, call: Call, class_name: str, object_id: str) -> Answer:
        """`{}`."""
        delete(call.context, class_name, object_id)
        return Answer(b"{}")


def _create_many(context: RequestContext, requests: Sequence[SaveRequest]) -> Sequence[Saved | ParseError | HttpError]:
    """The outcome of each create; a failure of them all together is the outcome of each, and not of the batch."""
    try:
        return create_many(context, requests)
    except Exception as error:  # noqa: BLE001 (logged there)
        return [exceptions.as_known(error, context.request_id) or InternalError()] * len(requests)


def created(context: RequestContext, saved: Saved) -> Answer:
    """The answer to a save that may have made an object, with its address."""
    headers = {}
    if saved.location is not None:
        path = quote(saved.location, safe="/:")
        headers["Location"] = (public_url(context.application) or context.base_url) + path
    return Answer(saved.body, saved.status, headers)


def add_class_routes(
    word: str, class_name: str, *, view: type[ClassView] = ClassView, object_view: type[ObjectView] = ObjectView
) -> None:
    """Makes a class known by a word of its own beside `classes/<class>`: `roles` for `_Role`."""
    routes.add(word, view, class_name=class_name)
    routes.add(f"{word}/<object_id...>", object_view, class_name=class_name)


routes.add("classes/<class_name>", ClassView)
routes.add("classes/<class_name>/<object_id...>", ObjectView)
