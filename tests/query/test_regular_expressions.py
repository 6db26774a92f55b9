"""`$regex` finds what a PCRE would, in SQL and in memory."""

from __future__ import annotations

import string
import time
from typing import Any

import orjson
import psycopg
import pytest

from parse_core.errors import ParseError
from parse_core.query.parse import parse_where
from parse_core.schema.classes import ClassSchema
from parse_core.store.sql import Row
from parse_core.values.scalars import Json
from tests.query.rows import CLIENT, FIELDS, MASTER, NAMESPACE, Rows, document

SCHEMA = ClassSchema("T", NAMESPACE, "T", FIELDS)

ASCII = "".join(chr(number) for number in range(32, 127))
TEXTS = [
    "", "abc", "ABC", "a.c", "a\nc", "one\ntwo\nthree", "foo bar", "foobar", "ÄÖ äö", "straße", "привет", "a\\Eb",
    "a'b\"c", "x{2}", "aa", "aab", "12", "a-b", "a]b", "tab\there", "100%", "$1", "^caret", "a_b", "ab\n", "#hash",
    "naïve NAÏVE", "😀",
]  # fmt: skip

# Pattern, options, and the texts it finds.
PATTERNS: list[tuple[str, str, list[str]]] = [
    ("", "", TEXTS),
    ("^abc$", "", ["abc"]),
    ("^abc$", "i", ["abc", "ABC"]),
    ("(?i)^abc$", "", ["abc", "ABC"]),
    ("a.c", "", ["abc", "a.c"]),
    ("a.c", "s", ["abc", "a.c", "a\nc"]),
    (r"a\.c", "", ["a.c"]),
    ("a[^x]c", "", ["abc", "a.c", "a\nc"]),
    ("^two$", "", []),
    ("^two$", "m", ["one\ntwo\nthree"]),
    ("^one.*three$", "", []),
    ("^one.*three$", "s", ["one\ntwo\nthree"]),
    ("^ONE.*three$", "mixs", ["one\ntwo\nthree"]),
    ("b$", "", ["a\\Eb", "aab", "a-b", "a]b", "a_b"]),
    ("b$", "m", ["a\\Eb", "aab", "a-b", "a]b", "a_b", "ab\n"]),
    (r"a b c # letters", "x", ["abc"]),
    (r"foo\ bar", "x", ["foo bar"]),
    ("[ ]bar", "x", ["foo bar"]),
    (r"\#", "x", ["#hash"]),
    (r"\bfoo\b", "", ["foo bar"]),
    (r"foo\B", "", ["foobar"]),
    (r"^\w+$", "", ["abc", "ABC", "foobar", "aa", "aab", "12", "a_b"]),
    (r"^\d+$", "", ["12"]),
    (r"^\S+\s\S+$", "", ["a\nc", "foo bar", "ÄÖ äö", "tab\there", "naïve NAÏVE"]),
    (r"^[\d\s]+$", "", ["12"]),
    (r"\D", "", [text for text in TEXTS if text not in ("", "12")]),
    ("ö", "", ["ÄÖ äö"]),
    ("^äö", "i", ["ÄÖ äö"]),
    ("^äö", "", []),
    ("ПРИ", "i", ["привет"]),
    ("^[Б-Я]+$", "i", ["привет"]),
    ("^[в-я]+$", "", ["привет"]),
    ("naïve naïve", "i", ["naïve NAÏVE"]),
    (r"^(?:a|b){2,3}$", "", ["aa", "aab"]),
    (r"^a{2}$", "", ["aa"]),
    (r"^a+?b", "", ["abc", "aab", "ab\n"]),
    (r"x{2}", "", []),
    (r"x\{2\}", "", ["x{2}"]),
    ("x{", "", ["x{2}"]),
    (r"^(a)\1", "", ["aa", "aab"]),
    (r"^(?P<first>a)\k<first>$", "", ["aa"]),
    (r"foo(?= bar)", "", ["foo bar"]),
    (r"foo(?!bar)", "", ["foo bar"]),
    (r"(?<=foo )bar", "", ["foo bar"]),
    (r"(?<!foo )bar", "", ["foobar"]),
    (r"(?<! )BAR", "i", ["foobar"]),
    (r"(?=.*ö)ä", "i", ["ÄÖ äö"]),
    (r"^(?=two$)", "m", ["one\ntwo\nthree"]),
    (r"^(?=a)aa$(?!x)", "", ["aa"]),
    (r"\Qa.c\E", "", ["a.c"]),
    (r"^\Qa.c\E$", "", ["a.c"]),
    (r"\Qa.c", "", ["a.c"]),
    (r"\Qa\E\\E\Qb\E", "", ["a\\Eb"]),
    (r"^\Qa\E.\Qc\E$", "", ["abc", "a.c"]),
    (r"\Qa'b" + '"' + r"c\E", "", ["a'b\"c"]),
    (r"\Q$1\E", "", ["$1"]),
    (r"\Q^c\E", "", ["^caret"]),
    (r"\Q%\E", "", ["100%"]),
    (r"\QÄö\E", "i", ["ÄÖ äö"]),
    (r"\Q#\E", "x", ["#hash"]),
    (r"a\Qb\E*", "", [text for text in TEXTS if "a" in text]),
    ("😀", "", ["😀"]),
    (r"\x61\u0062c", "", ["abc"]),
    (r"\x{61}b", "", ["abc", "aab", "tab\there", "ab\n"]),
    (r"\t", "", ["tab\there"]),
    (r"[]a]b", "", ["abc", "aab", "a]b", "tab\there", "ab\n"]),
    (r"a[\]\-]b", "", ["a-b", "a]b"]),
    (r"a[-x]b", "", ["a-b"]),
    (r"[[:upper:]]{2}", "", ["ABC", "naïve NAÏVE"]),
    (r"\Aabc\z", "", ["abc"]),
    (r"(?#comment)^abc$", "", ["abc"]),
    ("abc|12", "", ["abc", "12"]),
    ("^(|abc)$", "", ["", "abc"]),
    ("abc", "u", ["abc"]),
    ("' OR TRUE --", "", []),
    ("%s %(x)s %%", "", []),
]
MALFORMED = [
    "[", "(", ")", "a)", "(?<", "*a", "a**", "a++", "a{2,1}", "a{1000}", "[b-a]", "\\", "(?>a)", r"\p{L}", r"(a)\2",
    r"\k<x>", "^*", "(?=a)*", "[a", r"[\]", r"\xZZ", r"\x{110000}", r"\y", "(?i:a)", "(*VERB)", "a\0", "(?P=x)",
    "(?R)", "+",
]  # fmt: skip


