"""Operations written as JSON are read as the same operations."""

from __future__ import annotations

import pytest

from parse_core.operations.base import Operation
from parse_core.operations.data import Add, AddUnique, Increment, Remove, Set, SetOnInsert, Unset
from parse_core.operations.encode import encode
from parse_core.operations.parse import parse_operation
from parse_core.operations.relations import LinkChange
from parse_core.values.nested import FileAddresses
from parse_core.values.scalars import pointer

FILES = FileAddresses("parse-file://x/", lambda _url: None)


@pytest.mark.parametrize(
    "operation",
    [
        Set(5),
        Set(None),
        Set({"a": [1, {"b": None}]}),
        Set(pointer("Post", "p1")),
        Unset(),
        Increment(-0.5),
        Add([1, "a"]),
        AddUnique([pointer("Post", "p1")]),
        Remove([None]),
        SetOnInsert("new"),
        LinkChange("Post", ("a", "b")),
        LinkChange("Post", (), ("a",)),
        LinkChange("Post", ("a",), ("b",)),
    ],
    ids=repr,
)
def test_an_operation_is_read_as_it_was_written(operation: Operation) -> None:
    assert parse_operation(encode(operation), FILES) == operation


def test_what_changes_no_link_and_what_takes_all_away_are_written_as_clients_write_them() -> None:
    assert encode(LinkChange(None)) == {"__op": "AddRelation", "objects": []}
    assert encode(LinkChange("Post", clear=True)) == {"__op": "Delete"}
