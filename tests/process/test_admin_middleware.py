"""Django's usual middleware is around the admin, and around nothing else."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from parse_server.middleware import AdminMiddleware


@pytest.mark.django_db
def test_the_admin_checks_cross_site_requests() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/admin/login/", {"username": "admin", "password": "x"}).status_code == 403


@pytest.mark.django_db
def test_the_admin_without_its_slash_is_found() -> None:
    answer = Client().get("/admin")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_other_paths_pass_untouched() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        assert not hasattr(request, "session")
        return HttpResponse("bare")

    middleware = AdminMiddleware(view)
    path = settings.PARSE_MOUNT_PATH + "/classes/Post"
    answer = middleware(RequestFactory().post(path))
    assert dict(answer.items()) == {"Content-Type": "text/html; charset=utf-8"}
    assert middleware.process_view(RequestFactory().post(path), view, (), {}) is None