@pytest.fixture(scope="module")
def texts(connection: psycopg.Connection[Any]) -> Rows:
    documents = [
        document(str(number), s=text, a=[5, text], o={"k": text, "l": [None, {"m": text}]})
        for number, text in enumerate(TEXTS)
    ]
    return Rows.of(connection, documents)


@pytest.mark.parametrize("path", ["s", "a", "a.1", "o.k", "o.l.m"])
@pytest.mark.parametrize(("pattern", "options", "expected"), PATTERNS)
def test_a_pattern_finds(texts: Rows, pattern: str, options: str, expected: list[str], path: str) -> None:
    where = {path: {"$regex": pattern, "$options": options} if options else {"$regex": pattern}}
    assert [TEXTS[int(found)] for found in texts.in_memory(where, CLIENT)] == expected
    assert [TEXTS[int(found)] for found in texts.in_sql(where, CLIENT)] == expected


@pytest.mark.parametrize("pattern", MALFORMED)
def test_a_malformed_pattern_is_refused(texts: Rows, pattern: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_where({"s": {"$regex": pattern}}, texts.schema, MASTER)
    assert (caught.value.code, caught.value.message) == (102, "Invalid regular expression")


def quoted(text: str) -> str:
    r"""As SDKs quote a text: `\Q…\E`, a `\E` inside it as `\E\\E\Q`."""
    return r"\Q" + text.replace(r"\E", r"\E\\E\Q") + r"\E"


@pytest.mark.parametrize("options", ["", "i", "x", "ms"])
@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^{}", ["starts", "is", "twice"]),
        ("{}$", ["ends", "is", "twice"]),
        ("{}", ["starts", "ends", "contains", "is", "twice"]),
        ("^{}$", ["is"]),
    ],
)
@pytest.mark.parametrize("text", [ASCII, ASCII[::-1], r"\E", r"a\E\Eb", r"\Q\E", "'; DROP TABLE", *string.punctuation])
def test_sdk_quoting_finds_every_text(
    connection: psycopg.Connection[Any], text: str, pattern: str, expected: list[str], options: str
) -> None:
    stored = {"starts": f"{text}z", "ends": f"z{text}", "contains": f"z{text}z", "is": text, "twice": f"{text}z{text}"}
    where: Json = {"s": {"$regex": pattern.format(quoted(text)), **({"$options": options} if options else {})}}
    node = parse_where(where, SCHEMA, CLIENT)
    documents = [document(name, s=value) for name, value in [*stored.items(), ("none", "q")]]
    assert [each["objectId"] for each in documents if node.matches(each)] == expected
    statement = node.sql(Row("t"))
    source = "SELECT t.object_id FROM jsonb_to_recordset(%s::jsonb) AS t(object_id text, data jsonb) WHERE "
    given = orjson.dumps([{"object_id": each["objectId"], "data": each} for each in documents]).decode()
    found = connection.execute(source + statement.text, (given, *statement.params))
    assert [row[0] for row in found] == expected


def test_all_finds_arrays_with_elements_that_start_with_each_text(connection: psycopg.Connection[Any]) -> None:
    rows = Rows.of(
        connection,
        [document("x", a=["he said", "she said"]), document("y", a=["he said"]), document("z", a=["a he", "she"])],
    )
    where = {"a": {"$all": [{"$regex": "^\\Qhe\\E"}, {"$regex": "^\\Qshe\\E"}]}}
    assert rows.in_sql(where, CLIENT) == rows.in_memory(where, CLIENT) == ["x"]


CATASTROPHIC = ["(a+)+$", "(a|a)*$", "(a*)*b", "((a+)+)+$", r"(a+)+\1$", "(?=(a+)+$)b", r"^(a+)+$(?!x)"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_a_catastrophic_pattern_is_bounded(pattern: str) -> None:
    node = parse_where({"s": {"$regex": pattern}}, SCHEMA, CLIENT)
    start = time.perf_counter()
    node.matches(document("x", s="a" * 5000 + "!"))
    assert time.perf_counter() - start < 0.3


def test_a_pattern_never_matches_what_is_no_text(matrix: Rows) -> None:
    for name in ("n", "b", "d", "o", "p", "g", "nosuch", "createdAt"):
        where = {name: {"$regex": ""}}
        assert matrix.in_sql(where, CLIENT) == matrix.in_memory(where, CLIENT) == [], name
