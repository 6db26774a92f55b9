"""`runserver`: the development server, on its own all that is needed to serve a first app.

daphne's command (one port for HTTP and WebSockets, with the autoreloader) after the first-run steps.
"""

from __future__ import annotations

import logging
import os
import socket
from functools import partial
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from daphne.management.commands import runserver
from daphne.server import Server
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import CommandError
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from parse_cloud.bridge import packages
from parse_core.configuration import configured
from parse_server import first_run
from parse_server.start import connect, load_applications, migrate, origin, running_on, summary

logger = logging.getLogger("parse_server.requests")


class Command(runserver.Command):
    help = "Starts the development server: database, migrations, an application with generated keys, HTTP, WebSockets."
    default_addr = settings.PARSE_HOST
    default_port = str(settings.PARSE_PORT)

    def run(self, **options: Any) -> None:
        """Prepares, once; then serves, again after each change of the code."""
        # With a syntax error in an app, Django's reloader says so and waits for its correction.
        if apps.ready and os.environ.get(DJANGO_AUTORELOAD_ENV) != "true":
            self._prepare()
        super().run(**options)

    def inner_run(self, *_args: Any, **options: Any) -> None:
        """Serves until it is interrupted or the code changes."""
        migrate()
        self._load(use_reloader=options["use_reloader"])
        address = self._origin()
        Server(
            application=get_default_application(),
            endpoints=build_endpoint_description_strings(host=self.addr, port=int(self.port)),
            # Under the reloader this is not the main thread, which alone may handle signals.
            signal_handlers=not options["use_reloader"],
            action_logger=log_action,
            http_timeout=self.http_timeout,
            websocket_handshake_timeout=self.websocket_handshake_timeout,
            websocket_max_message_size=self.websocket_max_message_size,
            websocket_max_frame_size=self.websocket_max_frame_size,
            ready_callable=partial(self.stdout.write, f"[{os.getpid()}] {running_on(address)}"),
            server_name="",
        ).run()

    def _load(self, *, use_reloader: bool) -> None:
        try:
            load_applications()
        except CommandError as error:
            if use_reloader and error.__cause__ is not None:
                raise error.__cause__ from None  # names the file, which Django's reloader then waits for
            raise

    def _prepare(self) -> None:
        """The steps of a start. This process, the reloader, holds the database's lease from here on."""
        self._refuse_used_port()
        first_run.create_application()
        refuse_errors()
        connect()
        migrate()
        self._install_packages()
        self.stdout.write(f"\n{summary(self._origin(), first_run.create_admin())}\n\n")

    def _install_packages(self) -> None:
        """Those of JavaScript Cloud Code, where there is some; where npm cannot, loading it says what is missing."""
        if packages.are_needed(configured()) and not packages.are_installed():
            self.stdout.write("Installing the packages of JavaScript Cloud Code …")
            try:
                packages.install()
            except packages.InstallationFailed as error:
                self.stderr.write(f"They could not be installed: {error}")

    def _refuse_used_port(self) -> None:
        # Under the reloader a failure to listen would be a line in the log of a process that then serves nothing.
        family = socket.AF_INET6 if self.use_ipv6 else socket.AF_INET
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.addr, int(self.port)))
            except OSError as error:
                raise CommandError(
                    f"Can't listen on {self.addr}:{self.port}: {error.strerror}. Name another port in PORT."
                ) from error

    def _origin(self) -> str:
        return origin(self.addr, self.port)


def refuse_errors() -> None:
    """Django's system checks. What they only warn of matters in production: `serve` and `check` print that."""
    errors = [message for message in run_checks() if message.is_serious() and not message.is_silenced()]
    if errors:
        raise CommandError("\n".join(str(message) for message in errors))


def log_action(protocol: str, action: str, details: dict[str, Any]) -> None:
    """One line per request. Without the query string: what clients ask for is theirs."""
    if protocol == "http" and action == "complete":
        path = details["path"].split("?", 1)[0]
        logger.info("%s %s %d %.0f ms", details["method"], path, details["status"], 1000 * details["time_taken"])
