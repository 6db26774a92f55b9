"""Where objects are stored, how classes come about, and how long look-ups are remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parse_core.database_address import InvalidDatabaseAddress, parse_database_address
from parse_core.options.errors import Refused
from parse_core.options.fields import Group, option
from parse_core.options.kinds import (
    ADAPTER,
    ARRAY,
    BOOLEAN,
    CALLABLE,
    LIMIT,
    NUMBER,
    STRICT_NUMBER,
    STRING,
    Kind,
    group,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MONGODB_DRIVER = frozenset(
    (
        "authMechanism",
        "authMechanismProperties",
        "authSource",
        "autoSelectFamily",
        "autoSelectFamilyAttemptTimeout",
        "compressors",
        "directConnection",
        "forceServerObjectId",
        "heartbeatFrequencyMS",
        "loadBalanced",
        "localThresholdMS",
        "logClientEvents",
        "proxyHost",
        "proxyPassword",
        "proxyPort",
        "proxyUsername",
        "readConcernLevel",
        "replicaSet",
        "retryReads",
        "retryWrites",
        "serverMonitoringMode",
        "serverSelectionTimeoutMS",
        "srvMaxHosts",
        "srvServiceName",
        "zlibCompressionLevel",
    )
)


@dataclass(frozen=True, kw_only=True, eq=False)
class ClientMetadata(Group):
    """The name by which the database knows its client."""

    env_prefix = "PARSE_SERVER_DATABASE_CLIENT_METADATA_"

    name: str = option("", STRING, "Shown as `application_name`.")
    version: str = option("", STRING, "Appended to the name.")

    def problems(self) -> Iterator[str]:
        if not (self.name and self.version):
            yield "databaseOptions.clientMetadata must have a name and a version"


@dataclass(frozen=True, kw_only=True, eq=False)
class DatabaseOptions(Group):
    """`databaseOptions`: the connection to PostgreSQL and what is indexed from the start."""

    env_prefix = "PARSE_SERVER_DATABASE_"
    ignored = _MONGODB_DRIVER

    enable_schema_hooks: bool = option(
        True,
        BOOLEAN.but(refusal="{path} must be a boolean"),
        "Follow schema changes of other processes at once.",
        since="The reference follows them only when told to.",
    )
    schema_cache_ttl: float = option(
        1,
        STRICT_NUMBER.but(refusal="{path} must be a number", nullable=False),
        "Seconds until schemas are read again in any case; never more than one here.",
        need="accepted",
        since="The reference reads them again only when told to.",
    )
    allow_public_explain: bool = option(
        False,
        BOOLEAN.but(refusal="Parse Server option '{path}' must be a boolean."),
        "Clients may ask for query plans.",
    )
    disable_index_field_validation: bool = option(False, BOOLEAN, "Indexes may name fields the class does not have.")
    create_index_user_username: bool = option(True, BOOLEAN, "Unique index of user names.")
    create_index_user_username_case_insensitive: bool = option(
        True, BOOLEAN, "Unique index of user names regardless of case."
    )
    create_index_user_email: bool = option(True, BOOLEAN, "Unique index of e-mail addresses.")
    create_index_user_email_case_insensitive: bool = option(
        True, BOOLEAN, "Unique index of e-mail addresses regardless of case."
    )
    create_index_user_email_verify_token: bool = option(True, BOOLEAN, "Index of e-mail verification tokens.")
    create_index_user_password_reset_token: bool = option(True, BOOLEAN, "Index of password reset tokens.")
    create_index_role_name: bool = option(True, BOOLEAN, "Unique index of role names.")
    create_index_auth_data_uniqueness: bool = option(True, BOOLEAN, "Unique index of the ids of sign-in providers.")
    batch_size: int = option(1000, NUMBER, "Rows that a cursor fetches at a time.")
    client_metadata: ClientMetadata | None = option(None, group(ClientMetadata), "The client's name at the database.")
    max_time_ms: int | None = option(
        None, NUMBER, "Milliseconds after which a statement is given up.", name="maxTimeMS"
    )
    max_pool_size: int | None = option(None, NUMBER, "Most connections of one process.")
    min_pool_size: int | None = option(None, NUMBER, "Connections that a process keeps open.")
    max_idle_time_ms: int | None = option(
        None, NUMBER, "Milliseconds after which an idle connection is closed.", name="maxIdleTimeMS"
    )
    wait_queue_timeout_ms: int | None = option(
        None, NUMBER, "Milliseconds a request waits for a connection.", name="waitQueueTimeoutMS"
    )
    max_connecting: int | None = option(None, NUMBER, "Connections that are opened at a time.")
    connect_timeout_ms: int | None = option(
        None, NUMBER, "Milliseconds until connecting is given up.", name="connectTimeoutMS"
    )
    socket_timeout_ms: int | None = option(
        None, NUMBER, "Milliseconds without an answer after which a connection is dropped.", name="socketTimeoutMS"
    )
    read_preference: str | None = option(None, STRING, "`secondary` reads from a replica, if one is known.")
    read_preference_tags: tuple[Any, ...] | None = option(None, ARRAY, "Which replica.", need="accepted")
    max_staleness_seconds: float | None = option(None, NUMBER, "How far behind a replica may be.", need="accepted")
    app_name: str | None = option(None, STRING, "The connection's `application_name`.")
    ssl: bool | None = option(None, BOOLEAN.but(nullable=True), "Encrypt the connection.")
    tls: bool | None = option(None, BOOLEAN.but(nullable=True), "Encrypt the connection.")
    tls_ca_file: str | None = option(
        None,
        STRING,
        "Certificates to check the server by (`sslrootcert`).",
        name="tlsCAFile",
        env="PARSE_SERVER_DATABASE_TLS_CAFILE",
    )
    tls_certificate_key_file: str | None = option(None, STRING, "Our certificate and key (`sslcert`, `sslkey`).")
    tls_certificate_key_file_password: str | None = option(
        None, STRING, "The password of our key (`sslpassword`).", secret=True
    )
    tls_allow_invalid_certificates: bool = option(False, BOOLEAN, "Do not check the server's certificate.")
    tls_allow_invalid_hostnames: bool = option(False, BOOLEAN, "Do not check the name in the server's certificate.")
    tls_insecure: bool = option(False, BOOLEAN, "Both of these.")


DEFINITION_MEMBERS = ("fields", "indexes", "classLevelPermissions")
MIGRATION_CALLABLE = CALLABLE.but(refusal="Parse Server option {path} must be a function.")


@dataclass(frozen=True, kw_only=True, eq=False)
class SchemaOptions(Group):
    """`schema`: classes declared in the configuration, brought about at the start."""

    env_prefix = "PARSE_SERVER_SCHEMA_"

    definitions: tuple[Mapping[str, Any], ...] = option((), ARRAY, "Classes in the form of `POST /schemas`.")
    strict: bool = option(False, BOOLEAN, "Stop the start when a class cannot be brought about.")
    delete_extra_fields: bool = option(False, BOOLEAN, "Delete fields that the definitions do not name.")
    recreate_modified_fields: bool = option(
        False, BOOLEAN, "Delete and create anew fields whose type changed; their values are lost."
    )
    lock_schemas: bool = option(False, BOOLEAN, "The schema API refuses changes.")
    keep_unknown_indexes: bool = option(False, BOOLEAN, "Leave indexes that the definitions do not name.")
    before_migration: Callable[[], object] | None = option(None, MIGRATION_CALLABLE, "Called first.")
    after_migration: Callable[[], object] | None = option(None, MIGRATION_CALLABLE, "Called last.")

    def problems(self) -> Iterator[str]:
        names: list[str] = []
        for place, declared in enumerate(self.definitions):
            if not _is_definition(declared):
                yield f"Parse Server option schema.definitions[{place}] must be an object with a className."
            else:
                names.append(declared["className"])
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f'Parse Server option schema.definitions contains the className "{name}" more than once.'


def _is_definition(declared: Any) -> bool:
    if not isinstance(declared, Mapping) or not isinstance(declared.get("className"), str):
        return False
    members = (declared.get(member) for member in DEFINITION_MEMBERS)
    return all(member is None or isinstance(member, Mapping) for member in members)


def _check_uri(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused
    if value.startswith("mongodb"):
        message = "databaseURI names a MongoDB server; this server stores objects in PostgreSQL (postgres://…)."
        raise Refused(message)
    try:
        parse_database_address(value)
    except InvalidDatabaseAddress as error:
        raise Refused(f"Parse Server option {{path}} {error}") from None
    return value


DATABASE_URI = Kind("URI", "Parse Server option {path} must be a string.", _check_uri)


@dataclass(frozen=True, kw_only=True, eq=False)
class StorageOptions(Group):
    """Database, schema and caches."""

    env_prefix = "PARSE_SERVER_"

    database_uri: str | None = option(
        None,
        DATABASE_URI,
        "`postgres://…` of the application's database. By default the one of the server.",
        name="databaseURI",
        env="PARSE_SERVER_DATABASE_URI",
        secret=True,
        since="The reference defaults to a local MongoDB server.",
    )
    database_adapter: Any = option(None, ADAPTER, "Another storage than PostgreSQL.")
    database_options: DatabaseOptions = option(
        DatabaseOptions(),
        group(DatabaseOptions, refusal="databaseOptions must be an object"),
        "The connection to PostgreSQL and what is indexed from the start.",
    )
    collection_prefix: str = option("", STRING, "Prefix of the names of tables.")
    schema: SchemaOptions | None = option(None, group(SchemaOptions), "Classes declared in the configuration.")
    allow_client_class_creation: bool = option(False, BOOLEAN, "Clients may create classes by saving objects.")
    client_class_limit: int = option(
        1000, LIMIT, "Classes up to which clients may create more; -1 for no limit.", since="No limit in the reference."
    )
    client_field_limit: int = option(
        1000,
        LIMIT,
        "Fields of a class up to which clients may add more; -1 for no limit.",
        since="No limit in the reference.",
    )
    allow_custom_object_id: bool = option(False, BOOLEAN, "Clients may choose the objectId of what they create.")
    object_id_size: int = option(10, NUMBER, "Characters of a generated objectId.")
    enable_collation_case_comparison: bool = option(
        False, BOOLEAN, "No indexes of user names and addresses regardless of case: comparisons are exact."
    )
    convert_email_to_lowercase: bool = option(False, BOOLEAN, "Store e-mail addresses in lower case.")
    convert_username_to_lowercase: bool = option(False, BOOLEAN, "Store user names in lower case.")
    cache_adapter: Any = option(None, ADAPTER, "Another cache than the process's own memory.")
    cache_max_size: int = option(10_000, NUMBER, "Entries of the cache.")
    cache_ttl: float = option(
        5000,
        NUMBER,
        "Milliseconds for which users, roles and sessions are remembered; a revoked session may live that long in "
        "another process.",
        name="cacheTTL",
    )
