"""`$text`: words of any language, phrases and exclusions, in both faces; and how well rows answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from parse_core.errors import ParseError
from parse_core.query.full_text import Question
from parse_core.query.parse import parse_where
from parse_core.query.ranking import score
from parse_core.query.scope import ParseScope
from parse_core.store.sql import Row, Sql
from parse_core.store.text_search import LANGUAGES, vector_index
from parse_core.values.scalars import Json
from tests.query.places import Places, places, plan, point
from tests.query.rows import Rows, document

pytestmark = pytest.mark.xdist_group("postgis")

SUBJECTS = {
    "c": "coffee",
    "S": "Coffee Shopping",
    "k": "Baking a cake",
    "b": "baking",
    "É": "Café Con Leche",
    "Я": "Сырники",
    "m": "coffee and cream",
    "e": "Cafe con Leche",
}
OTHERS = {
    "be": "To be, or not to be: that is the question",
    "shop": "the best shop.example/coffee-beans in town",
    "ru": "Большой дом, ёлка",
    "fr": "J'ai aimé l'été à la mer",
    "tr": "naïve Ångström",
    "empty": "",
    "signs": "!!! ' & | : * (",
}


@pytest.fixture(scope="module", params=["database_url", "postgis_url"])
def texts(request: pytest.FixtureRequest) -> Iterator[Places]:
    """The subjects of the contract, and some more, on the embedded PostgreSQL and on the operating system's."""
    subjects = [document(name, s=text, o={"t": text}, a=[text]) for name, text in SUBJECTS.items()]
    others = [document(name, s=text, o={"t": [text, 5]}) for name, text in OTHERS.items()]
    documents = (*subjects, *others, document("null", s=None), document("none", n=5))
    with places(request.getfixturevalue(request.param), documents) as found:
        yield found


def search(term: str, **options: Json) -> Json:
    return {"$text": {"$search": {"$term": term, **{f"${name}": value for name, value in options.items()}}}}


CASES: list[tuple[Json, str]] = [
    # the contract's table
    (search("coffee"), "c S m shop"),
    (search("leche", language="spanish"), "É e"),
    (search("CAFÉ", diacriticSensitive=True), "É"),
    (search("CAFÉ"), "É e"),
    (search("CAFÉ", diacriticSensitive=False), "É e"),
    (search("Coffee", caseSensitive=True), "S"),
    (search("сырник", language="ru"), "Я"),
    # words: any of them, stemmed, without stop words
    (search("coffee baking"), "c S k b m shop"),
    (search("bakes"), "k b"),
    (search("the bake"), "k b"),
    (search("the and a"), ""),
    (search("the", language="none"), "be shop"),
    (search("shops"), "S shop"),
    (search("shops", language="none"), ""),
    (search("shops", language="simple"), ""),
    (search("example"), "shop"),
    (search("shop.example"), "S shop"),
    (search("beans"), "shop"),
    (search("COFFEE"), "c S m shop"),
    (search("СЫРНИКИ"), "Я"),
    (search("большая", language="russian"), "ru"),
    (search("елка", language="ru"), "ru"),
    (search("aimer", language="fr"), "fr"),
    (search("ete", language="fr"), "fr"),
    (search("naive angstrom"), "tr"),
    (search("naive", diacriticSensitive=True), ""),
    (search("NAÏVE", diacriticSensitive=True), "tr"),
    # phrases must be there, whatever else is
    (search('"coffee and cream"'), "m"),
    (search('"and coffee"'), ""),
    (search('"COFFEE AND"'), "m"),
    (search('"coffee, and: cream"'), "m"),
    (search('"not to be" question'), "be"),
    (search('"coffee" baking'), "c S m shop"),
    (search('"coffee" "cream"'), "m"),
    (search('"offee"'), ""),
    (search('"café con"'), "É e"),
    (search('"café con"', diacriticSensitive=True), "É"),
    (search('"con Leche"', caseSensitive=True), "e"),
    (search('"Con Leche"', caseSensitive=True), "É"),
    (search('"coffee and'), "m"),
    (search('"?!" coffee'), "c S m shop"),
    # exclusions
    (search("coffee -shop"), "c m"),
    (search("coffee -shopping -cream"), "c"),
    (search("coffee -the"), "c S m shop"),
    (search('coffee -"and cream"'), "c S shop"),
    (search('coffee -"coffee shopping" -example'), "c m"),
    (search("-coffee"), ""),
    (search("coffee-beans"), "c S m shop"),
    (search("leche -Café", diacriticSensitive=True), "e"),
    (search("leche -Café"), ""),
    (search("Coffee coffee -Shopping", caseSensitive=True), "c m shop"),
    (search("Coffee coffee -shopping", caseSensitive=True), "c S m shop"),
    # case
    (search("coffee", caseSensitive=True), "c m shop"),
    (search("Cafe", caseSensitive=True), "É e"),
    (search("Café", caseSensitive=True, diacriticSensitive=True), "É"),
    (search("café", caseSensitive=True, diacriticSensitive=True), ""),
    # signs are only text
    (search("!"), ""),
    (search("-"), ""),
    (search('"'), ""),
    (search('""'), ""),
    (search("coffee & ! | <-> :* ('"), "c S m shop"),
    (search("coffee:*"), "c S m shop"),
    (search("cof:*"), ""),
    (search("'; DROP TABLE x; -- %s \\ coffee"), "c S m shop"),
    (search("\ud800 coffee"), "c S m shop"),
    (search(" ".join(f"w{number}" for number in range(1_600)) + " coffee"), "c S m shop"),
    (search("x" * 9_990), ""),
    # empty options are none
    (search("coffee", language="", caseSensitive=0, diacriticSensitive=None), "c S m shop"),
    (search("coffee", language="EN"), "c S m shop"),
    # with other conditions
    ({**search("coffee"), "$ne": "coffee"}, "S m shop"),
]


