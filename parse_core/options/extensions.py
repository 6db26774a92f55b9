"""What goes beyond objects: Cloud Code, push, installations, live queries, GraphQL, analytics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parse_core.options.errors import Refused
from parse_core.options.fields import Group, option
from parse_core.options.kinds import (
    ADAPTER,
    ANYTHING,
    BOOLEAN,
    NUMBER,
    OBJECT,
    STRICT_NUMBER,
    STRING,
    STRINGS,
    Kind,
    group,
    is_number,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, eq=False)
class Installation(Group):
    """`installation`: what happens when two installations come to have one device token."""

    env_prefix = "PARSE_SERVER_INSTALLATION_"
    unknown_key = "{group} contains unknown property '{key}'."

    duplicate_device_token_action: str = option(
        "delete", one_of("delete", "update"), "Delete the older installation, or clear its conflicting field."
    )
    duplicate_device_token_action_enforce_auth: bool = option(
        False, BOOLEAN.but(refusal="{path} must be a boolean."), "Only if the client has the permission to."
    )
    duplicate_device_token_merge_priority: str = option(
        "deviceToken", one_of("deviceToken", "installationId"), "Which of the two fields decides who stays."
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class LiveQuery(Group):
    """`liveQuery`: which classes can be followed, and how changes reach the subscribers."""

    env_prefix = "PARSE_SERVER_LIVEQUERY_"

    class_names: tuple[str, ...] = option(
        (),
        STRINGS.but(refusal="liveQuery.classes should be an array of string"),
        "The classes.",
        env="PARSE_SERVER_LIVEQUERY_CLASSNAMES",
    )
    pub_sub_adapter: Any = option(None, ADAPTER, "How processes tell each other of changes.")
    redis_options: Mapping[str, Any] = option({}, OBJECT, "Options of the connection to Redis.", secret=True)
    redis_url: str | None = option(
        None,
        STRING,
        "Redis server through which processes tell each other of changes.",
        name="redisURL",
        env="PARSE_SERVER_LIVEQUERY_REDIS_URL",
        secret=True,
    )
    regex_timeout: float = option(
        100, STRICT_NUMBER.but(refusal="{path} must be a number"), "Milliseconds for one `$regex`; 0 for no limit."
    )
    wss_adapter: Any = option(None, ADAPTER, "Another WebSocket server.", need="accepted")


@dataclass(frozen=True, kw_only=True, eq=False)
class LiveQueryServer(Group):
    """`liveQueryServerOptions`: the server of live queries, when it runs by itself or differs from the API's."""

    env_prefix = "PARSE_LIVE_QUERY_SERVER_"

    app_id: str | None = option(None, STRING, "The application id.")
    master_key: str | None = option(None, STRING, "The master key.", secret=True)
    server_url: str | None = option(
        None, STRING, "The URL of the API.", name="serverURL", env="PARSE_LIVE_QUERY_SERVER_SERVER_URL"
    )
    key_pairs: Mapping[str, str] = option(
        {}, OBJECT, "Keys of which a connection must carry one: name → value.", secret=True
    )
    websocket_timeout: float | None = option(None, NUMBER, "Milliseconds between pings.")
    cache_timeout: float | None = option(None, NUMBER, "Milliseconds for which a session is remembered.")
    log_level: str | None = option(None, STRING, "What is logged.")
    port: int | None = option(None, NUMBER, "The port to listen at; by default the API's.")
    redis_options: Mapping[str, Any] = option({}, OBJECT, "Options of the connection to Redis.", secret=True)
    redis_url: str | None = option(
        None,
        STRING,
        "Redis server through which processes tell each other of changes.",
        name="redisURL",
        env="PARSE_LIVE_QUERY_SERVER_REDIS_URL",
        secret=True,
    )
    pub_sub_adapter: Any = option(None, ADAPTER, "How processes tell each other of changes.")
    wss_adapter: Any = option(None, ADAPTER, "Another WebSocket server.", need="accepted")


def _check_cloud(value: Any) -> Any:
    if not isinstance(value, str) and not callable(value):
        raise Refused
    return value


def _check_count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refused
    return value


def _check_seconds(value: Any) -> float:
    if not is_number(value) or value <= 0:
        raise Refused
    return float(value)


def _check_audit(value: Any) -> bool | str:
    if not isinstance(value, bool | str):
        raise Refused
    return value


