"""`application_id`: prints what an SDK is initialised with, for scripts and the README."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from parse_core.configuration import configured


class Command(BaseCommand):
    help = "Prints the id of each configured application, a line each."
    requires_system_checks = ()  # its output is for scripts

    def handle(self, *_args: Any, **_options: Any) -> None:
        applications = list(configured())
        if not applications:
            raise CommandError("No application is configured; the first `make run` generates one.")
        for options in applications:
            self.stdout.write(str(options["appId"]))
