"""Loads the Cloud Code of applications: when they are configured, and again when its files change.

Handlers come into force all at once, after everything is loaded. Where loading fails at the start, the start fails;
where it fails later, what was loaded before stays.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from parse_cloud.author.cloud import Cloud
from parse_cloud.author.current import Current, acting
from parse_cloud.author.proxy import InForce, loading
from parse_cloud.author.reloading import watcher
from parse_cloud.author.sdk.subclasses import Subclasses
from parse_cloud.author.sources import Source, of_django_apps, source_of
from parse_cloud.kinds import Kind
from parse_core.application import Application, applications
from parse_core.registry import Registry
from parse_core.state import Readiness

if TYPE_CHECKING:
    from parse_cloud.handlers import Handlers

log = logging.getLogger("parse_cloud")

# What loads files that are not Python, by suffix; gives back what unloads them again.
Loader = Callable[[Application, Path], Callable[[], None]]
loaders: Final[Registry[Loader]] = Registry("loader of Cloud Code")

_OURS: Final = str(Path(__file__).resolve().parent.parent)
_one_at_a_time: Final = threading.RLock()  # modules are the process's


class CloudCodeError(Exception):
    """Cloud Code that cannot be loaded; the text names file and line. `filename` is what to watch for a correction."""

    def __init__(self, message: str, filename: str | None = None) -> None:
        super().__init__(message)
        self.filename = filename


class Loaded:
    """What an application has loaded: `application.part(Loaded)`."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self.option: Any = None
        self.sources: tuple[Source, ...] = ()
        self.is_loaded = False
        self.failure: CloudCodeError | None = None  # of the last load
        self._unload: Callable[[], None] | None = None

    def load(self) -> None:
        """Loads what the options and the installed Django apps have, unless that is what is loaded.

        Raises `CloudCodeError`; the application is then in the state `error`.
        """
        option = self._application.options.cloud
        if self.is_loaded and option == self.option:
            return
        readiness = self._application.part(Readiness)
        begin(self._application)
        try:
            self._load(option)
        except CloudCodeError as failure:
            readiness.state, self.failure = "error", failure
            raise
        if readiness.state == "starting":
            readiness.state = "ok"

    def reload(self) -> None:
        """Loads the same code again. Raises `CloudCodeError`; then the former code stays in force."""
        self._load(self._application.options.cloud)

    def _load(self, option: Any) -> None:
        path = Path(option).absolute() if isinstance(option, str) else None
        loader = None if path is None else loaders.get(path.suffix)
        sources: list[Source] = [*of_django_apps()]
        cloud = Cloud(self._application)
        with _one_at_a_time, _prepared(cloud), _told(option):
            if option is not None and loader is None:
                sources.insert(0, source_of(option))
            for source in sources:
                source.load(cloud)
            self._in_another_language(loader, path)
            self._application.part(InForce).replace(cloud)
        self.option, self.sources, self.is_loaded, self.failure = option, tuple(sources), True, None
        if self._application.options.cloud_auto_reload:
            watcher.watch(self)
        else:
            watcher.forget(self)
        if sources:
            log.info("Cloud Code of %s: %s", self._application.id, summary(cloud.handlers, self.sources))

    def _in_another_language(self, loader: Loader | None, path: Path | None) -> None:
        unload, self._unload = self._unload, None
        if unload is not None:
            unload()
        if loader is not None and path is not None:
            self._unload = loader(self._application, path)


@contextmanager
def _prepared(cloud: Cloud) -> Iterator[None]:
    """The block loads code into `cloud`. Classes that it defines are forgotten if it fails."""
    subclasses = cloud.application.part(Subclasses)
    before, bytecode = dict(subclasses.by_name), sys.dont_write_bytecode
    # Compiled files are told apart by the second of their source: too coarse for code that is being written.
    sys.dont_write_bytecode = bytecode or cloud.application.options.cloud_auto_reload
    token = loading.set(cloud)
    try:
        with acting(Current.of(cloud.application)):
            yield
    except BaseException:
        subclasses.by_name = before
        raise
    finally:
        loading.reset(token)
        sys.dont_write_bytecode = bytecode


@contextmanager
def _told(option: Any) -> Iterator[None]:
    """Whatever code raises while it is loaded, even to end the process, becomes a `CloudCodeError`."""
    try:
        yield
    except CloudCodeError:
        raise
    except (Exception, SystemExit) as error:
        filename, line = _place(error)
        place = f'File "{filename}", line {line}: ' if filename else ""
        said = error.msg if isinstance(error, SyntaxError) else error
        message = f"Cloud Code cannot be loaded: {place}{type(error).__name__}: {said}"
        raise CloudCodeError(message, filename or (option if isinstance(option, str) else None)) from error


def _place(error: BaseException) -> tuple[str | None, int | None]:
    """Where in the author's code an error came up."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith((_OURS, "<")) and "importlib" not in frame.filename:
            return frame.filename, frame.lineno
    return None, None


def summary(handlers: Handlers, sources: tuple[Source, ...]) -> str:
    """`2 functions, 1 job, 3 triggers (cloud/main.py)`."""
    kinds = [handler.kind for handler in handlers]
    functions, jobs = kinds.count(Kind.FUNCTION), kinds.count(Kind.JOB)
    counts = {"function": functions, "job": jobs, "trigger": len(kinds) - functions - jobs}
    told = ", ".join(f"{number} {name}{'' if number == 1 else 's'}" for name, number in counts.items() if number)
    return f"{told or 'nothing registered'} ({', '.join(map(str, sources))})"


def begin(application: Application) -> None:
    """Requests are refused until the code is loaded; a failure that came before stays one."""
    readiness = application.part(Readiness)
    if readiness.state == "ok":
        readiness.state = "starting"


_waiting: list[Application] = []


def when_removed(application: Application, **_signal: Any) -> None:
    """The files of an application that is served no more are not looked at."""
    watcher.forget(application.part(Loaded))


def when_configured(application: Application, **_signal: Any) -> None:
    """Loads the application's code; that of the start when all applications are known and no lock is held."""
    if applications.are_loading:
        begin(application)
        _waiting.append(application)
    else:
        application.part(Loaded).load()


def when_all_are_configured(**_signal: Any) -> None:
    """Loads the code of the applications that the process starts with; where it fails, the others are served."""
    while _waiting:
        application = _waiting.pop(0)
        try:
            application.part(Loaded).load()
        except CloudCodeError as failure:
            log.error("%s: %s", application.id, failure, exc_info=failure.__cause__)  # noqa: TRY400 - of the author's code


def failures() -> Iterator[CloudCodeError]:
    """Why applications of this process have no Cloud Code."""
    found = (application.part(Loaded).failure for application in applications.values())
    yield from (failure for failure in found if failure is not None)
