"""The values we ship are the safe ones (`contract/hostile.md` §8)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.options import Options

LIMITS = {
    "include_depth": 10,
    "include_count": 100,
    "subquery_depth": 10,
    "query_depth": 10,
    "graphql_depth": 20,
    "graphql_fields": 200,
    "batch_request_limit": 100,
}
OFF = (
    "allow_client_class_creation",
    "allow_custom_object_id",
    "enable_insecure_auth_adapters",
    "graphql_public_introspection",
)
ON = (
    "enable_sanitized_error_response",
    "enforce_private_users",
    "expire_inactive_sessions",
    "revoke_session_on_password_reset",
)


@pytest.fixture(scope="module")
def options() -> Options:
    return Options.parse({"appId": "x", "masterKey": "y", "serverURL": "http://localhost/parse"})


@pytest.mark.parametrize(("name", "value"), LIMITS.items(), ids=LIMITS)
def test_requests_are_limited(options: Options, name: str, value: int) -> None:
    assert getattr(options.request_complexity, name) == value


@pytest.mark.parametrize("name", ["client_class_limit", "client_field_limit"])
def test_what_clients_bring_about_is_limited(options: Options, name: str) -> None:
    assert 0 < getattr(options, name) <= 1000


@pytest.mark.parametrize("name", OFF)
def test_what_opens_a_server_is_off(options: Options, name: str) -> None:
    assert getattr(options, name) is False


@pytest.mark.parametrize("name", ON)
def test_what_closes_a_server_is_on(options: Options, name: str) -> None:
    assert getattr(options, name) is True


@pytest.mark.parametrize("key", ["master_key_ips", "read_only_master_key_ips", "maintenance_key_ips"])
@pytest.mark.parametrize(("address", "admitted"), [("127.0.0.1", True), ("::1", True), ("203.0.113.7", False)])
def test_keys_of_the_server_are_for_this_machine(options: Options, key: str, address: str, admitted: bool) -> None:
    assert getattr(options, key).admits(address) is admitted


def test_words_of_prototypes_are_prohibited(options: Options) -> None:
    words = [entry.get("key") for entry in options.request_keyword_denylist if not isinstance(entry, str)]
    assert {"_bsontype", "constructor", "__proto__"} <= set(words)


def test_addresses_are_private(options: Options) -> None:
    assert "email" in options.protected_fields["_User"]["*"]


def test_files_of_other_hosts_are_refused(options: Options) -> None:
    domains: Any = options.file_upload.allowed_file_url_domains
    assert domains is None or "*" not in domains
