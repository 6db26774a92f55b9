"""The forms of decorators: what each may be called with, and which request the decorated function gets.

Every decorator returns the function as it was, so functions can be called in tests and have several decorators.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from parse_cloud.author.rules import How
from parse_cloud.kinds import Kind

if TYPE_CHECKING:
    from parse_cloud.author.declaring import Declaring
    from parse_cloud.author.requests import (
        AfterFindRequest,
        BeforeFindRequest,
        ConfigTriggerRequest,
        ConnectRequest,
        FileTriggerRequest,
        FunctionRequest,
        JobRequest,
        LiveQueryEventRequest,
        SubscribeRequest,
        TriggerRequest,
    )
    from parse_cloud.author.response import FunctionResponse
    from parse_cloud.author.sdk.config import Config
    from parse_cloud.author.sdk.file import File
    from parse_cloud.author.sdk.object import Object
    from parse_cloud.author.sdk.session import Session
    from parse_cloud.author.sdk.user import User

F = TypeVar("F", bound=Callable[..., Any])
# Functions of one kind of request. They are given back with their own type.
OfFunction = TypeVar(
    "OfFunction",
    bound="Callable[[], Any] | Callable[[FunctionRequest], Any] | Callable[[FunctionRequest, FunctionResponse], Any]",
)
OfJob = TypeVar("OfJob", bound="Callable[[], Any] | Callable[[JobRequest], Any]")
OfObject = TypeVar("OfObject", bound="Callable[[], Any] | Callable[[TriggerRequest[Any]], Any]")
OfFile = TypeVar("OfFile", bound="Callable[[], Any] | Callable[[FileTriggerRequest], Any]")
OfConfig = TypeVar("OfConfig", bound="Callable[[], Any] | Callable[[ConfigTriggerRequest], Any]")
OfBefore = TypeVar("OfBefore", bound="Callable[[], Any] | Callable[[BeforeFindRequest], Any]")
OfAfter = TypeVar("OfAfter", bound="Callable[[], Any] | Callable[[AfterFindRequest[Any]], Any]")
OfConnect = TypeVar("OfConnect", bound="Callable[[], Any] | Callable[[ConnectRequest], Any]")
OfSubscribe = TypeVar("OfSubscribe", bound="Callable[[], Any] | Callable[[SubscribeRequest], Any]")
OfEvent = TypeVar("OfEvent", bound="Callable[[], Any] | Callable[[LiveQueryEventRequest], Any]")


class Form:
    """What a decorator has in common: whose handlers it declares, and of which kind."""

    def __init__(self, declaring: Declaring, kind: Kind) -> None:
        self._declaring = declaring
        self._kind = kind

    def _of(self, target: Any, how: How) -> Callable[[F], F]:
        def decorate(function: F) -> F:
            self._declaring.declare(self._kind, target, function, how)
            return function

        return decorate

    def _of_any(self, target: Any, how: How) -> Any:
        """As a plain decorator, `@cloud.before_login`, or as one that is called first."""
        if callable(target) and not inspect.isclass(target):
            return self._of(None, how)(target)
        return self._of(target, how)


class OnFunction(Form):
    """`@cloud.function`, `@cloud.function("name", require_user=True)`."""

    @overload
    def __call__(self, name: OfFunction, /) -> OfFunction: ...
    @overload
    def __call__(self, name: str | None = None, /, **how: Unpack[How]) -> Callable[[OfFunction], OfFunction]: ...
    def __call__(self, name: Any = None, /, **how: Unpack[How]) -> Any:
        return self._of_any(name, how)


class OnJob(Form):
    """`@cloud.job`, `@cloud.job("name", timeout=600)`.

    `max_concurrency`: how many runs of the job there are at once, in all processes together; others wait. `retries`:
    how often a job that fails, or whose process dies, is tried again.
    """

    @overload
    def __call__(self, name: OfJob, /) -> OfJob: ...
    @overload
    def __call__(
        self,
        name: str | None = None,
        /,
        *,
        timeout: float | None = None,
        max_concurrency: int | None = None,
        retries: int = 0,
    ) -> Callable[[OfJob], OfJob]: ...
    def __call__(
        self,
        name: Any = None,
        /,
        *,
        timeout: float | None = None,
        max_concurrency: int | None = None,
        retries: int = 0,
    ) -> Any:
        options = {"max_concurrency": max_concurrency, "retries": retries}

        def decorate(function: F) -> F:
            plain = None if name is function else name
            self._declaring.declare(self._kind, plain, function, {"timeout": timeout}, options)
            return function

        return decorate(name) if callable(name) else decorate


class OnSave(Form):
    """`@cloud.before_save("Post")`: a class name, a class of the SDK, `File` or `Config`."""

    @overload
    def __call__(self, target: type[File], /, **how: Unpack[How]) -> Callable[[OfFile], OfFile]: ...
    @overload
    def __call__(self, target: type[Config], /, **how: Unpack[How]) -> Callable[[OfConfig], OfConfig]: ...
    @overload
    def __call__(self, target: str | type[Object], /, **how: Unpack[How]) -> Callable[[OfObject], OfObject]: ...
    def __call__(self, target: Any, /, **how: Unpack[How]) -> Any:
        return self._of(target, how)


class OnDelete(Form):
    """`@cloud.before_delete("Post")`: a class name, a class of the SDK, or `File`."""

    @overload
    def __call__(self, target: type[File], /, **how: Unpack[How]) -> Callable[[OfFile], OfFile]: ...
    @overload
    def __call__(self, target: str | type[Object], /, **how: Unpack[How]) -> Callable[[OfObject], OfObject]: ...
    def __call__(self, target: Any, /, **how: Unpack[How]) -> Any:
        return self._of(target, how)


class OnBeforeFind(Form):
    """`@cloud.before_find("Post")`: a class name, a class of the SDK, or `File`."""

    @overload
    def __call__(self, target: type[File], /, **how: Unpack[How]) -> Callable[[OfFile], OfFile]: ...
    @overload
    def __call__(self, target: str | type[Object], /, **how: Unpack[How]) -> Callable[[OfBefore], OfBefore]: ...
    def __call__(self, target: Any, /, **how: Unpack[How]) -> Any:
        return self._of(target, how)


class OnAfterFind(Form):
    """`@cloud.after_find("Post")`: a class name, a class of the SDK, or `File`."""

    @overload
    def __call__(self, target: type[File], /, **how: Unpack[How]) -> Callable[[OfFile], OfFile]: ...
    @overload
    def __call__(self, target: str | type[Object], /, **how: Unpack[How]) -> Callable[[OfAfter], OfAfter]: ...
    def __call__(self, target: Any, /, **how: Unpack[How]) -> Any:
        return self._of(target, how)


class OnSubscribe(Form):
    """`@cloud.before_subscribe("Post")`: a class name or a class of the SDK."""

    def __call__(self, target: str | type[Object], /, **how: Unpack[How]) -> Callable[[OfSubscribe], OfSubscribe]:
        return self._of(target, how)


class OnEventOf(Form):
    """`@cloud.after_live_query_event("Post")`: a class name or a class of the SDK."""

    def __call__(self, target: str | type[Object], /, **how: Unpack[How]) -> Callable[[OfEvent], OfEvent]:
        return self._of(target, how)


class OnUser(Form):
    """`@cloud.before_login`, `@cloud.before_login(rate_limit=…)`: there is only one class, which need not be named."""

    @overload
    def __call__(self, target: OfObject, /) -> OfObject: ...
    @overload
    def __call__(
        self, target: type[User | Session] | str | None = None, /, **how: Unpack[How]
    ) -> Callable[[OfObject], OfObject]: ...
    def __call__(self, target: Any = None, /, **how: Unpack[How]) -> Any:
        return self._of_any(target, how)


class OnConnect(Form):
    """`@cloud.before_connect`, `@cloud.before_connect(require_user=True)`."""

    @overload
    def __call__(self, target: OfConnect, /) -> OfConnect: ...
    @overload
    def __call__(self, target: str | None = None, /, **how: Unpack[How]) -> Callable[[OfConnect], OfConnect]: ...
    def __call__(self, target: Any = None, /, **how: Unpack[How]) -> Any:
        return self._of_any(target, how)


class OnEvent(Form):
    """`@cloud.on_live_query_event`."""

    @overload
    def __call__(self, target: OfEvent, /) -> OfEvent: ...
    @overload
    def __call__(self, target: str | None = None, /, **how: Unpack[How]) -> Callable[[OfEvent], OfEvent]: ...
    def __call__(self, target: Any = None, /, **how: Unpack[How]) -> Any:
        return self._of_any(target, how)
