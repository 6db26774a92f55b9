"""Values that are allowed but dangerous: shown by Django's system checks and by the security report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parse_core.options import AddressRanges, Options

RESERVED_CHARACTERS = frozenset("!#$%'()*+&/:;=?@[]{}^,<>|")
_KINDS = tuple(re.compile(kind) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"))


@dataclass(frozen=True, slots=True)
class Danger:
    """A value of an option, what can come of it, and what to do. `title` names the safe state."""

    option: str
    title: str
    warning: str
    solution: str
    applies: Callable[[Options], bool]


def dangers(options: Options) -> Iterator[Danger]:
    """The dangers that apply to the options of an application."""
    return (danger for danger in DANGERS if danger.applies(options))


def is_weak(key: object) -> bool:
    """Whether a key is short or of few kinds of characters; a callable's keys cannot be judged."""
    if not isinstance(key, str):
        return False
    return len(key) < 14 or sum(1 for kind in _KINDS if kind.search(key)) < 3


def _open_to_all(ranges: AddressRanges) -> bool:
    return any(network.prefixlen == 0 for network in ranges.networks)


def _is_unlimited(options: Options) -> bool:
    limits = options.request_complexity
    return -1 in (
        limits.include_depth,
        limits.include_count,
        limits.subquery_depth,
        limits.query_depth,
        limits.graphql_depth,
        limits.graphql_fields,
        limits.batch_request_limit,
    )


def _allows_pages(options: Options) -> bool:
    return any(pattern.search("html") for pattern in options.file_upload.file_extensions)


def _is_plain_http(options: Options) -> bool:
    url = options.public_server_url
    return isinstance(url, str) and re.match(r"http://(?!localhost\b|127\.|\[::1\])", url) is not None


DANGERS = (
    Danger(
        "appId",
        "Application id safe in URLs",
        "The application id has characters that are reserved in URLs.",
        "Use letters, digits, '-', '_', '.' and '~'.",
        lambda options: bool(RESERVED_CHARACTERS & set(options.app_id)),
    ),
    Danger(
        "masterKey",
        "Secure master key",
        "The master key is easy to guess.",
        "Use at least 14 characters of three kinds: lower and upper case, digits, others.",
        lambda options: is_weak(options.master_key),
    ),
    Danger(
        "masterKeyIps",
        "Master key IP range restricted",
        "Everybody who has the master key may use it, from every address.",
        "List the addresses that need it.",
        lambda options: _open_to_all(options.master_key_ips),
    ),
    Danger(
        "readOnlyMasterKeyIps",
        "Read-only master key IP range restricted",
        "Everybody who has the read-only master key may use it, from every address.",
        "List the addresses that need it.",
        lambda options: options.read_only_master_key is not None and _open_to_all(options.read_only_master_key_ips),
    ),
    Danger(
        "maintenanceKeyIps",
        "Maintenance key IP range restricted",
        "Everybody who has the maintenance key may use it, from every address.",
        "List the addresses that need it.",
        lambda options: options.maintenance_key is not None and _open_to_all(options.maintenance_key_ips),
    ),
    Danger(
        "security.enableCheckLog",
        "Security log disabled",
        "Whoever reads the log learns where the server is weak.",
        "Set it to false, and read the report at /security.",
        lambda options: options.security.enable_check_log,
    ),
    Danger(
        "allowClientClassCreation",
        "Client class creation disabled",
        "Clients may create classes, which have no class-level permissions then.",
        "Create classes through the dashboard, or declare them in 'schema'.",
        lambda options: options.allow_client_class_creation,
    ),
    Danger(
        "enforcePrivateUsers",
        "Users are created without public access",
        "Everybody may read new users.",
        "Set it to true and share what others may see in another class.",
        lambda options: not options.enforce_private_users,
    ),
    Danger(
        "enableInsecureAuthAdapters",
        "Insecure auth adapters disabled",
        "Sign-in providers that prove nothing to the server are accepted: an attacker can sign in as somebody else.",
        "Configure the providers' secrets and set it to false.",
        lambda options: options.enable_insecure_auth_adapters,
    ),
    Danger(
        "enableSanitizedErrorResponse",
        "Error responses sanitized",
        "Clients read why they were refused, which tells an attacker about classes and permissions.",
        "Set it to true; the reason is logged.",
        lambda options: not options.enable_sanitized_error_response,
    ),
    Danger(
        "graphQLPublicIntrospection",
        "GraphQL public introspection disabled",
        "Everybody may read the GraphQL schema with all classes and fields.",
        "Set it to false; the master key may read it anyway.",
        lambda options: options.mount_graphql and options.graphql_public_introspection,
    ),
    Danger(
        "mountPlayground",
        "GraphQL Playground disabled",
        "The page would hold the master key.",
        "Set it to false.",
        lambda _options: False,  # there is none here
    ),
    Danger(
        "databaseOptions.allowPublicExplain",
        "Public database explain disabled",
        "Clients may ask the database how it answers queries.",
        "Set it to false.",
        lambda options: options.database_options.allow_public_explain,
    ),
    Danger(
        "requestComplexity",
        "Request complexity limits enabled",
        "A client can make the server do any amount of work with one request.",
        "Set limits; -1 means none.",
        _is_unlimited,
    ),
    Danger(
        "liveQuery.regexTimeout",
        "LiveQuery regex timeout enabled",
        "A pattern in a live query may run without a limit.",
        "Set it to a number of milliseconds.",
        lambda options: options.live_query is not None and options.live_query.regex_timeout <= 0,
    ),
    Danger(
        "emailVerifySuccessOnInvalidEmail",
        "Email verification endpoint user enumeration mitigated",
        "The answer to a verification request tells whether an address has an account.",
        "Set it to true.",
        lambda options: bool(options.verify_user_emails) and not options.email_verify_success_on_invalid_email,
    ),
    Danger(
        "passwordPolicy.resetPasswordSuccessOnInvalidEmail",
        "Password reset endpoint user enumeration mitigated",
        "The answer to a reset request tells whether an address has an account.",
        "Set it to true.",
        lambda options: (
            options.password_policy is not None and not options.password_policy.reset_password_success_on_invalid_email
        ),
    ),
    Danger(
        "fileUpload.enableForPublic",
        "Public file upload disabled",
        "Everybody may upload files.",
        "Let users upload alone.",
        lambda options: options.file_upload.enable_for_public,
    ),
    Danger(
        "fileUpload.fileExtensions",
        "Upload of active content disabled",
        "Files may be uploaded that browsers run as pages, with the rights of your domain.",
        "Leave HTML, SVG and XML out.",
        _allows_pages,
    ),
    Danger(
        "fileUpload.allowedFileUrlDomains",
        "File URL domains restricted",
        "Objects may hold files at any address, which clients will open.",
        "List the hosts of your files.",
        lambda options: "*" in (options.file_upload.allowed_file_url_domains or ()),
    ),
    Danger(
        "publicServerURL",
        "TLS on the public URL",
        "Keys, passwords and session tokens travel unencrypted.",
        "Serve the API by HTTPS.",
        _is_plain_http,
    ),
)
