"""What clients may see and how much they may ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from parse_core.options.errors import Refused
from parse_core.options.fields import Group, option
from parse_core.options.kinds import (
    ARRAY,
    BOOLEAN,
    LIMIT,
    NUMBER,
    OBJECT,
    STRICT_NUMBER,
    Kind,
    group,
    groups,
    is_strings,
)
from parse_core.options.rate_limit import RateLimit


@dataclass(frozen=True, kw_only=True, eq=False)
class RequestComplexity(Group):
    """`requestComplexity`: how much one request may ask. Does not bind the master and maintenance keys."""

    env_prefix = "PARSE_SERVER_REQUEST_COMPLEXITY_"
    unknown_key = "{group} contains unknown property '{key}'."

    include_depth: int = option(10, LIMIT, "Dots in one include path.", since="No limit in the reference.")
    include_count: int = option(100, LIMIT, "Include paths of a query.", since="No limit in the reference.")
    subquery_depth: int = option(
        10, LIMIT, "Nesting of `$inQuery`, `$select` and their opposites.", since="No limit in the reference."
    )
    subquery_limit: int = option(-1, LIMIT, "Rows that one subquery may yield.")
    query_depth: int = option(10, LIMIT, "Nesting of `$or`, `$and`, `$nor`.", since="No limit in the reference.")
    graphql_depth: int = option(
        20,
        LIMIT,
        "Depth of a GraphQL selection.",
        name="graphQLDepth",
        env="PARSE_SERVER_REQUEST_COMPLEXITY_GRAPHQL_DEPTH",
        since="No limit in the reference.",
    )
    graphql_fields: int = option(
        200,
        LIMIT,
        "Fields of a GraphQL selection.",
        name="graphQLFields",
        env="PARSE_SERVER_REQUEST_COMPLEXITY_GRAPHQL_FIELDS",
        since="No limit in the reference.",
    )
    batch_request_limit: int = option(100, LIMIT, "Requests in one batch.", since="No limit in the reference.")
    allow_regex: bool = option(True, BOOLEAN.but(refusal="{path} must be a boolean."), "Clients may use `$regex`.")


def _check_paths(value: Any) -> tuple[re.Pattern[str], ...]:
    if not is_strings(value):
        raise Refused
    try:
        return tuple(re.compile(path) for path in value)
    except re.error as error:
        message = f'idempotency paths contain an invalid pattern "{error.pattern!s}": {error}'
        raise Refused(message) from None


def _check_ttl(value: Any) -> Any:
    seconds = NUMBER.check(value)
    if seconds <= 0:
        message = "idempotency TTL value must be greater than 0 seconds"
        raise Refused(message)
    return seconds


IDEMPOTENCY_PATHS = ARRAY.but(
    label="array of patterns", refusal="idempotency paths must be of an array of strings", check=_check_paths
)
IDEMPOTENCY_TTL = NUMBER.but(refusal="idempotency TTL value must be a number", check=_check_ttl)


@dataclass(frozen=True, kw_only=True, eq=False)
class Idempotency(Group):
    """`idempotencyOptions`: requests that count once however often they arrive."""

    env_prefix = "PARSE_SERVER_EXPERIMENTAL_IDEMPOTENCY_"

    paths: tuple[re.Pattern[str], ...] = option(
        (), IDEMPOTENCY_PATHS, "Patterns for the start of the path, which has no slash in front."
    )
    ttl: float = option(300, IDEMPOTENCY_TTL, "Seconds for which a request is remembered.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Security(Group):
    """`security`: the check of the configuration that the dashboard shows."""

    env_prefix = "PARSE_SERVER_SECURITY_"

    enable_check: bool = option(False, BOOLEAN, "Serve the report at `/security`.")
    enable_check_log: bool = option(False, BOOLEAN, "Log the report at the start.")
    check_groups: tuple[Any, ...] = option((), ARRAY, "Further groups of checks.")


@dataclass(frozen=True, kw_only=True, eq=False)
class QueryOptions(Group):
    """`query`: how aggregation treats values."""

    env_prefix = "PARSE_SERVER_QUERY_"

    aggregation_raw_values: bool = option(False, BOOLEAN, "Values are not converted to Parse types.")
    aggregation_raw_field_names: bool = option(False, BOOLEAN, "Fields go by the names of the stored columns.")


def _check_protected_fields(value: Any) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    if not isinstance(value, Mapping) or not all(isinstance(entities, Mapping) for entities in value.values()):
        raise Refused
    if not all(is_strings(fields) for entities in value.values() for fields in entities.values()):
        message = "Parse Server option {path} must name lists of fields."
        raise Refused(message)
    return {name: {entity: tuple(fields) for entity, fields in entities.items()} for name, entities in value.items()}


def _check_routes(value: Any) -> tuple[re.Pattern[str], ...]:
    if not isinstance(value, list | tuple):
        raise Refused
    return tuple(_route(route) for route in value)


def _route(route: Any) -> re.Pattern[str]:
    if not isinstance(route, str):
        message = "Parse Server option {path} contains a non-string value."
        raise Refused(message)
    try:
        return re.compile(f"(?:{route})")
    except re.error:
        message = f'Parse Server option {{path}} contains an invalid regex pattern: "{route}".'
        raise Refused(message) from None


def _check_keywords(value: Any) -> tuple[Mapping[str, Any] | str, ...]:
    if not isinstance(value, list | tuple):
        raise Refused
    if not all(
        isinstance(rule, str) or (isinstance(rule, Mapping) and rule.keys() <= {"key", "value"}) for rule in value
    ):
        message = f"Parse Server option {{path}} has a rule without key and value: {orjson.dumps(value).decode()}"
        raise Refused(message)
    return tuple(value)


def _positive(text: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        number = STRICT_NUMBER.check(value)
        if number <= 0:
            raise Refused(text)
        return number

    return check


PROTECTED_FIELDS = OBJECT.but(check=_check_protected_fields)
ROUTES = ARRAY.but(
    label="array of patterns",
    refusal="Parse Server option {path} must be an array of strings.",
    check=_check_routes,
)
KEYWORDS = ARRAY.but(label="array of rules", check=_check_keywords, nullable=False)
DEFAULT_LIMIT = Kind(
    "number",
    "Default limit must be a number.",
    _positive("Default limit must be a value greater than 0."),
    NUMBER.read,
)
MAX_LIMIT = DEFAULT_LIMIT.but(
    refusal="Max limit must be a number.", check=_positive("Max limit must be a value greater than 0.")
)


@dataclass(frozen=True, kw_only=True, eq=False)
class AccessOptions(Group):
    """Access rules and limits."""

    env_prefix = "PARSE_SERVER_"

    protected_fields: Mapping[str, Mapping[str, tuple[str, ...]]] = option(
        {"_User": {"*": ("email",)}},
        PROTECTED_FIELDS,
        "Fields that are hidden: class → group → fields. Groups are `*`, `authenticated`, a user id, `role:R`, "
        "`userField:F`; a field is hidden when every group that applies hides it. The default is merged in.",
    )
    protected_fields_owner_exempt: bool = option(True, BOOLEAN, "Users see all fields of themselves.")
    protected_fields_trigger_exempt: bool = option(
        True, BOOLEAN, "Triggers see all fields of the original.", since="false in the reference."
    )
    protected_fields_save_response_exempt: bool = option(
        False, BOOLEAN, "Answers to writes show all fields.", since="true in the reference."
    )
    request_keyword_denylist: tuple[Mapping[str, Any] | str, ...] = option(
        ({"key": "_bsontype", "value": "Code"}, {"key": "constructor"}, {"key": "__proto__"}),
        KEYWORDS,
        "Keys, values, or both together that no request may contain anywhere; a text alone is a key.",
    )
    rate_limit: tuple[RateLimit, ...] = option(
        (), groups(RateLimit, refusal="rateLimit must be an array or object"), "How often requests may be made."
    )
    route_allow_list: tuple[re.Pattern[str], ...] | None = option(
        None,
        ROUTES,
        "Patterns for the whole path below the mount, without slashes around it; clients may use no other. An empty "
        "list blocks all.",
    )
    request_complexity: RequestComplexity = option(
        RequestComplexity(),
        group(RequestComplexity, refusal="requestComplexity must be an object."),
        "How much one request may ask.",
    )
    enable_sanitized_error_response: bool = option(
        True, BOOLEAN, "Clients read `Permission denied`; why is logged alone."
    )
    allow_aggregation_for_read_only_master_key: bool = option(True, BOOLEAN, "The read-only master key may aggregate.")
    idempotency_options: Idempotency = option(
        Idempotency(),
        group(Idempotency),
        "Requests that count once however often they arrive.",
        env="PARSE_SERVER_EXPERIMENTAL_IDEMPOTENCY_OPTIONS",
    )
    security: Security = option(
        Security(), group(Security, nullable=False), "The check of the configuration that the dashboard shows."
    )
    default_limit: int = option(100, DEFAULT_LIMIT, "Objects that a query without a limit gives.")
    max_limit: int | None = option(None, MAX_LIMIT, "The highest limit a query may have.")
    query: QueryOptions = option(QueryOptions(), group(QueryOptions), "How aggregation treats values.")
