"""Applications (tenants): each with its own keys, options, PostgreSQL schema and caches, many in one process.

Nothing is global per process that should be per application: whoever needs a cache or a registry per application asks
`Application.part`. Configuration at start lives in `parse_core/configuration.py`; `applications.configure` changes it
at run time.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from parse_core.database_address import parse_database_address
from parse_core.errors import FileSaveError
from parse_core.options import Options
from parse_core.signals import application_configured, application_configuring, application_removed, applications_loaded
from parse_core.store.database import Database
from parse_core.values.nested import FileAddresses

if TYPE_CHECKING:
    from parse_core.schema.cache import SchemaCache
    from parse_core.store.listener import Listener

log = logging.getLogger(__name__)

P = TypeVar("P")
RETRY: Final = 1.0  # seconds until the applications are loaded again, when that failed


@dataclass(eq=False)
class Application:
    """One application as this process serves it. `options` is replaced as a whole by a reconfiguration."""

    id: str
    options: Options
    database: Database
    _parts: dict[type, Any] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def namespace(self) -> str:
        """The PostgreSQL schema that holds the application's tables."""
        return namespace(self.id)

    @property
    def file_marker(self) -> str:
        """What stands for the base of file URLs in stored documents; the edges put the real base in its place.

        The same in every process and for good, since it is stored.
        """
        return self.part(_file_marker)

    @property
    def file_addresses(self) -> FileAddresses:
        """How File values of a write are checked and stored."""
        return FileAddresses(self.file_marker, self.part(UrlPolicy).check)

    @property
    def schemas(self) -> SchemaCache:
        """The schema registry of the application as this process knows it."""
        from parse_core.schema.cache import SchemaCache

        return self.part(SchemaCache)

    @property
    def listener(self) -> Listener:
        """News from other processes on the same database, and to them."""
        from parse_core.store.listener import listener

        return listener(self.database)

    def part(self, cls: Callable[[Application], P]) -> P:
        """The application's one `cls`, made with the application on first use: its caches, its code, its registries."""
        key = cast("type", cls)
        found = self._parts.get(key)
        if found is None:
            with self._lock:
                found = self._parts.get(key)
                if found is None:
                    found = self._parts[key] = cls(self)
        return cast("P", found)

    def reset(self) -> None:
        """Removes every object and class of the application."""
        from parse_core.schema.reset import reset

        reset(self)


def _file_marker(application: Application) -> str:
    return f"parse-file://{sha256(application.id.encode()).hexdigest()[:24]}/"


