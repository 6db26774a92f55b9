"""The two moments of a read. A class somebody listens to leaves the byte path: listeners see objects, not text."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson

from parse_core.application import Application
from parse_core.context import RequestContext
from parse_core.objects.requests import FindRequest, Found
from parse_core.signals import after_find, before_find
from parse_core.values.scalars import Document


@dataclass(slots=True)
class BeforeFind:
    """A receiver changes what is looked for by replacing `request`."""

    request: FindRequest

    @property
    def class_name(self) -> str:
        return self.request.class_name


@dataclass(slots=True)
class AfterFind:
    """A receiver changes what is sent by changing `documents`, objects in wire format; a get has exactly one."""

    request: FindRequest
    documents: list[Document]

    @property
    def class_name(self) -> str:
        return self.request.class_name


def is_heard(context: RequestContext, class_name: str) -> bool:
    """Whether reads of this class must be announced."""
    application = context.application
    return before_find.has_listener(application, class_name) or after_find.has_listener(application, class_name)


def announce_search(context: RequestContext, request: FindRequest) -> FindRequest:
    """The request as the listeners of `before_find` leave it."""
    if not before_find.has_listener(context.application, request.class_name):
        return request
    event = BeforeFind(request)
    before_find.send(Application, context=context, event=event)
    return event.request


def announce_documents(context: RequestContext, request: FindRequest, documents: list[Document]) -> list[Document]:
    """The objects as the listeners of `after_find` leave them."""
    if not after_find.has_listener(context.application, request.class_name):
        return documents
    event = AfterFind(request, documents)
    after_find.send(Application, context=context, event=event)
    return event.documents


def announce_found(context: RequestContext, request: FindRequest, found: Found) -> Found:
    """The answer as the listeners of `after_find` leave it."""
    if not after_find.has_listener(context.application, request.class_name):
        return found
    if request.object_id is None:
        return replace(found, json=orjson.dumps(announce_documents(context, request, orjson.loads(found.json))))
    (document,) = announce_documents(context, request, [orjson.loads(found.json)])
    return replace(found, json=orjson.dumps(document))
