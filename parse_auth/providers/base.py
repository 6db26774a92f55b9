"""What a sign-in provider is: a file of this folder that registers one, found by its name in `authData`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, TypeVar

from parse_core.context import RequestContext
from parse_core.options import Options
from parse_core.registry import Registry
from parse_core.values.scalars import Document


class Provider(ABC):
    """Somebody else's word, or the client's own, for who a user is."""

    name: ClassVar[str]

    @abstractmethod
    def is_enabled(self, options: Options) -> bool:
        """Whether the application lets users sign in with it."""

    @abstractmethod
    def verify(self, context: RequestContext, data: Document) -> Document:
        """What to store of what a client sent: `{"id": …}` and more. Raises a `ParseError` when it proves nothing."""


P = TypeVar("P", bound=type[Provider])
providers: Registry[Provider] = Registry("sign-in provider")


def register(cls: P) -> P:
    """Class decorator: makes one instance the owner of its name."""
    providers.add(cls.name, cls())
    return cls
