"""What a process does to know the classes that other processes make: seldom, and apart from what requests cost."""

from __future__ import annotations

import time

from parse_core.application import Application
from parse_core.schema.cache import MAX_AGE, MAX_AGE_OF_ABSENCE, SchemaCache
from parse_core.store.database import counting
from parse_core.store.sql import Sql
from tests.support.client import ApiClient

LOOK = 4  # statements at most: the version, and where it is another one, what changed


def test_a_class_that_is_known_is_looked_up_once_in_a_while(api: ApiClient) -> None:
    api.post("/classes/Known", {"x": 1}, master=True)
    began = time.monotonic()
    looks = sum(api.get("/classes/Known", master=True).upkeep for _ in range(30))
    assert looks <= LOOK * (1 + (time.monotonic() - began) / MAX_AGE)


def test_a_class_that_is_not_there_costs_a_look_but_no_statement(api: ApiClient) -> None:
    looks, most = 0, 0.0
    for _ in range(5):
        time.sleep(2 * MAX_AGE_OF_ABSENCE)
        began = time.monotonic()
        reply = api.get("/classes/Unknown", master=True, query={"include": "a,b,c", "order": "x"})
        assert (reply.json, reply.statements) == ({"results": []}, 0)
        looks += reply.upkeep
        most += LOOK * (1 + (time.monotonic() - began) / MAX_AGE_OF_ABSENCE)
    assert 1 <= looks <= most  # the listener of the process may have looked at the same moment


def test_another_process_learns_of_every_change_by_reading_what_changed(
    api: ApiClient, application: Application
) -> None:
    for name in ("Same", "Changed", "Dropped", "Remade"):
        api.post(f"/schemas/{name}", {"fields": {"old": {"type": "String"}}}, master=True)
    other = SchemaCache(application)
    other.refresh()
    same = other["Same"]
    api.put("/schemas/Changed", {"fields": {"new": {"type": "String"}}}, master=True)
    api.post("/classes/Same2", {"x": 1}, master=True)
    for name in ("Dropped", "Remade"):
        api.delete(f"/schemas/{name}", master=True)
    api.post("/schemas/Remade", {"fields": {"other": {"type": "String"}}}, master=True)
    with counting() as statements:
        other.refresh()
    assert len(statements.upkeep) == 4  # the version, the changes, how many classes there are, and which
    assert "new" in other["Changed"].fields
    assert {"other", "old"} & other["Remade"].fields.keys() == {"other"}
    assert other["Same"] is same
    assert (other["Same2"].exists, other["Dropped"].exists) == (True, False)
    assert {name: schema.version for name, schema in other.items()} == {
        name: schema.version for name, schema in application.schemas.items()
    }


def test_a_registry_that_takes_the_place_of_another_is_read_as_a_whole(
    api: ApiClient, application: Application
) -> None:
    api.post("/classes/Old", {"x": 1}, master=True)
    other = SchemaCache(application)
    other.refresh()
    registry = Sql("UPDATE parse_application SET schema_version = %s WHERE application_id = %s RETURNING 1")
    version = max(schema.version for schema in other.values())
    application.database.fetch(Sql(registry.text, (0, application.id)))
    other.refresh()
    application.database.fetch(Sql(registry.text, (version + 1, application.id)))
    other.refresh()
    assert other["Old"].exists
