"""The two moments of a read. A class somebody listens to leaves the byte path: listeners see objects, not text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import orjson

from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.errors import ObjectNotFound
from parse_core.objects.requests import FindRequest, Found
from parse_core.signals import after_find, before_find
from parse_core.values.scalars import Document


@dataclass(slots=True)
class BeforeFind:
    """A receiver changes what is looked for by replacing `request`.

    With `documents` it answers in the place of the database: whole objects, each with its `className`. Whoever asked
    shows the stored ones among them only to callers who may read them.
    """

    request: FindRequest
    documents: list[Document] | None = None

    @property
    def class_name(self) -> str:
        return self.request.class_name

    @property
    def supplied_ids(self) -> list[str]:
        """The ids of the objects that a receiver supplied, in their order."""
        return list(dict.fromkeys(each["objectId"] for each in self.documents or () if each.get("objectId")))


@dataclass(slots=True)
class AfterFind:
    """A receiver changes what is sent by changing `documents`, objects in wire format; a get has at most one."""

    request: FindRequest
    documents: list[Document] = field(default_factory=list)

    @property
    def class_name(self) -> str:
        return self.request.class_name


def is_heard(context: RequestContext, class_name: str) -> bool:
    """Whether reads of this class must be announced."""
    application = context.application
    return before_find.has_listener(application, class_name) or after_find.has_listener(application, class_name)


def announce_search(context: RequestContext, request: FindRequest) -> BeforeFind:
    """What the listeners of `before_find` leave of a request."""
    event = BeforeFind(request)
    if before_find.has_listener(context.application, request.class_name):
        before_find.send(Application, context=context, event=event)
    return event


def announce_documents(context: RequestContext, request: FindRequest, documents: list[Document]) -> list[Document]:
    """The objects as the listeners of `after_find` leave them."""
    if not after_find.has_listener(context.application, request.class_name):
        return documents
    event = AfterFind(request, documents)
    after_find.send(Application, context=context, event=event)
    return event.documents


def announce_found(context: RequestContext, request: FindRequest, found: Found) -> Found:
    """The answer as the listeners of `after_find` leave it. Raises `ObjectNotFound` for a get of which nothing is left.

    How a query would run is nobody's object.
    """
    if request.explain is not None or not after_find.has_listener(context.application, request.class_name):
        return found
    if request.object_id is None:
        return replace(found, json=orjson.dumps(announce_documents(context, request, orjson.loads(found.json))))
    left = announce_documents(context, request, [orjson.loads(found.json)])
    if not left:
        raise ObjectNotFound
    return replace(found, json=orjson.dumps(left[0]))
