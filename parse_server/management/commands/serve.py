"""`serve`: the production server for REST, one worker process per core."""

from __future__ import annotations

import logging
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connections
from granian import Granian
from granian.constants import Interfaces

from parse_core.application import applications
from parse_core.configuration import configured
from parse_core.schema.definitions_at_start import bring_about, mark
from parse_server.start import connect, has_cloud_code, has_unapplied_migrations, migrate, origin, running_on

logger = logging.getLogger(__name__)

GRACE = 30  # seconds for requests in progress when it is told to stop


class Server(Granian):  # type: ignore[misc, valid-type]  # its class depends on the interpreter's build
    def shutdown(self, exit_code: int = 0) -> None:
        logger.warning("Termination signal received. Shutting down.")
        super().shutdown(exit_code)


class Command(BaseCommand):
    help = "Starts the production server. SIGTERM lets requests in progress finish, SIGHUP renews the workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.PARSE_HOST, help="address to listen on (PARSE_SERVER_HOST)")
        parser.add_argument("--port", type=int, default=settings.PARSE_PORT, help="port to listen on (PORT)")
        parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes; by default one per core")
        parser.add_argument("--threads", type=int, default=4, help="requests at once in each worker")
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not list(configured()):
            raise CommandError(
                "appId and masterKey are required: set PARSE_SERVER_APPLICATION_ID and PARSE_SERVER_MASTER_KEY, "
                "or name a file in PARSE_SERVER_CONFIG_PATH."
            )
        connect()  # held by this process: workers may come and go
        if options["migrate"]:
            migrate()
        elif has_unapplied_migrations():
            raise CommandError("The database is not up to date: run manage.py migrate first, or serve --migrate.")
        self._define_classes()
        self._try_cloud_code()
        connections.close_all()
        # A worker starts from nothing, and inherits neither connections nor threads.
        multiprocessing.set_start_method("spawn", force=True)
        server = Server(
            "parse_server.wsgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=options["threads"],
            respawn_failed_workers=True,
            workers_kill_timeout=GRACE,
            log_enabled=False,
        )
        address = origin(options["host"], options["port"])
        server.on_startup(lambda: self.stdout.write(f"[{os.getpid()}] {running_on(address)}"))
        server.serve()

    def _try_cloud_code(self) -> None:
        """Keeps a server from starting whose Cloud Code cannot be loaded.

        A process of its own tries, so that this one, which only watches over the workers, runs none of it.
        """
        if not has_cloud_code():
            return
        tried = subprocess.run([sys.executable, sys.argv[0], "cloud_code"], capture_output=True, text=True, check=False)
        if tried.returncode:
            log, _, said = tried.stderr.rpartition("CommandError: ")
            self.stderr.write(log)
            raise CommandError(said.strip() or "Cloud Code cannot be loaded.")
        self.stdout.write(tried.stdout.rstrip())

    def _define_classes(self) -> None:
        """Brings the classes of each application to its definitions, before any worker listens.

        One that cannot be brought to them keeps a server of one application from starting; of several, the others
        are served.
        """
        done: list[Mapping[str, Any]] = []
        several = list(configured())
        for each in several:
            try:
                bring_about(each, applications.database(each.get("databaseURI")))
            except Exception as error:
                if len(several) == 1:
                    message = f"Failed to run migrations: {error}"
                    raise CommandError(message) from error
                logger.exception("Failed to run migrations of %s", each.get("appId"))
            else:
                done.append(each)
        applications.close()
        mark(done)
