"""The steps that every way of starting the server shares: prepare the database, say what is served and where."""

from __future__ import annotations

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from parse_cloud.author.loading import failures
from parse_cloud.author.sources import of_django_apps
from parse_core.application import applications
from parse_core.configuration import configured
from parse_server.embedded import EmbeddedDatabaseError
from parse_server.first_run import AdminLogin
from parse_server.providers import connection_info

# Every address of the machine; compared, not bound.
EVERYWHERE = frozenset({"", "0", "0.0.0.0", "::"})  # noqa: S104 - see above

KEYS = {
    "appId": "Application id",
    "clientKey": "Client key",
    "javascriptKey": "JavaScript key",
    "restAPIKey": "REST API key",
    "dotNetKey": ".NET key",
    "masterKey": "Master key",
    "readOnlyMasterKey": "Read-only key",
    "maintenanceKey": "Maintenance key",
}


def connect() -> None:
    """Makes sure of the database: from here on this process holds the embedded server's lease."""
    try:
        connection_info()
    except EmbeddedDatabaseError as error:
        raise CommandError(str(error)) from error


def has_unapplied_migrations() -> bool:
    """Whether the database lacks tables or columns that the code expects."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Brings the database up to date; quick and silent when it is."""
    if has_unapplied_migrations():
        call_command("migrate", interactive=False, verbosity=0)


def has_cloud_code() -> bool:
    """Whether any application has code of its own to load."""
    return bool(of_django_apps()) or any(options.get("cloud") for options in configured())


def load_applications() -> None:
    """Loads the applications with their Cloud Code. Raises `CommandError` with file and line where that fails."""
    applications.load()
    found = list(failures())
    if found:
        raise CommandError("\n".join(map(str, found))) from found[0]


def origin(host: str, port: int | str) -> str:
    """The address to type on this machine for a server that listens there."""
    name = "localhost" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def running_on(address: str) -> str:
    """The reference's words, which scripts wait for."""
    return f"parse-server running on {address}{settings.PARSE_MOUNT_PATH}"


def summary(address: str, admin: AdminLogin | None) -> str:
    """What one needs to connect a first app, a line each."""
    rows = [("Server URL", address + settings.PARSE_MOUNT_PATH)]
    for options in configured():
        rows += [(title, str(options[name])) for name, title in KEYS.items() if options.get(name)]
    rows.append(("Admin", address + settings.ADMIN_PATH))
    if admin:
        rows.append(("Admin login", f"{admin.username} / {admin.password or '(the password you chose)'}"))
    rows.append(("Database", "external" if settings.PARSE_DATABASE_URI else f"embedded, in {settings.PARSE_DATA_DIR}"))
    width = max(len(title) for title, _ in rows)
    return "\n".join(f"  {title:<{width}}   {value}" for title, value in rows)
