"""The arithmetic of schedules, as a table: given the row and the present, the slot that should have run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from parse_cloud.jobs.schedule import Schedule

DAILY = {"repeatMinutes": 1440, "timeOfDay": "10:30:00.000Z"}
HOURLY = {"repeatMinutes": 60, "timeOfDay": "22:15:00.000Z"}
WEEKDAYS = [0, 1, 1, 1, 1, 1, 0]  # index 0 is Sunday
FRIDAY, SATURDAY, SUNDAY, MONDAY = "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"


@pytest.mark.parametrize(
    ("row", "now", "due"),
    [
        pytest.param({}, f"{FRIDAY}T09:00", f"{FRIDAY}T08:00", id="once, at the start"),
        pytest.param({}, f"{FRIDAY}T07:59", None, id="once, not yet"),
        pytest.param({}, f"{MONDAY}T00:00", f"{FRIDAY}T08:00", id="once, missed for days"),
        pytest.param({"timeOfDay": "10:30"}, f"{FRIDAY}T10:29", None, id="once at a time, not yet"),
        pytest.param({"timeOfDay": "10:30"}, f"{FRIDAY}T10:30", f"{FRIDAY}T10:30", id="once at a time"),
        pytest.param({"timeOfDay": "07:00"}, f"{FRIDAY}T23:00", None, id="once at a time that has passed today"),
        pytest.param({"timeOfDay": "07:00"}, f"{SATURDAY}T07:00", f"{SATURDAY}T07:00", id="… is tomorrow"),
        pytest.param(
            {"timeOfDay": "07:00", "daysOfWeek": WEEKDAYS}, f"{MONDAY}T09:00", f"{MONDAY}T07:00", id="… or on Monday"
        ),
        pytest.param(DAILY, f"{FRIDAY}T10:29", None, id="daily, before the first time"),
        pytest.param(DAILY, f"{FRIDAY}T23:59", f"{FRIDAY}T10:30", id="daily, the first"),
        pytest.param(DAILY, f"{SUNDAY}T10:29", f"{SATURDAY}T10:30", id="daily, yesterday's was missed"),
        pytest.param(DAILY, f"{SUNDAY}T10:30", f"{SUNDAY}T10:30", id="daily, the third"),
        pytest.param({**DAILY, "daysOfWeek": WEEKDAYS}, f"{SUNDAY}T12:00", f"{FRIDAY}T10:30", id="not at weekends"),
        pytest.param({**DAILY, "daysOfWeek": ["0", "true", 1, 1, 1, 1, False]}, f"{SUNDAY}T12:00", f"{FRIDAY}T10:30",
                     id="flags as texts"),
        pytest.param({**DAILY, "daysOfWeek": []}, f"{SUNDAY}T12:00", f"{SUNDAY}T10:30", id="no flags: every day"),
        pytest.param(HOURLY, f"{FRIDAY}T23:14", f"{FRIDAY}T22:15", id="every hour of the evening, the first"),
        pytest.param(HOURLY, f"{SATURDAY}T12:00", f"{FRIDAY}T23:15", id="… ends with the day"),
        pytest.param({"repeatMinutes": 90}, f"{FRIDAY}T12:31", f"{FRIDAY}T12:30", id="every 90 minutes from the start"),
        pytest.param({"repeatMinutes": 90}, f"{SATURDAY}T00:31", f"{SATURDAY}T00:30", id="… over midnight"),
        pytest.param({"repeatMinutes": 90, "daysOfWeek": WEEKDAYS}, f"{SUNDAY}T12:31", f"{FRIDAY}T23:00",
                     id="… not at weekends"),
        pytest.param({"repeatMinutes": 0}, f"{FRIDAY}T09:00", f"{FRIDAY}T08:00", id="every 0 minutes is once"),
        pytest.param({"repeatMinutes": "60"}, f"{FRIDAY}T12:00", f"{FRIDAY}T08:00", id="minutes that are no number"),
        pytest.param({"timeOfDay": "25:00"}, f"{FRIDAY}T09:00", f"{FRIDAY}T08:00", id="a time that is none"),
    ],
)  # fmt: skip
def test_a_schedule_that_began_on_friday_at_eight(row: dict[str, Any], now: str, due: str | None) -> None:
    schedule = Schedule.parse({"startAfter": f"{FRIDAY}T08:00:00.000Z", **row})
    assert schedule is not None
    slot = schedule.due(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (slot and slot.strftime("%Y-%m-%dT%H:%M")) == due


@pytest.mark.parametrize("start", ["", "soon", None, 5, "2026-13-01T00:00:00Z"])
def test_a_schedule_without_a_start_is_never_due(start: object) -> None:
    assert Schedule.parse({"startAfter": start}) is None
