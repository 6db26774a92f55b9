"""`worker`: a Celery worker that runs jobs, calls webhooks again and starts what is scheduled."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connections

from parse_server.start import connect, has_unapplied_migrations


class Command(BaseCommand):
    help = "Starts a Celery worker for background work, with the clock in it. Needs PARSE_SERVER_BROKER_URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=os.cpu_count(), help="tasks at once; one process each")
        parser.add_argument("--no-beat", action="store_true", help="leave the clock to other workers")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.PARSE_BROKER_URL:
            raise CommandError(
                "Without PARSE_SERVER_BROKER_URL the server does its background work itself. "
                "Name a Redis, or `database` for a queue in the server's own PostgreSQL."
            )
        connect()
        if has_unapplied_migrations():
            raise CommandError("The database is not up to date: run manage.py migrate first.")
        connections.close_all()
        from parse_server.celery import app

        arguments = ["worker", f"--concurrency={options['concurrency']}", "--loglevel=WARNING", "--without-gossip"]
        if not options["no_beat"]:
            # Its state lives as long as the worker: what is due is decided by the database.
            arguments += ["--beat", "--schedule", os.devnull]
        app.worker_main(arguments)
