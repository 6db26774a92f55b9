"""The two words in which options are declared: `option()` for one value, `Group` for a mapping of them.

A group is a frozen dataclass whose fields carry a `Declaration`: how the value is read and checked, its text for the
reference page, and the names it has in files (camelCase) and in the environment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parse_core.options.kinds import Kind

T = TypeVar("T")
REQUIRED: Any = None  # the default of an option that its group cannot do without
Need = Literal["used", "accepted"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One option of a group. `name` is the reference's; `env` is empty when the option cannot be set there."""

    attribute: str
    name: str
    env: str
    kind: Kind
    default: Any
    help: str
    refusal: str
    secret: bool
    need: Need
    since: str


@dataclass(frozen=True, slots=True)
class _Spec:
    kind: Kind
    default: Any
    help: str
    name: str | None
    env: str | None
    refusal: str | None
    secret: bool
    need: Need
    since: str


def option(  # noqa: PLR0913 - all but three are keywords
    default: T,
    kind: Kind,
    help: str,  # noqa: A002 - the word every reader of options knows
    *,
    name: str | None = None,
    env: str | None = None,
    refusal: str | None = None,
    secret: bool = False,
    need: Need = "used",
    since: str = "",
) -> T:
    """A dataclass field that is an option.

    `name` and `env` say what does not follow from the attribute; `refusal` is the text for a value of the wrong kind,
    with `{path}` for the option's name; `need="accepted"` marks what is taken but has no effect here; `since` tells how
    the default differs from the reference's.
    """
    spec = _Spec(kind, default, help, name, env, refusal, secret, need, since)
    if isinstance(default, dict | list):
        return cast("T", field(default_factory=lambda: default, repr=not secret, metadata={"option": spec}))
    return field(default=default, repr=not secret, metadata={"option": spec})


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """A mapping of options. Subclass as a frozen keyword-only dataclass, `eq=False`."""

    env_prefix: ClassVar[str] = ""
    # What an unknown key does: with a text (`{group}`, `{key}`) the start is refused, else it is logged.
    unknown_key: ClassVar[str] = ""
    # Keys of the reference that have no meaning here: accepted, warned about, ignored.
    ignored: ClassVar[frozenset[str]] = frozenset()
    # Keys of former versions: accepted without a word.
    obsolete: ClassVar[frozenset[str]] = frozenset()

    explicit: frozenset[str] = frozenset()  # the reference names of the options that the configuration sets

    def problems(self) -> Iterator[str]:
        """What is wrong with the values taken together, each as the text of the refusal."""
        return iter(())

    def set_explicitly(self, name: str) -> bool:
        """Whether the configuration names the option, by its reference name."""
        return name in self.explicit


_declared: dict[type[Group], Mapping[str, Declaration]] = {}


def declarations(group: type[Group]) -> Mapping[str, Declaration]:
    """The options of a group by reference name, in the order of their declaration."""
    if group not in _declared:
        found = (_declaration(f.name, f.metadata["option"], group) for f in fields(group) if "option" in f.metadata)
        _declared[group] = {declaration.name: declaration for declaration in found}
    return _declared[group]


def _declaration(attribute: str, spec: _Spec, group: type[Group]) -> Declaration:
    name = spec.name or camel_case(attribute)
    env = spec.env if spec.env is not None else group.env_prefix + upper_snake(name) if group.env_prefix else ""
    return Declaration(
        attribute=attribute,
        name=name,
        env=env,
        kind=spec.kind,
        default=spec.default,
        help=spec.help,
        refusal=spec.refusal or spec.kind.refusal,
        secret=spec.secret,
        need=spec.need,
        since=spec.since,
    )


def camel_case(attribute: str) -> str:
    """`master_key_ips` → `masterKeyIps`."""
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


def upper_snake(name: str) -> str:
    """`masterKeyIps` → `MASTER_KEY_IPS`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
