"""Who may read and write one object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from parse_cloud.author.sdk.encoding import Encodable, Form
from parse_core.context import PUBLIC, ROLE_PREFIX
from parse_core.values.scalars import Document, Json

if TYPE_CHECKING:
    from parse_cloud.author.sdk.role import Role
    from parse_cloud.author.sdk.user import User

    Holder: TypeAlias = User | Role | str
    NamedRole: TypeAlias = Role | str

Right = Literal["read", "write"]
_RIGHTS: Final = ("read", "write")


class ACL(Encodable):
    """The rights of users, roles and everybody: `ACL(user)` for one who may do both, `ACL()` for nobody.

    `permissions` maps `"*"`, user ids and `"role:Name"` to `{"read": True, "write": True}`.
    """

    __slots__ = ("permissions",)

    def __init__(self, holder: User | Mapping[str, Any] | None = None) -> None:
        """Raises `TypeError` for rights other than read and write, or ones that are neither true nor false."""
        self.permissions: dict[str, dict[str, bool]] = {}
        if isinstance(holder, Mapping) and not hasattr(holder, "class_name"):
            self.permissions = {name: _rights(rights) for name, rights in holder.items()}
        elif holder is not None:
            owner = cast("User", holder)
            self.permissions = {_identity(owner): {"read": True, "write": True}}

    def set_read_access(self, holder: Holder, allowed: bool) -> None:  # noqa: FBT001 (as in every SDK)
        """Lets a user, role, user id or `"role:Name"` read, or not."""
        self._set("read", holder, allowed=allowed)

    def set_write_access(self, holder: Holder, allowed: bool) -> None:  # noqa: FBT001
        """Lets a user, role, user id or `"role:Name"` write, or not."""
        self._set("write", holder, allowed=allowed)

    def get_read_access(self, holder: Holder) -> bool:
        """Whether a user, role, user id or `"role:Name"` is named as one who may read."""
        return self._get("read", holder)

    def get_write_access(self, holder: Holder) -> bool:
        """Whether a user, role, user id or `"role:Name"` is named as one who may write."""
        return self._get("write", holder)

    def set_public_read_access(self, allowed: bool) -> None:  # noqa: FBT001
        """Lets everybody read, or not."""
        self._set("read", PUBLIC, allowed=allowed)

    def set_public_write_access(self, allowed: bool) -> None:  # noqa: FBT001
        """Lets everybody write, or not."""
        self._set("write", PUBLIC, allowed=allowed)

    def get_public_read_access(self) -> bool:
        """Whether everybody may read."""
        return self._get("read", PUBLIC)

    def get_public_write_access(self) -> bool:
        """Whether everybody may write."""
        return self._get("write", PUBLIC)

    def set_role_read_access(self, role: NamedRole, allowed: bool) -> None:  # noqa: FBT001
        """Lets the users of a role, or of a role by that name, read, or not."""
        self._set("read", _role(role), allowed=allowed)

    def set_role_write_access(self, role: NamedRole, allowed: bool) -> None:  # noqa: FBT001
        """Lets the users of a role, or of a role by that name, write, or not."""
        self._set("write", _role(role), allowed=allowed)

    def get_role_read_access(self, role: NamedRole) -> bool:
        """Whether the users of a role may read."""
        return self._get("read", _role(role))

    def get_role_write_access(self, role: NamedRole) -> bool:
        """Whether the users of a role may write."""
        return self._get("write", _role(role))

    def to_json(self) -> Document:
        """`{"*": {"read": true}, …}`."""
        return {name: dict(rights) for name, rights in self.permissions.items()}

    def encoded(self, form: Form) -> Json:
        return self.to_json()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ACL) and self.permissions == other.permissions

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"ACL({self.permissions!r})"

    def _set(self, right: Right, holder: Holder, *, allowed: bool) -> None:
        if not isinstance(allowed, bool):
            raise TypeError("allowed must be either true or false.")
        name = _identity(holder)
        rights = self.permissions.setdefault(name, {})
        if allowed:
            rights[right] = True
        else:
            rights.pop(right, None)
        if not rights:
            del self.permissions[name]

    def _get(self, right: Right, holder: Holder) -> bool:
        return self.permissions.get(_identity(holder), {}).get(right, False)


def _identity(holder: Holder) -> str:
    if isinstance(holder, str):
        return holder
    class_name = getattr(holder, "class_name", None)
    if class_name == "_Role":
        return _role(cast("Role", holder))
    if class_name != "_User":
        raise TypeError("Rights are given to a User, a Role, a user id or 'role:Name'")
    if holder.id is None:
        raise TypeError("Rights are given to users that are saved: this one has no id")
    return holder.id


def _role(role: NamedRole) -> str:
    name = role if isinstance(role, str) else role.name
    if not name:
        raise TypeError("Role must have a name")
    return ROLE_PREFIX + name


def _rights(rights: Any) -> dict[str, bool]:
    if not isinstance(rights, Mapping) or any(right not in _RIGHTS for right in rights):
        raise TypeError("Tried to create an ACL with an invalid permission type.")
    if not all(isinstance(allowed, bool) for allowed in rights.values()):
        raise TypeError("Tried to create an ACL with an invalid permission value.")
    return dict(rights)
