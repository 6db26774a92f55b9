"""The levels of the protocol, and what they are to Python's logging."""

from __future__ import annotations

import logging
from typing import Final

NUMBERS: Final = {
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "verbose": 15,
    "debug": logging.DEBUG,
    "silly": 5,
    "silent": logging.CRITICAL + 10,
}


def number(name: str) -> int:
    """Python's number of a level; what is no level counts as `info`."""
    return NUMBERS.get(name, logging.INFO)


def name(level: int) -> str:
    """The most severe level of the protocol that a number of Python's reaches."""
    return next((each for each, least in NUMBERS.items() if each != "silent" and level >= least), "silly")


for _name in ("verbose", "silly"):
    logging.addLevelName(NUMBERS[_name], _name.upper())