@pytest.mark.parametrize(("constraint", "expected"), CASES, ids=lambda value: str(value)[19:90])
@pytest.mark.parametrize("face", ["sql", "memory"])
def test_what_a_search_finds(texts: Places, face: str, constraint: Json, expected: str) -> None:
    find = texts.in_sql if face == "sql" else texts.in_memory
    assert find({"s": constraint}) == expected


ELSEWHERE: list[tuple[Json, str]] = [
    ({"o.t": search("coffee")}, "c S m shop"),
    ({"a": search("coffee")}, ""),
    ({"n": search("coffee")}, ""),
    ({"g": search("coffee")}, ""),
    ({"nosuch": search("coffee")}, ""),
    ({"createdAt": search("2026")}, ""),
    ({"$or": [{"s": search("coffee")}, {"objectId": "b"}]}, "c S b m shop"),
    ({"$nor": [{"s": search("coffee")}], "o.t": {"$in": list(SUBJECTS.values())}}, "k b É Я e"),
]


@pytest.mark.parametrize(("where", "expected"), ELSEWHERE, ids=str)
@pytest.mark.parametrize("face", ["sql", "memory"])
def test_where_a_search_can_stand(texts: Places, face: str, where: Json, expected: str) -> None:
    find = texts.in_sql if face == "sql" else texts.in_memory
    assert find(where) == expected


REFUSED: list[tuple[Json, str]] = [
    ({"$text": 5}, "$search, should be object"),
    ({"$text": {}}, "$search, should be object"),
    ({"$text": {"$search": True}}, "$search, should be object"),
    ({"$text": {"$search": []}}, "$search, should be object"),
    ({"$text": {"$search": {}}}, "$term, should be string"),
    (search(""), "$term, should be string"),
    (search(5), "$term, should be string"),  # type: ignore[arg-type]  # what clients send
    (search("x" * 10_001), "$term, should have at most 10000 characters"),
    (search("x", language=True), "$language, should be string"),
    (search("x", language=[]), "$language, should be string"),
    (search("x", language="klingon"), "$language not supported"),
    (search("x", language="english'; --"), "$language not supported"),
    (search("x", caseSensitive="true"), "$caseSensitive, should be boolean"),
    (search("x", caseSensitive={}), "$caseSensitive, should be boolean"),
    (search("x", diacriticSensitive="x"), "$diacriticSensitive, should be boolean"),
]


