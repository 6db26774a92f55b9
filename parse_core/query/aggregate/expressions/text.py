"""Texts: joined, cut, trimmed, measured. Null and missing make null, unless an operator says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from parse_core.query.aggregate.expressions.base import MISSING, Function, Named, call, compiled, register
from parse_core.query.aggregate.pipeline import Scope
from parse_core.query.regular_expressions import compiled as compiled_pattern
from parse_core.store.sql import Sql
from parse_core.values.scalars import Json


@register
class Concat(Function):
    name = "$concat"
    function = "parse.expression_concat"
    least, most = 0, None


@register
class SubstringOfBytes(Function):
    """`$substrBytes`: `[text, start, length]` in bytes of UTF-8; a negative length takes the rest."""

    name = "$substrBytes"
    function = "parse.expression_substr"
    least = most = 3
    tells_name = True


@register
class Substring(SubstringOfBytes):
    """`$substr`: the old name of `$substrBytes`."""

    name = "$substr"


@register
class SubstringOfCodePoints(SubstringOfBytes):
    """`$substrCP`: the same in characters."""

    name = "$substrCP"


@register
class ToLower(Function):
    """`$toLower`: of ASCII letters; null is the empty text."""

    name = "$toLower"
    function = "parse.expression_case"
    tells_name = True


@register
class ToUpper(ToLower):
    name = "$toUpper"


@register
class Trim(Named):
    """`$trim`: `{"input": …, "chars": …}`; without `chars`, blanks."""

    name = "$trim"
    required = ("input",)
    optional = ("chars",)

    def sql(self, raw: Json, scope: Scope) -> Sql:
        given = self.given(raw)
        chars = compiled(given["chars"], scope) if "chars" in given else MISSING
        return call("parse.expression_trim", Sql(f"'{self.name}'"), compiled(given["input"], scope), chars)


@register
class TrimLeft(Trim):
    name = "$ltrim"


@register
class TrimRight(Trim):
    name = "$rtrim"


@register
class Split(Function):
    name = "$split"
    function = "parse.expression_split"
    least = most = 2


@register
class LengthInCodePoints(Function):
    """`$strLenCP`: in characters; null and missing are refused."""

    name = "$strLenCP"
    function = "parse.expression_length"
    tells_name = True


@register
class LengthInBytes(LengthInCodePoints):
    name = "$strLenBytes"


@register
class IndexOf(Function):
    """`$indexOfCP`: `[text, part]`, -1 when it is not in it."""

    name = "$indexOfCP"
    function = "parse.expression_index_of"
    least = most = 2


@register
class ReplaceAll(Named):
    """`$replaceAll`: `{"input": …, "find": …, "replacement": …}`."""

    name = "$replaceAll"
    required = ("input", "find", "replacement")

    def sql(self, raw: Json, scope: Scope) -> Sql:
        values = self.given(raw)
        arguments = [compiled(values[name], scope) for name in self.required]
        return call("parse.expression_replace", Sql(f"'{self.name}'"), *arguments)


@register
class ReplaceOne(ReplaceAll):
    name = "$replaceOne"


@register
class RegexMatch(Named):
    """`$regexMatch`: `{"input": …, "regex": "…", "options": "…"}`; the pattern is a constant."""

    name = "$regexMatch"
    required = ("input", "regex")
    optional: ClassVar = ("options",)

    def sql(self, raw: Json, scope: Scope) -> Sql:
        given: Mapping[str, Json] = self.given(raw)
        pattern, options = given["regex"], given.get("options", "")
        if not isinstance(pattern, str) or not isinstance(options, str) or set(options) - set("imxsu"):
            raise self.refusal("needs a constant 'regex' with 'options' among i, m, s and x")
        text = call("parse.text_operand", Sql(f"'{self.name}'"), compiled(given["input"], scope))
        matching = text + Sql(' COLLATE "C" ~ %s', (compiled_pattern(pattern, options).sql,))
        return Sql("to_jsonb(coalesce(") + matching + Sql(", FALSE))")
