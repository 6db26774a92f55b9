"""Who asks, for which application, and how: the first argument of every call through the inner door.

There is no ambient request and no current application anywhere; what is not in the `RequestContext` is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parse_core.application import Application
    from parse_core.options import Options
    from parse_core.schema.classes import ClassSchema
    from parse_core.store.database import Executor, Transaction

PUBLIC = "*"
ROLE_PREFIX = "role:"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Level(Enum):
    """What the keys of a request are worth (`contract/objects.md` §2.4)."""

    CLIENT = "client"
    READ_ONLY = "read-only master"
    MASTER = "master"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller.

    `roles` are names with their prefix (`"role:Admin"`), direct and inherited. Privileged requests have no user, even
    when a session token was sent.
    """

    level: Level = Level.CLIENT
    user_id: str | None = None
    roles: frozenset[str] = frozenset()
    session_token: str | None = None

    @property
    def is_privileged(self) -> bool:
        """True when ACLs, class-level permissions and protected fields do not apply."""
        return self.level is not Level.CLIENT

    @property
    def is_master(self) -> bool:
        """True for the master key, the read-only one included (it may read what master may)."""
        return self.level is Level.MASTER or self.level is Level.READ_ONLY

    @property
    def is_maintenance(self) -> bool:
        """True when internal columns are visible and writable."""
        return self.level is Level.MAINTENANCE

    @property
    def identities(self) -> tuple[str, ...]:
        """The ACL keys that apply to the caller: `*`, the own user id, the role names."""
        if self.user_id is None:
            return (PUBLIC,)
        return (PUBLIC, self.user_id, *self.roles)


ANONYMOUS = Principal()
MASTER = Principal(Level.MASTER)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Everything a use case may know about the request it serves.

    `base_url` is scheme, host and mount as the client addressed them; `executor` is where statements run: the
    application's pool, or the open transaction of a batch. `cloud` is the context object handed to triggers, the one
    thing that changes while the request is served: what one trigger leaves in it the next one finds.
    """

    application: Application
    principal: Principal = ANONYMOUS
    installation_id: str | None = None
    client_address: str = ""
    base_url: str = ""
    request_id: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING, compare=False)
    cloud: dict[str, Any] = field(default_factory=dict, compare=False)
    transaction: Transaction | None = None

    @property
    def options(self) -> Options:
        """The options of the application."""
        return self.application.options

    @property
    def executor(self) -> Executor:
        """Where this request's statements run."""
        return self.transaction or self.application.database

    def schema(self, class_name: str) -> ClassSchema:
        """A class as this request must see it: as its open transaction left it, else as the process knows it."""
        if self.transaction is not None:
            changed: ClassSchema | None = self.transaction.schemas.get(class_name)
            if changed is not None:
                return changed
            # Looking would take a second connection, for which transactions on all others could wait forever.
            return self.application.schemas.as_known(class_name)
        return self.application.schemas[class_name]

    def apart(self) -> RequestContext:
        """The same request with a context object of its own: for one of several that must not hear of each other."""
        return replace(self, cloud=deepcopy(self.cloud))

    def after_commit(self) -> RequestContext:
        """The same request once its transaction is over."""
        return self if self.transaction is None else replace(self, transaction=None)

    def as_master(self) -> RequestContext:
        """The same request with the server's own rights, for look-ups that are not the caller's."""
        return replace(self, principal=MASTER)