class UrlPolicy:
    """Which hosts the URL of a saved File value may name (`fileUpload.allowedFileUrlDomains`)."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def check(self, url: str) -> None:
        """Raises `FileSaveError` (130) for a URL of a host that is not listed."""
        if url.startswith(self._application.file_marker):
            return
        host = _host(url)
        if not host:
            raise FileSaveError
        if not any(_host_matches(host, domain) for domain in self._domains()):
            message = f"File URL domain '{host}' is not allowed."
            raise FileSaveError(message)

    def _domains(self) -> Iterator[str]:
        options = self._application.options
        listed = options.file_upload.allowed_file_url_domains
        if listed is not None:
            yield from listed
            return
        for own in (options.server_url, options.public_server_url):
            if isinstance(own, str):
                yield urlsplit(own).hostname or ""


def _host(url: str) -> str:
    """The host of an absolute URL, "" where there is none."""
    try:
        return (urlsplit(url).hostname or "") if "://" in url else ""
    except ValueError:
        return ""


def _host_matches(host: str, domain: str) -> bool:
    if domain.startswith("*."):
        return host.lower().endswith(domain[1:].lower())
    return domain == "*" or host.lower() == domain.lower()


def namespace(application_id: str) -> str:
    """The PostgreSQL schema of an application id: readable, and unique whatever characters the id has."""
    readable = re.sub(r"[^a-z0-9_]", "_", application_id.lower())[:40]
    if readable == application_id:
        return f"app_{readable}"
    return f"app_{readable}_{sha256(application_id.encode()).hexdigest()[:10]}"


def _database(uri: str, connect: Callable[[], str] | None) -> Database:
    """The database, with a pool as its address wants it."""
    address = parse_database_address(uri)
    limits = {
        "max_connections": address.pool_size,
        "statement_timeout_ms": address.statement_timeout,
        "max_idle": address.idle_timeout,
    }
    wanted: dict[str, Any] = {name: value for name, value in limits.items() if value is not None}
    return Database(connect or (lambda: address.conninfo), **wanted)


class Applications(Mapping[str, Application]):
    """The applications of this process by id."""

    def __init__(self) -> None:
        self._applications: dict[str, Application] = {}
        self._databases: dict[str | None, Database] = {}
        self._loaded = self._loading = False
        self.starting = False  # in the background: what is not found may still come
        self._tried = threading.Event()
        self._lock = threading.RLock()

    def __getitem__(self, application_id: str) -> Application:
        self._load_unless_starting()
        return self._applications[application_id]

    def __iter__(self) -> Iterator[str]:
        self._load_unless_starting()
        return iter([*self._applications])

    def __len__(self) -> int:
        self._load_unless_starting()
        return len(self._applications)

    def load(self) -> None:
        """Loads what is configured, unless it is loaded."""
        self._load()

    def begin(self) -> None:
        """Loads what is configured in the background, again until it succeeds; meanwhile `starting` is true."""
        if not self._loaded and not self.starting:
            self.starting = True
            threading.Thread(target=self._start, name="parse-start", daemon=True).start()

    def known(self) -> Mapping[str, Application]:
        """The applications so far, without loading those that are configured: for whoever must not wait, or fail."""
        return self._applications

    def wait(self, seconds: float) -> None:
        """Waits until what was begun has been tried once, whatever came of it, or the time is over."""
        if not self._loaded:  # another way than by `begin` has nobody to tell of it
            self._tried.wait(seconds)

    def configure(self, options: Mapping[str, Any], *, defined: bool = False) -> Application:
        """The application after (re)configuring it with reference option names, in this process, keeping its data.

        Its classes are then as the option `schema` has them, or its state is `error`; with `defined`, they are so
        already. Raises `ConfigurationError` naming the option when a value is wrong; then nothing has changed.
        """
        from parse_core.schema.migration import migrate_at_start

        parsed = Options.parse(options)
        application_configuring.send(Application, options=parsed)
        with self._lock:
            application = self._applications.get(parsed.app_id)
            if application is None:
                application = Application(parsed.app_id, parsed, self.database(parsed.database_uri))
                application.schemas.prepare()
                self._applications[parsed.app_id] = application
            else:
                application.options = parsed
            if not defined:
                migrate_at_start(application)
        application_configured.send(Application, application=application)
        return application

    @property
    def are_loading(self) -> bool:
        """Whether the applications that the process starts with are being configured, which others wait for."""
        return self._loading

    def remove(self, application_id: str) -> None:
        """Forgets an application; its data stays."""
        with self._lock:
            application = self._applications.pop(application_id, None)
        if application is not None:
            application.listener.forget(application_id)
            application_removed.send(Application, application=application)

    def close(self) -> None:
        """Gives back the connections of this process; the next use opens them again."""
        from parse_core.store.listener import stop_listeners

        stop_listeners()
        for database in self._databases.values():
            database.close()

    def database(self, uri: str | None) -> Database:
        """The database behind a URI of an application; None: the one of all that name none."""
        default = cast("Callable[[], str]", import_string(settings.PARSE_DATABASE_CONNECT))
        own = uri if uri and uri != settings.PARSE_DATABASE_URI else None
        if own not in self._databases:
            self._databases[own] = _database(own or settings.PARSE_DATABASE_URI, None if own else default)
        return self._databases[own]

    def _load_unless_starting(self) -> None:
        if not self._loaded and not self.starting:
            self._load()

    def _start(self) -> None:
        while not self._loaded:
            try:
                self._load()
            except Exception:
                log.exception("The applications could not be loaded, trying again")
                self._tried.set()
                time.sleep(RETRY)
        self.starting = False
        self._tried.set()

    def _load(self) -> None:
        from parse_core.configuration import configured
        from parse_core.schema.definitions_at_start import is_brought_about

        with self._lock:
            if self._loaded or self._loading:
                return
            self._loading = True  # whoever else asks meanwhile waits, but for what this thread asks itself
            try:
                for options in configured():
                    self.configure(options, defined=is_brought_about(options))
                self._loaded = True
            finally:
                self._loading = False
        applications_loaded.send(Applications)


applications = Applications()
