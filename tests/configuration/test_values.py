"""What options become: defaults, types, and what follows from other options."""

from __future__ import annotations

import re
from typing import Any

import pytest

from parse_core.options import AddressRanges, Options
from parse_core.options.describing import described
from parse_core.options.rate_limit import RateLimit
from parse_core.options.route_pattern import InvalidRoutePattern, route_pattern


def parse(**options: Any) -> Options:
    return Options.parse({"appId": "app", "masterKey": "master", **options})


def test_defaults_are_the_safe_ones() -> None:
    options = parse()
    assert options.read_only_master_key_ips == ("127.0.0.1", "::1")
    assert options.allow_client_class_creation is False
    assert options.enforce_private_users is True
    assert options.enable_sanitized_error_response is True
    assert options.protected_fields_owner_exempt is True
    assert options.protected_fields_trigger_exempt is True
    assert options.protected_fields_save_response_exempt is False
    assert options.installation.duplicate_device_token_action_enforce_auth is False
    assert options.pages.encode_page_param_headers is True
    assert options.enable_product_purchase_legacy_api is False
    limits = options.request_complexity
    assert (limits.include_depth, limits.include_count, limits.subquery_depth, limits.query_depth) == (10, 100, 10, 10)
    assert (limits.graphql_depth, limits.graphql_fields, limits.batch_request_limit) == (20, 200, 100)
    assert (limits.subquery_limit, limits.allow_regex) == (-1, True)


def test_the_server_url_follows_from_port_and_mount_path() -> None:
    assert parse().server_url == "http://localhost:1337/parse"
    assert parse(port=80, mountPath="/api").server_url == "http://localhost:80/api"
    assert parse(serverURL="https://example.com/parse/").server_url == "https://example.com/parse"


@pytest.mark.parametrize(
    ("size", "expected"),
    [("20mb", 20 << 20), ("1KB", 1024), ("1.5kb", 1536), ("10", 10), (512, 512), ("2gb", 2 << 30), ("7b", 7)],
)
def test_sizes_are_bytes(size: object, expected: int) -> None:
    assert parse(maxUploadSize=size).max_upload_size == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"_User": {"*": ("email",)}}),
        (
            {"protectedFields": {"Post": {"*": ["body"]}}},
            {"Post": {"*": ("body",)}, "_User": {"*": ("email",)}},
        ),
        ({"protectedFields": {"_User": {"*": ["phone"]}}}, {"_User": {"*": ("phone", "email")}}),
        (
            {"protectedFields": {"_User": {"role:Admin": []}}},
            {"_User": {"role:Admin": (), "*": ("email",)}},
        ),
        (
            {"protectedFields": {"_User": {"*": ["phone"]}}, "protectedFieldsOwnerExempt": False},
            {"_User": {"*": ("phone",)}},
        ),
        ({"userSensitiveFields": ["phone"]}, {"_User": {"*": ("email", "phone")}}),
    ],
)
def test_protected_fields_have_the_default_ones_merged_in(options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert parse(**options).protected_fields == expected


@pytest.mark.parametrize(
    ("ranges", "address", "admitted"),
    [
        (["127.0.0.1", "::1"], "127.0.0.1", True),
        (["127.0.0.1", "::1"], "::1", True),
        (["127.0.0.1"], "::ffff:127.0.0.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["10.0.0.0/8"], "10.20.30.40", True),
        (["10.1.2.3/8"], "10.20.30.40", True),
        (["0.0.0.0/0"], "8.8.8.8", True),
        (["0.0.0.0"], "8.8.8.8", True),  # noqa: S104 - an option
        (["0.0.0.0/0"], "2001:db8::1", False),
        (["::/0"], "8.8.8.8", False),
        (["::0"], "2001:db8::1", True),
        (["::"], "fe80::1%eth0", True),
        ([], "127.0.0.1", False),
        (["0.0.0.0/0", "::/0"], "", False),
        (["0.0.0.0/0", "::/0"], "unknown", False),
    ],
)
def test_address_ranges_admit(ranges: list[str], address: str, admitted: bool) -> None:
    assert AddressRanges(ranges).admits(address) is admitted


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/login", "/login", True),
        ("/login", "/LOGIN/", True),
        ("/login", "/verifyPassword", False),
        ("/login", "/login/x", False),
        ("/functions/:name", "/functions/hello", True),
        ("/functions/:name", "/functions/hello/x", False),
        ("/functions/*path", "/functions/a/b", True),
        ("/functions/*path", "/functions", False),
        ("/users{/*path}", "/users", True),
        ("/users{/*path}", "/users/a/b", True),
        ("/users{/*path}", "/usersx", False),
        ('/a/:"quoted name"', "/a/b", True),
        ("/a\\:b", "/a:b", True),
        ("/a.b", "/axb", False),
    ],
)
def test_route_patterns_match(pattern: str, path: str, matches: bool) -> None:
    assert (route_pattern(pattern).fullmatch(path) is not None) is matches


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("/a?", "Unexpected ? at index 2"),
        ("/(.*)", "Unexpected ( at index 1"),
        ("/x:", "Missing parameter name at index 3"),
        ("/a{", "Unexpected end at index 3, expected }"),
        ("/a}", "Unexpected } at index 2"),
        ("/f/\\", "Unexpected end after \\ at index 4"),
    ],
)
def test_route_patterns_are_refused_with_the_place(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidRoutePattern, match=re.escape(reason)):
        route_pattern(pattern)


