"""The routes of webhooks (§7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parse_cloud.kinds import TRIGGERS, IllegalRegistration, Kind, class_of
from parse_cloud.webhooks.hooks import Hook, Webhooks
from parse_core.errors import DuplicateValue, ErrorCode, ObjectNotFound, ParseError
from parse_core.permissions.keywords import check_keywords
from parse_core.rest.base import ParseView
from parse_core.rest.calls import Answer, Call
from parse_core.rest.routes import routes

if TYPE_CHECKING:
    from parse_core.values.scalars import Json


class InvalidHook(ParseError):
    """invalid hook declaration"""

    code = ErrorCode.INVALID_HOOK


class HooksView(ParseView):
    """What the routes of functions and of triggers share."""

    master_only = True

    def read_only_refusal(self, call: Call) -> str:
        verb = "create" if call.method == "POST" else "modify"
        return f"read-only masterKey isn't allowed to {verb} a hook."

    def list(self, call: Call, *, functions: bool) -> Answer:
        """All hooks of the sort."""
        hooks = _webhooks(call).all()
        return Answer([hook.shown for hook in hooks if (hook.kind is Kind.FUNCTION) is functions])

    def create(self, call: Call, kind: Kind, name: str, taken: str) -> Answer:
        """The new hook."""
        url, webhooks = _url(call), _webhooks(call)
        if webhooks.find(kind, name) is not None:
            raise InvalidHook(taken)
        try:
            webhooks.add(kind, name, url)
        except DuplicateValue as error:
            raise InvalidHook(taken) from error
        return Answer(Hook(kind, name, url, "").shown)

    def change(self, call: Call, kind: Kind, name: str, unknown: str) -> Answer:
        """The hook with its new address; `{}` for `{"__op": "Delete"}`."""
        hook = _webhooks(call).find(kind, name)
        if call.parameters.get("__op") == "Delete":
            if hook is None:
                raise ObjectNotFound
            _webhooks(call).remove(hook)
            return Answer({})
        url = _url(call)
        if hook is None:
            raise InvalidHook(unknown)
        _webhooks(call).change(hook, url)
        return Answer(Hook(kind, name, url, "").shown)


class FunctionHooksView(HooksView):
    """`/hooks/functions`."""

    def get(self, call: Call) -> Answer:
        return self.list(call, functions=True)

    def post(self, call: Call) -> Answer:
        name = _text(call, "functionName")
        return self.create(call, Kind.FUNCTION, name, f"function name: {name} already exists")


class FunctionHookView(HooksView):
    """`/hooks/functions/<name>`."""

    def get(self, call: Call, name: str) -> Answer:
        hook = _webhooks(call).find(Kind.FUNCTION, name)
        if hook is None:
            raise InvalidHook(_no_function(name))
        return Answer(hook.shown)

    def put(self, call: Call, name: str) -> Answer:
        return self.change(call, Kind.FUNCTION, name, _no_function(name))


class TriggerHooksView(HooksView):
    """`/hooks/triggers`."""

    def get(self, call: Call) -> Answer:
        return self.list(call, functions=False)

    def post(self, call: Call) -> Answer:
        kind = _kind(call.parameters.get("triggerName"))
        try:
            name = class_of(kind, _text(call, "className"))
        except IllegalRegistration as error:
            raise InvalidHook(str(error)) from error
        return self.create(call, kind, name, f"class {name} already has trigger {kind.value}")


class TriggerHookView(HooksView):
    """`/hooks/triggers/<class>/<trigger>`."""

    def get(self, call: Call, class_name: str, trigger: str) -> Answer:
        hook = _webhooks(call).find(_kind(trigger), class_name) if trigger in TRIGGERS else None
        if hook is None:
            raise InvalidHook(f"class {class_name} does not exist")
        return Answer(hook.shown)

    def put(self, call: Call, class_name: str, trigger: str) -> Answer:
        return self.change(call, _kind(trigger), class_name, f"class {class_name} does not exist")


def _webhooks(call: Call) -> Webhooks:
    return call.context.application.part(Webhooks)


def _no_function(name: str) -> str:
    return f"no function named: {name} is defined"


def _kind(name: Json) -> Kind:
    if not isinstance(name, str) or name not in TRIGGERS:
        raise InvalidHook
    return Kind(name)


def _url(call: Call) -> str:
    check_keywords(call.context, call.parameters)
    return _text(call, "url")


def _text(call: Call, name: str) -> str:
    value = call.parameters.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidHook
    return value


routes.add("hooks/functions", FunctionHooksView)
routes.add("hooks/functions/<name...>", FunctionHookView)
routes.add("hooks/triggers", TriggerHooksView)
routes.add("hooks/triggers/<class_name>/<trigger>", TriggerHookView)
