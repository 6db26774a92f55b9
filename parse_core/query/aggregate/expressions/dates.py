"""Parts of dates, in UTC or in the time zone that is named: `"$d"` or `{"date": "$d", "timezone": "Europe/Paris"}`."""

from __future__ import annotations

from parse_core.query.aggregate.expressions.base import MISSING, NULL, Named, call, compiled, register
from parse_core.query.aggregate.pipeline import Scope
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


class DatePart(Named):
    """One number of a date; null and missing make null."""

    required = ("date",)
    optional = ("timezone",)

    def sql(self, raw: Json, scope: Scope) -> Sql:
        if isinstance(raw, list):
            if len(raw) != 1:
                raise self.refusal(f"does not take {len(raw)} arguments")
            raw = raw[0]
        given = self.given(raw if isinstance(raw, dict) and "date" in raw else {"date": raw})
        zone = compiled(given["timezone"], scope) if "timezone" in given else MISSING
        return call("parse.expression_date_part", Sql(f"'{self.name}'"), compiled(given["date"], scope), zone)


@register
class Year(DatePart):
    name = "$year"


@register
class Month(DatePart):
    name = "$month"


@register
class DayOfMonth(DatePart):
    name = "$dayOfMonth"


@register
class DayOfYear(DatePart):
    name = "$dayOfYear"


@register
class DayOfWeek(DatePart):
    """`$dayOfWeek`: 1 is Sunday."""

    name = "$dayOfWeek"


@register
class Week(DatePart):
    """`$week`: weeks begin on Sunday, and 0 is what is before the first one."""

    name = "$week"


@register
class IsoWeek(DatePart):
    name = "$isoWeek"


@register
class IsoWeekYear(DatePart):
    name = "$isoWeekYear"


@register
class IsoDayOfWeek(DatePart):
    """`$isoDayOfWeek`: 1 is Monday."""

    name = "$isoDayOfWeek"


@register
class Hour(DatePart):
    name = "$hour"


@register
class Minute(DatePart):
    name = "$minute"


@register
class Second(DatePart):
    name = "$second"


@register
class Millisecond(DatePart):
    name = "$millisecond"


@register
class DateToString(Named):
    """`$dateToString`: `{"date": …, "format": "%Y-%m-%d", "timezone": …, "onNull": …}`."""

    name = "$dateToString"
    required = ("date",)
    optional = ("format", "timezone", "onNull")

    def sql(self, raw: Json, scope: Scope) -> Sql:
        given = self.given(raw)
        arguments = [
            compiled(given[name], scope) if name in given else MISSING for name in ("date", "format", "timezone")
        ]
        on_null = compiled(given["onNull"], scope) if "onNull" in given else NULL
        return call("parse.expression_date_to_string", *arguments, on_null)