def test_a_rate_limit_counts_the_methods_it_names() -> None:
    entry = {"requestPath": "/login", "requestTimeWindow": 1000, "requestCount": 1}
    every, posts, pattern = (
        limit
        for methods in ({}, {"requestMethods": ["post"]}, {"requestMethods": re.compile("PUT|POST")})
        for limit in parse(rateLimit=[{**entry, **methods}]).rate_limit
    )
    assert isinstance(every, RateLimit)
    assert every.counts("GET")
    assert posts.counts("POST")
    assert not posts.counts("GET")
    assert pattern.counts("PUT")
    assert not pattern.counts("DELETE")


def test_files_that_browsers_run_are_not_allowed() -> None:
    allowed = parse().file_upload.file_extensions[0]
    assert all(allowed.search(extension) for extension in ("png", "jpg", "txt", "pdf", "json"))
    assert not any(allowed.search(extension) for extension in ("html", "HTM", "svg", "xhtml", "svg+xml", "mathml"))


def test_a_description_shows_no_secrets() -> None:
    options = parse(clientKey="client", auth={"google": {"clientSecret": "s"}}, liveQuery={"redisURL": "redis://x"})
    shown = described(options)
    assert shown["masterKey"] == shown["clientKey"] == shown["auth"] == shown["liveQuery"]["redisURL"] == "<REDACTED>"
    assert shown["javascriptKey"] is None
    assert shown["appId"] == "app"
    assert shown["masterKeyIps"] == ["127.0.0.1", "::1"]
    assert described(options, secrets=True)["masterKey"] == "master"
    assert "'master'" not in repr(options)
    assert "redis://" not in repr(options)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("mountPlayground", True),
        ("allowExpiredAuthDataToken", True),
        ("enableInsecureAuthAdapters", True),
        ("enableProductPurchaseLegacyApi", True),
        ("userSensitiveFields", ["phone"]),
    ],
)
def test_a_deprecated_option_warns_when_it_is_not_at_its_safe_value(option: str, value: object) -> None:
    (line,) = parse(**{option: value}).notices.deprecations
    assert line.startswith(f"DeprecationWarning: The Parse Server option '{option}' is deprecated and will be removed")
    safe: object = [] if isinstance(value, list) else False
    assert parse(**{option: safe}).notices.deprecations == ()


def test_an_option_knows_whether_it_was_set() -> None:
    options = parse(port=1337, fileUpload={"enableForPublic": False})
    assert options.set_explicitly("port")
    assert not options.set_explicitly("host")
    assert options.file_upload.set_explicitly("enableForPublic")
