"""The tutorial's file does what the tutorial says, and the tutorial quotes it as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cloud.corpus.play import Mails, Play, Step
from tests.cloud.python.conftest import Serving

DOCS = Path(__file__).resolve().parents[3] / "docs" / "cloud-code"
MAIN = DOCS / "tutorial" / "main.py"
OTHER = {"__type": "Pointer", "className": "Movie", "objectId": "other"}
MOVIE = {"__type": "Pointer", "className": "Movie", "objectId": "$movie"}

STEPS = [
    Step("a movie", "master", "POST", "/classes/Movie", {"title": "Alien"}, keep={"movie": "objectId"}),
    Step(
        "nobody",
        "",
        "POST",
        "/classes/Review",
        {"stars": 3},
        error=(142, "Validation failed. Please login to continue."),
    ),
    Step(
        "no movie",
        "ada",
        "POST",
        "/classes/Review",
        {"stars": 3},
        error=(142, "Validation failed. Please specify data for movie."),
    ),
    Step(
        "stars", "ada", "POST", "/classes/Review", {"movie": MOVIE, "stars": 6}, error=(142, "Give one to five stars")
    ),
    Step(
        "a review",
        "ada",
        "POST",
        "/classes/Review",
        {"movie": MOVIE, "stars": 5},
        gives={"authorName": "ada"},
        keep={"review": "objectId"},
    ),
    Step(
        "another",
        "bob",
        "POST",
        "/classes/Review",
        {"movie": MOVIE, "stars": 2, "text": "scary"},
        keep={"bobs": "objectId"},
    ),
    Step("the rating", "", "GET", "/classes/Movie/$movie", gives={"stars": 3.5, "reviews": 2}),
    Step("best", "", "POST", "/functions/bestMovies", {}, gives={"result": [{"title": "Alien", "stars": 3.5}]}),
    Step(
        "the movie stays",
        "bob",
        "PUT",
        "/classes/Review/$bobs",
        {"movie": OTHER, "stars": 4},
        gives={"movie": MOVIE},
    ),
    Step("not others'", "bob", "DELETE", "/classes/Review/$review", error=(101, "Object not found for delete.")),
    Step("deleted", "ada", "DELETE", "/classes/Review/$review", gives={}),
    Step("the rating", "", "GET", "/classes/Movie/$movie", gives={"stars": 4, "reviews": 1}),
    Step(
        "a mail",
        "ada",
        "POST",
        "/functions/recommend",
        {"movie": "$movie", "to": "bob"},
        gives={},
        mails=[("bob@example.com", "ada recommends a movie")],
    ),
    Step(
        "no friend",
        "ada",
        "POST",
        "/functions/recommend",
        {"movie": "$movie", "to": "eve"},
        error=(101, "This friend has no address"),
    ),
    Step("a job", "master", "POST", "/jobs/removeEmptyReviews", {}, gives={}),
]


@pytest.fixture
def play(serving: Serving) -> Play:
    mails = Mails()
    return Play(serving(str(MAIN), emailAdapter=mails), mails)


def test_the_backend_does_what_the_tutorial_says(play: Play) -> None:
    for step in STEPS:
        play.step(step)


def test_the_tutorial_quotes_its_file() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "tutorial.md").read_text(), re.DOTALL)
    quoted = [block for block in blocks if "CloudTestCase" not in block]
    assert len(quoted) == 6
    for block in quoted:
        assert block in MAIN.read_text()


@pytest.mark.parametrize("page", ["tutorial.md", "python.md", "execution.md", "objects.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / page).read_text()):
        assert "://" in target or (DOCS / target).exists(), target
