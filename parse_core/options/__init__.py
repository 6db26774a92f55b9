"""The options of an application: every one the reference server knows, typed, checked, with a default and a text.

Each section of the reference has a module here, with its groups. `Options.parse` is the way in; nothing else makes
options out of what people write. `contract/config.md` has the whole list, `docs/reference/options.md` is generated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from parse_core.options.access import AccessOptions, Idempotency, RequestComplexity, Security
from parse_core.options.addresses import AddressRanges
from parse_core.options.database import DatabaseOptions, SchemaOptions, StorageOptions
from parse_core.options.deprecations import deprecations
from parse_core.options.errors import ConfigurationError
from parse_core.options.extensions import ExtensionOptions, Installation, LiveQuery, LiveQueryServer
from parse_core.options.fields import Group, declarations
from parse_core.options.files import FileDownload, FileOptions, FileUpload
from parse_core.options.identity import IdentityOptions
from parse_core.options.logs import LogLevels, LogOptions
from parse_core.options.pages import CustomPages, PageOptions, Pages
from parse_core.options.parsing import Findings, parse_group
from parse_core.options.rate_limit import RateLimit
from parse_core.options.serving import ServingOptions
from parse_core.options.users import AccountLockout, PasswordPolicy, UserOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECTIONS: tuple[type[Group], ...] = (
    IdentityOptions,
    ServingOptions,
    StorageOptions,
    FileOptions,
    UserOptions,
    PageOptions,
    AccessOptions,
    ExtensionOptions,
    LogOptions,
)


@dataclass(frozen=True, slots=True)
class Notices:
    """What an operator should hear of a configuration that is not wrong; `configuration.log_notices` says it."""

    unknown: tuple[str, ...] = ()  # keys that no option has, with their path
    ignored: tuple[str, ...] = ()  # options of the MongoDB driver
    deprecations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Options(
    LogOptions,
    ExtensionOptions,
    AccessOptions,
    PageOptions,
    UserOptions,
    FileOptions,
    StorageOptions,
    ServingOptions,
    IdentityOptions,
):
    """All options of one application; immutable, a reconfiguration makes a new one."""

    env_prefix = "PARSE_SERVER_"
    # Configurations of older versions have it; what it asks for is always so here.
    obsolete = frozenset({"encodeParseObjectInCloudFunction"})

    notices: Notices = Notices()

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Options:
        """The options of a mapping with the reference's names (`{"appId": …, "restAPIKey": …}`).

        Raises `ConfigurationError` with every problem there is. Keys that mean nothing are no problem; they are found
        in `notices`.
        """
        findings = Findings()
        parsed = parse_group(cls, options, "", findings, _settle)
        if findings.problems:
            raise ConfigurationError(findings.problems)
        notices = Notices(tuple(findings.unknown), tuple(findings.ignored), tuple(deprecations(parsed)))
        return replace(parsed, notices=notices)

    def problems(self) -> Iterator[str]:
        yield from _identity_problems(self)
        yield from _storage_problems(self)
        if self.expire_inactive_sessions and self.session_length <= 0:
            yield "Session length must be a value greater than 0."
        if self.verify_user_emails:
            yield from _mail_problems(self)


def _settle(attributes: dict[str, Any]) -> None:
    """Fills in what follows from other options: the server's URL and what protected fields are merged from."""
    if "server_url" not in attributes:
        port, mount = attributes.get("port", 1337), attributes.get("mount_path", "/parse")
        attributes["server_url"] = f"http://localhost:{port}{mount}".rstrip("/")
    attributes["protected_fields"] = _merged_protected_fields(attributes)


def _merged_protected_fields(attributes: Mapping[str, Any]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The configured protected fields with the default ones and `userSensitiveFields` added.

    A default group that the configuration names is kept out when owners are not exempt: then there must be a way to
    show users their own address.
    """
    configured = attributes.get("protected_fields", {})
    merged = {name: dict(groups) for name, groups in configured.items()}
    replaces = attributes.get("protected_fields_owner_exempt") is False
    for class_name, groups in declarations(Options)["protectedFields"].default.items():
        target = merged.setdefault(class_name, {})
        for entity, fields in groups.items():
            own = () if replaces and entity in target else fields
            target[entity] = _union(target.get(entity, ()), own)
    sensitive = attributes.get("user_sensitive_fields", ())
    if sensitive:
        users = merged.setdefault("_User", {})
        users["*"] = _union(users.get("*", ()), sensitive)
    return merged


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _identity_problems(options: Options) -> Iterator[str]:
    if not options.app_id:
        yield "You must provide an appId!"
    if not options.master_key:
        yield "You must provide a masterKey!"
    elif options.master_key == options.read_only_master_key:
        yield "masterKey and readOnlyMasterKey should be different"
    elif options.master_key == options.maintenance_key:
        yield "masterKey and maintenanceKey should be different"


def _storage_problems(options: Options) -> Iterator[str]:
    if options.database_adapter is None:
        return
    if options.database_uri or options.collection_prefix or options.set_explicitly("databaseOptions"):
        yield "You cannot specify both a databaseAdapter and a databaseURI/databaseOptions/collectionPrefix."
    if options.files_adapter is None:
        yield "When using an explicit database adapter, you must also use an explicit filesAdapter."


def _mail_problems(options: Options) -> Iterator[str]:
    if not options.email_adapter:
        yield "An emailAdapter is required for e-mail verification and password resets."
    if options.app_name is None:
        yield "An app name is required for e-mail verification and password resets."
    if not options.public_server_url:
        yield "The option publicServerURL is required."
    duration = options.email_verify_token_validity_duration
    if duration is not None and duration < 0:
        yield "Email verify token validity duration must be a value greater than 0."
    if options.email_verify_token_reuse_if_valid and not duration:
        yield "You cannot use emailVerifyTokenReuseIfValid without emailVerifyTokenValidityDuration"


__all__ = [
    "SECTIONS",
    "AccountLockout",
    "AddressRanges",
    "ConfigurationError",
    "CustomPages",
    "DatabaseOptions",
    "FileDownload",
    "FileUpload",
    "Group",
    "Idempotency",
    "Installation",
    "LiveQuery",
    "LiveQueryServer",
    "LogLevels",
    "Notices",
    "Options",
    "Pages",
    "PasswordPolicy",
    "RateLimit",
    "RequestComplexity",
    "SchemaOptions",
    "Security",
]
