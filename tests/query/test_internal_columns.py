"""What no client may read can be asked about with the master key, and by nobody else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from parse_core.errors import InvalidKeyName
from parse_core.query.parse import INTERNAL, parse_where
from parse_core.values.scalars import Json
from tests.query.rows import CLIENT, MASTER, Rows, document

CASES: list[tuple[Json, str]] = [
    ({"_email_verify_token": "t1"}, "A"),
    ({"_email_verify_token": {"$ne": "t1"}}, "B C"),
    ({"_email_verify_token": None}, "B C"),
    ({"_email_verify_token": {"$exists": True}}, "A"),
    ({"_email_verify_token": {"$in": ["t0", "t1"]}}, "A"),
    ({"_failed_login_count": {"$gte": 2}}, "B"),
    ({"_failed_login_count": 3.0}, "B"),
    ({"_password_history": "h2"}, "B"),
    ({"_password_history": {"$all": ["h1", "h2"]}}, "B"),
    ({"_rperm": "u1"}, "B"),
    ({"_rperm": {"$in": ["*", "u2"]}}, "C"),
    ({"_rperm": {"$exists": False}}, "A"),
    ({"_rperm": {"$all": ["u1", "role:x"]}}, "B"),
]


@pytest.fixture(scope="module")
def internal(connection: psycopg.Connection[Any]) -> Rows:
    return Rows.of(
        connection,
        [
            document("A", _email_verify_token="t1"),
            document(
                "B", _failed_login_count=3, _password_history=["h1", "h2"],
                ACL={"u1": {"read": True}, "role:x": {"read": True}, "u2": {"write": True}},
            ),
            document("C", ACL={"*": {"read": True}}),
        ],
    )  # fmt: skip


@pytest.mark.parametrize(("where", "expected"), CASES)
def test_with_the_master_key(internal: Rows, where: Json, expected: str) -> None:
    assert " ".join(internal.in_sql(where, MASTER)) == expected


@pytest.mark.parametrize("name", sorted(INTERNAL))
def test_never_by_a_client(internal: Rows, name: str) -> None:
    for where in ({name: 1}, {"$or": [{name: {"$ne": 1}}]}, {"$nor": [{"$and": [{name: None}]}]}):
        with pytest.raises(InvalidKeyName):
            parse_where(where, internal.schema, CLIENT)
        parse_where(where, internal.schema, MASTER)
