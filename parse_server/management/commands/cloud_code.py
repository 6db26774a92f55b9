"""`cloud_code`: loads the Cloud Code of all applications and says what it registers."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from parse_cloud.author.loading import Loaded, summary
from parse_cloud.author.proxy import InForce
from parse_core.application import applications
from parse_server.start import connect, load_applications


class Command(BaseCommand):
    help = "Loads Cloud Code and lists what it registers; fails, naming file and line, where it cannot be loaded."

    def handle(self, *_args: Any, **_options: Any) -> None:
        connect()
        try:
            load_applications()
            for application in applications.values():
                loaded = application.part(Loaded)
                if loaded.sources:
                    told = summary(application.part(InForce).cloud.handlers, loaded.sources)
                    self.stdout.write(f"{application.id}: {told}")
        finally:
            for identifier in list(applications):
                applications.remove(identifier)
            applications.close()
