"""Two applications with users, and somebody who is logged in to the admin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from parse_core.application import Application, applications
from tests.support.client import ApiClient

PASSWORD = "for-the-admin-only"
SECRET = "secret-of-the-first-application"


@pytest.fixture(scope="module")
def first(database_url: str) -> Iterator[Application]:
    """An application with a class of its own, and three users with a session each."""
    application = applications.configure(
        {"appId": "admin-first", "masterKey": SECRET, "appName": "First", "allowClientClassCreation": True}
    )
    api = ApiClient(application)
    for name in ("ada", "grace", "barbara"):
        body = {"username": name, "password": f"password of {name}", "email": f"{name}@example.com"}
        assert api.post("/users", body).status == 201
    assert api.post("/classes/Planet", {"name": "Mars", "moons": 2}).status == 201
    yield application
    application.reset()
    applications.remove(application.id)


@pytest.fixture(scope="module")
def second(first: Application) -> Iterator[Application]:
    """Another application, with nobody in it."""
    application = applications.configure({"appId": "admin second/ü", "masterKey": "other"})
    yield application
    application.reset()
    applications.remove(application.id)


@pytest.fixture
def visitor() -> Client:
    """A browser that is not logged in; it is asked for CSRF tokens like any."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def admin(visitor: Client, database_url: str) -> Iterator[Client]:
    """A browser that is logged in."""
    users = get_user_model()._default_manager
    user = users.create_superuser("boss", password=PASSWORD)
    visitor.get("/admin/login/")
    token = visitor.cookies["csrftoken"].value
    login = {"username": "boss", "password": PASSWORD, "csrfmiddlewaretoken": token, "next": "/admin/"}
    assert visitor.post("/admin/login/", login).status_code == 302
    yield visitor
    user.delete()
