"""The `ACL` of a class's permissions becomes that of a new object which brings none."""

from __future__ import annotations

from typing import Any

import pytest

from parse_core.context import ANONYMOUS, MASTER, Principal
from parse_core.permissions.default_acl import default_acl
from parse_core.schema.classes import DEFAULT_FIELDS, ClassSchema

ANN = Principal(user_id="ann", roles=frozenset({"role:Admin"}))
OWN = {"*": {"read": True}, "currentUser": {"read": True, "write": True}}


@pytest.mark.parametrize(
    ("permissions", "caller", "acl"),
    [
        pytest.param(None, ANN, None, id="no permissions: public"),
        pytest.param({"find": {}}, ANN, None, id="permissions without ACL: public"),
        pytest.param({"ACL": {"*": {"read": True, "write": True}}}, ANN, None, id="the default: no ACL is stored"),
        pytest.param({"ACL": OWN}, ANN, {"*": {"read": True}, "ann": {"read": True, "write": True}}, id="own"),
        pytest.param({"ACL": OWN}, ANONYMOUS, {"*": {"read": True}}, id="nobody is the current user"),
        pytest.param({"ACL": OWN}, MASTER, {"*": {"read": True}}, id="the master key is nobody"),
        pytest.param({"ACL": {}}, ANN, {}, id="locked"),
        pytest.param({"ACL": {"role:Admin": {"read": True, "write": False}}}, ANN, {"role:Admin": {"read": True}},
                     id="false flags are dropped"),
    ],
)  # fmt: skip
def test_is_given_to_new_objects(permissions: Any, caller: Principal, acl: Any) -> None:
    schema = ClassSchema("Post", "app", "Post", DEFAULT_FIELDS, permissions)
    assert default_acl(schema, caller) == acl
