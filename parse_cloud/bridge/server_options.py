"""`Parse.Server` of main.js: the options of the application, and changes of them while it runs."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from parse_core.options import ConfigurationError, Options
from parse_core.options.describing import described
from parse_core.options.fields import declarations

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud")

VERSION: Final = "9.10.0"  # of the protocol, which code written for the reference may look at
# Changing these would make it another application, or run other code than the one that asks.
_FIXED: Final = frozenset({"appId", "cloud", "masterKey"})


def told(application: Application) -> Document:
    """The options by the reference's names, with what is not an option but looked for beside them."""
    options = application.options
    return {**described(options, secrets=True), "applicationId": application.id, "version": VERSION}


def change(application: Application, changes: Any) -> None:
    """Puts other values in the place of some options; what is no option, or no value for it, is logged."""
    known = declarations(Options)
    wanted = {name: value for name, value in changes.items() if name in known} if isinstance(changes, dict) else {}
    for name in _FIXED & wanted.keys():
        log.error("Cloud Code cannot change the option %s.", name)
        del wanted[name]
    if not wanted:
        return
    current = application.options
    try:
        parsed = Options.parse({"appId": application.id, "masterKey": current.master_key, **wanted})
    except ConfigurationError as error:
        log.warning("Cloud Code sets options to what they cannot be: %s", error)
        return
    values = {known[name].attribute: getattr(parsed, known[name].attribute) for name in wanted}
    application.options = replace(current, **values)
