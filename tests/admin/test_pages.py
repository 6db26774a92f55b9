"""What the admin shows of applications, classes, users and sessions."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from parse_core.application import Application
from tests.admin.conftest import SECRET
from tests.support.client import ApiClient

LISTS = ("parse_core/application", "parse_core/parseclass", "parse_auth/user", "parse_auth/session")


def page(client: Client, path: str, **query: str) -> str:
    """The text of a page of the admin."""
    response = client.get(f"/admin/{path}/" if path else "/admin/", query)
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> list[list[str]]:
    """The texts of the cells of the list on a page."""
    body = html.partition('id="result_list"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def column(html: str, number: int = 0) -> list[str]:
    return [row[number] for row in rows(html)]


def first_link(html: str) -> str:
    """Where the first entry of a list leads, as a path below the admin."""
    found = re.search(r'<td><a href="/admin/([^"]+)"', html.partition('id="result_list"')[2])
    assert found
    return unescape(found[1])


@pytest.mark.parametrize("path", LISTS)
def test_a_visitor_is_sent_to_the_login(visitor: Client, first: Application, path: str) -> None:
    for address in (f"/admin/{path}/", f"/admin/{path}/x/change/"):
        response = visitor.get(address)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={address}")


def test_a_login_without_a_csrf_token_is_refused(visitor: Client) -> None:
    assert visitor.post("/admin/login/", {"username": "boss", "password": "x"}).status_code == 403


@pytest.mark.parametrize("path", LISTS)
def test_staff_without_the_permission_see_nothing(visitor: Client, first: Application, path: str) -> None:
    users = get_user_model()._default_manager
    clerk = users.create_user("clerk", password="x", is_staff=True)
    visitor.force_login(clerk)
    assert visitor.get(f"/admin/{path}/").status_code == 403
    assert visitor.get(f"/admin/{path}/x/change/").status_code == 403
    app, model = path.split("/")
    clerk.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=f"view_{model}"))
    assert visitor.get(f"/admin/{path}/").status_code == 200
    clerk.delete()


@pytest.mark.parametrize("path", LISTS)
def test_nothing_can_be_added(admin: Client, first: Application, path: str) -> None:
    assert f"/admin/{path}/add/" not in page(admin, path)
    assert admin.get(f"/admin/{path}/add/").status_code in (403, 404)


def test_the_index_leads_to_every_list(admin: Client, first: Application) -> None:
    index = page(admin, "")
    assert all(f"/admin/{path}/" in index for path in LISTS)


def test_applications_are_listed(admin: Client, first: Application, second: Application) -> None:
    listed = {row[0]: row[1:] for row in rows(page(admin, "parse_core/application"))}
    assert listed["admin-first"][:2] == ["First", "http://localhost:1337/parse"]
    assert second.id in listed


def test_an_application_shows_its_options_without_secrets(admin: Client, first: Application) -> None:
    html = page(admin, f"parse_core/application/{first.id}/change")
    assert "allowClientClassCreation" in html
    assert "may create classes" in html  # the danger of it
    assert "&lt;REDACTED&gt;" in html
    assert SECRET not in html


def test_an_application_with_a_strange_id_has_its_page(admin: Client, second: Application) -> None:
    assert second.id in page(admin, f"parse_core/application/{quote(second.id)}/change")


def test_classes_are_listed_by_application(admin: Client, first: Application, second: Application) -> None:
    assert "Planet" in column(page(admin, "parse_core/parseclass", application=first.id))
    assert "Planet" not in column(page(admin, "parse_core/parseclass", application=second.id))


@pytest.mark.parametrize(("text", "found"), [("plan", True), ("moons", True), ("nothing like it", False)])
def test_classes_are_found_by_name_and_field(admin: Client, first: Application, text: str, found: bool) -> None:
    names = column(page(admin, "parse_core/parseclass", application=first.id, q=text))
    assert ("Planet" in names) is found


def test_a_class_shows_fields_permissions_and_indexes(admin: Client, first: Application) -> None:
    permissions = {"find": {"*": True}, "get": {"role:Admin": True}, "protectedFields": {"*": ["moons"]}}
    ApiClient(first).put("/schemas/Planet", {"classLevelPermissions": permissions}, master=True)
    html = unescape(page(admin, "parse_core/parseclass/Planet/change", application=first.id))
    assert re.search(r"moons</th>\s*<td>Number", html)
    assert re.search(r"get</th>\s*<td>role:Admin", html)
    assert re.search(r"delete</th>\s*<td>nobody", html)
    assert '{"*": ["moons"]}' in html


def test_users_are_listed_newest_first(admin: Client, first: Application) -> None:
    assert column(page(admin, "parse_auth/user", application=first.id)) == ["barbara", "grace", "ada"]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("username", ["ada", "barbara", "grace"]),
        ("-username", ["grace", "barbara", "ada"]),
        ("createdAt", ["ada", "grace", "barbara"]),
        ("_hashed_password", ["barbara", "grace", "ada"]),
    ],
)
def test_users_are_ordered_by_a_column(admin: Client, first: Application, order: str, names: list[str]) -> None:
    assert column(page(admin, "parse_auth/user", application=first.id, order=order)) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ada", ["ada"]),
        ("ADA", ["ada"]),
        ("@example.com", ["barbara", "grace", "ada"]),
        ("grace@", ["grace"]),
        (".*", []),
        ("a[", []),
        ("\\", []),
        ("'; DROP TABLE x; --", []),
    ],
)
def test_users_are_found_by_name_and_address(admin: Client, first: Application, text: str, names: list[str]) -> None:
    assert column(page(admin, "parse_auth/user", application=first.id, q=text)) == names


def test_users_of_another_application_are_not_shown(admin: Client, first: Application, second: Application) -> None:
    assert rows(page(admin, "parse_auth/user", application=second.id)) == []
    link = first_link(page(admin, "parse_auth/user", application=first.id))
    object_page = link.partition("?")[0]
    assert admin.get(f"/admin/{object_page}", {"application": second.id}).status_code == 404


def test_users_come_in_pages(admin: Client, first: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parse_auth.admin.UserAdmin.page_size", 2)
    html = page(admin, "parse_auth/user", application=first.id)
    assert column(html) == ["barbara", "grace"]
    assert "Page 1 of 2" in html
    assert column(page(admin, "parse_auth/user", application=first.id, page="2")) == ["ada"]
    assert column(page(admin, "parse_auth/user", application=first.id, page="x")) == ["barbara", "grace"]
    assert column(page(admin, "parse_auth/user", application=first.id, page="9" * 50)) == ["barbara", "grace"]


def test_a_user_is_shown_without_secrets(admin: Client, first: Application) -> None:
    html = page(admin, "parse_auth/user", application=first.id, q="ada")
    shown = admin.get(f"/admin/{first_link(html)}").content.decode()
    assert "ada@example.com" in shown
    for secret in ("password", "sessionToken", "authData", "$2b$", "r:"):
        assert secret not in shown.partition('id="content-main"')[2]


@pytest.mark.parametrize(("text", "count"), [("", 3), ("ada", 1), ("@example.com", 3), ("nobody", 0)])
def test_sessions_are_found_by_their_user(admin: Client, first: Application, text: str, count: int) -> None:
    assert len(rows(page(admin, "parse_auth/session", application=first.id, q=text))) == count


def test_a_session_is_shown_without_its_token(admin: Client, first: Application) -> None:
    html = page(admin, "parse_auth/session", application=first.id)
    shown = admin.get(f"/admin/{first_link(html)}").content.decode()
    assert "createdWith" in shown
    for content in (html, shown):
        assert not re.search(r"r:[0-9a-f]{32}", content)
        assert "sessionToken" not in content


@pytest.mark.parametrize("path", ["parse_core/parseclass", "parse_auth/user"])
def test_an_application_that_is_not_served_has_no_page(admin: Client, first: Application, path: str) -> None:
    assert admin.get(f"/admin/{path}/", {"application": "unknown"}).status_code == 404
    assert admin.get(f"/admin/{path}/x/change/", {"application": first.id}).status_code == 404


def test_what_users_wrote_is_shown_as_text(admin: Client, first: Application) -> None:
    body = {"username": "<script>alert(1)</script>", "password": "x", "email": "script@example.com"}
    created = ApiClient(first).post("/users", body)
    assert created.status == 201
    html = page(admin, "parse_auth/user", application=first.id)
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
    ApiClient(first).delete(f"/users/{created.json['objectId']}", master=True)