AUDIT = Kind(
    "boolean or path",
    "{path} must be a boolean or the path of a file.",
    _check_audit,
    lambda text: {"true": True, "false": False}.get(text, text),
)
COUNT = NUMBER.but(refusal="{path} must be a positive integer.", check=_check_count)
SECONDS = NUMBER.but(refusal="{path} must be a number of seconds greater than 0.", check=_check_seconds)
CLOUD = Kind("path or callable", "argument 'cloud' must either be a string or a function", _check_cloud)


@dataclass(frozen=True, kw_only=True, eq=False)
class ExtensionOptions(Group):
    """Cloud Code, push, live queries, GraphQL."""

    env_prefix = "PARSE_SERVER_"

    cloud: Any = option(
        None,
        CLOUD,
        "Cloud Code: a `.py` or `.js` file, the folder of a package, a dotted module, or a callable. Where it is not "
        "set, `cloud/main.py` or `cloud/main.js` is that of the only application.",
    )
    cloud_auto_reload: bool = option(
        False, BOOLEAN, "Load Cloud Code again when its files change; for development.", since="Not in the reference."
    )
    cloud_threads: int | None = option(
        None,
        COUNT,
        "How many handlers with a timeout, and blocking calls of `async` handlers, run at once; by default four per "
        "processor, at most 32.",
        since="Not in the reference.",
    )
    cloud_function_timeout: float | None = option(
        None,
        SECONDS,
        "Seconds after which a function is given up.",
        since="Not in the reference.",
    )
    cloud_max_depth: int = option(
        32, COUNT, "How deep handlers may call each other, through saves or by name.", since="Not in the reference."
    )
    cloud_expose_exceptions: bool = option(
        True,
        BOOLEAN,
        "Clients read the text of any exception that a handler raises; otherwise of a `ParseError` alone.",
        since="Not in the reference.",
    )
    webhook_timeout: float = option(
        30.0, SECONDS, "Seconds until a webhook that does not answer has failed.", since="Not in the reference."
    )
    webhook_allowed_hosts: tuple[str, ...] | None = option(
        None, STRINGS, "The hosts that webhooks may be at; by default any.", since="Not in the reference."
    )
    job_scheduler: bool = option(
        False, BOOLEAN, "Start the jobs of `_JobSchedule` when they are due.", since="Not in the reference."
    )
    push: Mapping[str, Any] | None = option(None, OBJECT, "Push providers and their options.", secret=True)
    scheduled_push: bool = option(False, BOOLEAN, "Accept `push_time`.")
    installation: Installation = option(
        Installation(),
        group(Installation, refusal="installation must be an object.", nullable=False),
        "What happens when two installations come to have one device token.",
    )
    live_query: LiveQuery | None = option(
        None, group(LiveQuery), "Which classes can be followed, and how changes reach the subscribers."
    )
    live_query_server_options: LiveQueryServer | None = option(
        None, group(LiveQueryServer), "The server of live queries; setting them starts it."
    )
    start_live_query_server: bool = option(False, BOOLEAN, "Start the server of live queries with its defaults.")
    mount_graphql: bool = option(
        False, BOOLEAN, "Serve GraphQL.", name="mountGraphQL", env="PARSE_SERVER_MOUNT_GRAPHQL"
    )
    graphql_path: str = option(
        "/graphql", STRING, "Where GraphQL is served.", name="graphQLPath", env="PARSE_SERVER_GRAPHQL_PATH"
    )
    graphql_schema: Any = option(
        None,
        ANYTHING,
        "Types and fields of one's own, as a file or SDL.",
        name="graphQLSchema",
        env="PARSE_SERVER_GRAPH_QLSCHEMA",
    )
    graphql_public_introspection: bool = option(
        False,
        BOOLEAN,
        "Clients may ask for the GraphQL schema.",
        name="graphQLPublicIntrospection",
        env="PARSE_SERVER_GRAPHQL_PUBLIC_INTROSPECTION",
    )
    mount_playground: bool = option(
        False, BOOLEAN, "A page that would show the master key; not served.", need="accepted"
    )
    playground_path: str = option("/playground", STRING, "Its path.", need="accepted")
    analytics_adapter: Any = option(None, ADAPTER, "What receives analytics events.")
    enable_product_purchase_legacy_api: bool = option(
        False,
        BOOLEAN,
        "Serve `/validate_purchase`, for receipts of the App Store.",
        since="true in the reference.",
    )
    audit_log: Any = option(
        False,
        AUDIT,
        "Keep what is changed with the master key, and every change of classes, config, hooks, jobs, push and files: "
        "`true` in the application's log, or the path of a file.",
        since="Not in the reference.",
    )
