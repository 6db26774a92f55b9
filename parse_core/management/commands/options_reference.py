"""`options_reference`: writes the page that lists every option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from parse_core.options.reference import reference

PAGE = Path(settings.BASE_DIR) / "docs" / "reference" / "options.md"


class Command(BaseCommand):
    help = f"Writes {PAGE.relative_to(settings.BASE_DIR)}."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when the page is out of date")

    def handle(self, *_args: Any, **options: Any) -> None:
        text = reference()
        if not options["check"]:
            PAGE.write_text(text, "utf-8")
        elif not PAGE.is_file() or PAGE.read_text("utf-8") != text:
            raise CommandError("The page is out of date: run manage.py options_reference.")