@pytest.mark.parametrize(("constraint", "message"), REFUSED, ids=lambda value: str(value)[:60])
def test_a_malformed_search_is_refused(texts: Places, constraint: Json, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_where({"s": constraint}, texts.rows.schema, texts.scope)
    assert (caught.value.code, caught.value.message) == (107, f"bad $text: {message}")


@pytest.mark.parametrize(
    "where",
    [
        {"s": search("x"), "o.t": search("y")},
        {"$or": [{"s": search("x")}, {"s": search("y")}]},
        {"s": search("x"), "$nor": [{"$and": [{"s": search("y")}]}]},
    ],
)
def test_a_query_has_one_search(texts: Places, where: Json) -> None:
    with pytest.raises(ParseError) as caught:
        parse_where(where, texts.rows.schema, texts.scope)
    assert (caught.value.code, caught.value.message) == (102, "A query can have only one $text")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES)))
def test_every_language_is_there(texts: Places, language: str) -> None:
    assert texts.in_sql({"s": search("cream", language=language)}) == "m"


@pytest.mark.parametrize("order", ["$score", "-$score"])
def test_the_best_answers_come_first(texts: Places, order: str) -> None:
    assert texts.in_sql({"s": search("coffee")}, order) == "c S m shop"
    assert texts.in_sql({"s": search("coffee cream")}, order) == "m c S shop"
    assert texts.in_sql({"s": search("coffee")}, "-objectId", order) == "shop m c S"
    assert texts.in_sql({"n": 5}, order) == "none"


def test_scores_are_positive_numbers(texts: Places) -> None:
    for where in (
        {"s": search("coffee")},
        {"o.t": search("coffee")},
        {"s": search('"coffee"', caseSensitive=True)},
        {"s": search("CAFÉ", diacriticSensitive=True)},
        {"$or": [{"s": search("coffee")}]},
    ):
        condition = parse_where(where, texts.rows.schema, texts.scope)
        found = score(condition)
        assert found is not None
        row = Row("t")
        statement = Sql("SELECT ") + found.sql(row) + Sql(" FROM ") + texts.rows.schema.relation
        statement += Sql(" t WHERE ") + condition.sql(row)
        scores = [number for (number,) in texts.rows.connection.execute(statement.text, statement.params)]
        assert scores
        assert all(number > 0 for number in scores)


HUGE = [
    "ä" * 1_000_000,
    " ".join(f"ä{number}" for number in range(200_000)),
    "\N{COMBINING ACUTE ACCENT}" * 200_000,
    "a b " * 200_000,
    "".join(map(chr, range(1, 0xD800))),
]


def test_long_and_strange_texts_are_searched_as_far_as_they_go(connection: psycopg.Connection[Any]) -> None:
    rows = Rows.of(connection, [document(f"h{number}", s=text) for number, text in enumerate(HUGE)])
    connection.execute(f"CREATE INDEX ON {rows.schema.relation.text} {vector_index('s').text}")
    for term in ("b", "ä1", "a1", '"ä1 ä2"', "abc -x"):
        for options in ({}, {"caseSensitive": True}, {"diacriticSensitive": True, "language": "none"}):
            rows.in_sql({"s": search(term, **options)}, ParseScope(), ["$score"])


def test_an_index_serves_searches_of_its_language(connection: psycopg.Connection[Any]) -> None:
    words = ["coffee", "baking", "shop", "cream", "leche"]
    documents = [document(f"o{number}", s=f"{words[number % 5]} number{number % 3_000}") for number in range(6_000)]
    many = Places(Rows.of(connection, documents), ParseScope())
    connection.execute(f"CREATE INDEX searched ON {many.rows.schema.relation.text} {vector_index('s').text}")
    connection.execute(f"ANALYZE {many.rows.schema.relation.text}")
    for constraint in (
        search("number7"),
        search('"coffee number5"'),
        search("Number7", caseSensitive=True),
        search("number7 -shop", diacriticSensitive=True),
    ):
        assert "searched" in plan(many, {"s": constraint})
    assert "searched" not in plan(many, {"s": search("number7", language="es")})


def test_a_term_is_words_phrases_and_exclusions() -> None:
    assert Question.parse('a "b c" -d -"e f" g-h "') == Question("a g-h b c", ("b c",), "d", ("e f",))
    assert Question.parse("-") == Question("-")


def test_places_are_no_texts(texts: Places) -> None:
    assert texts.in_sql({"g": {"$nearSphere": point(0, 0)}, "s": search("coffee")}) == ""
