"""The page that lists every option is the one the declarations give."""

from __future__ import annotations

from django.core.management import call_command

from parse_core.options import Options
from parse_core.options.fields import declarations
from parse_core.options.reference import reference


def test_the_page_is_up_to_date() -> None:
    call_command("options_reference", "--check")


def test_the_page_names_every_option_and_variable() -> None:
    page = reference()
    for declaration in declarations(Options).values():
        assert f"`{declaration.name}`" in page
        assert f"`{declaration.env}`" in page
