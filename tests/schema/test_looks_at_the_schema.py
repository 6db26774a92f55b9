"""What a process does to know the classes that other processes make: seldom, and apart from what requests cost."""

from __future__ import annotations

import time

from parse_core.schema.cache import MAX_AGE, MAX_AGE_OF_ABSENCE
from tests.support.client import ApiClient


def test_a_class_that_is_known_is_looked_up_once_in_a_while(api: ApiClient) -> None:
    api.post("/classes/Known", {"x": 1}, master=True)
    began = time.monotonic()
    looks = sum(api.get("/classes/Known", master=True).upkeep for _ in range(30))
    assert looks <= 2 * (1 + (time.monotonic() - began) / MAX_AGE)


def test_a_class_that_is_not_there_costs_a_look_but_no_statement(api: ApiClient) -> None:
    for _ in range(5):
        time.sleep(2 * MAX_AGE_OF_ABSENCE)
        began = time.monotonic()
        reply = api.get("/classes/Unknown", master=True, query={"include": "a,b,c", "order": "x"})
        assert (reply.json, reply.statements) == ({"results": []}, 0)
        assert 1 <= reply.upkeep <= 1 + (time.monotonic() - began) / MAX_AGE_OF_ABSENCE
