"""The public pages: what people see who follow a link out of a mail (`users.md` §18)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from parse_auth.pages.visits import Visit
from parse_core.options import ConfigurationError
from tests.auth.conftest import Configure
from tests.auth.mailing import PUBLIC_URL, Mailbox, sending
from tests.auth.people import PASSWORD
from tests.support.client import ApiClient, Reply

Serve = Callable[..., None]
FORM = "application/x-www-form-urlencoded"
INVALID_LINK = "/apps/auth/verify_email"


@pytest.fixture
def serve(configure: Configure, api: ApiClient) -> Serve:
    """Serves pages with more options of `pages`, or (`options`) of the application."""

    def serving(options: dict[str, Any] | None = None, **pages: Any) -> None:
        configure(**sending(Mailbox(), verifyUserEmails=True, pages=pages, **(options or {})))

    serving()
    return serving


def visit(api: ApiClient, path: str, *, app: str | None = None, **how: Any) -> Reply:
    """A visit without any key."""
    return api.get(path, headers={"X-Parse-Application-Id": app}, **how)


def post(api: ApiClient, path: str, **fields: str) -> Reply:
    body = urlencode(fields).encode()
    return api.post(path, raw=body, content_type=FORM, headers={"X-Parse-Application-Id": None})


def shown(reply: Reply) -> str:
    return reply.body.decode().partition("<h1>")[2].partition("</h1>")[0]


def target(reply: Reply) -> tuple[str, dict[str, str]]:
    """Where a redirect leads, and with which parameters."""
    assert reply.status == 303, (reply.status, reply.body)
    url = urlsplit(reply.headers["location"])
    return f"{url.scheme}://{url.netloc}{url.path}", {name: values[0] for name, values in parse_qs(url.query).items()}


FLOWS = [
    ("GET", "verify_email"),
    ("POST", "resend_verification_email"),
    ("GET", "request_password_reset"),
    ("POST", "request_password_reset"),
]


@pytest.mark.parametrize(("method", "page"), FLOWS)
def test_an_unknown_application_is_refused(api: ApiClient, serve: Serve, method: str, page: str) -> None:
    reply = api.request(method, f"/apps/nobody/{page}", headers={"X-Parse-Application-Id": None})
    assert (reply.status, reply.json) == (403, {"error": "unauthorized"})


@pytest.mark.parametrize(("method", "page"), FLOWS)
def test_without_a_public_address_there_are_no_pages(
    api: ApiClient, configure: Configure, method: str, page: str
) -> None:
    configure(appName="Tides")
    reply = api.request(method, f"/apps/auth/{page}?token=x")
    assert (reply.status, reply.body) == (404, b"Not found.")
    assert visit(api, "/apps/password_reset_success.html").status == 200


def test_a_page_is_content_after_a_get(api: ApiClient, serve: Serve) -> None:
    reply = visit(api, f"{INVALID_LINK}?token=x")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert reply.headers["x-parse-page-param-appname"] == "Tides"
    assert reply.headers["x-parse-page-param-appid"] == "auth"
    assert "https%3A%2F%2Fexample.com%2Fparse" in reply.headers["x-parse-page-param-publicserverurl"]


def test_a_post_leads_to_a_page(api: ApiClient, serve: Serve) -> None:
    url, params = target(post(api, "/apps/auth/resend_verification_email", username="nobody", locale="de-AT"))
    assert url == f"{PUBLIC_URL}/apps/email_verification_send_success.html"
    assert params == {"appId": "auth", "appName": "Tides", "publicServerUrl": PUBLIC_URL, "locale": "de-AT"}


@pytest.mark.parametrize(("success", "unknown"), [(True, "success"), (False, "fail")])
def test_asking_for_another_link(api: ApiClient, serve: Serve, success: bool, unknown: str) -> None:
    serve({"emailVerifySuccessOnInvalidEmail": success})
    api.post("/users", {"username": "zoe", "password": PASSWORD, "email": "zoe@example.com"})
    path = "/apps/auth/resend_verification_email"
    assert target(post(api, path, username="nobody"))[0].endswith(f"_send_{unknown}.html")
    assert target(post(api, path, username="zoe"))[0].endswith("_send_success.html")
    assert target(post(api, path))[0].endswith("_link_invalid.html")


@pytest.mark.parametrize(
    ("locale", "heading", "folder"),
    [
        ("de-AT", "Adresse geändert? Nein", "de-AT/"),
        ("de-CH", "Dieser Link funktioniert nicht mehr", "de/"),
        ("de", "Dieser Link funktioniert nicht mehr", "de/"),
        ("fr", "This link does not work any more", ""),
        ("../../etc", "This link does not work any more", ""),
        ("de/../de", "This link does not work any more", ""),
    ],
)
def test_pages_have_the_visitors_language(
    api: ApiClient, serve: Serve, tmp_path: Path, locale: str, heading: str, folder: str
) -> None:
    (tmp_path / "de-AT").mkdir()
    (tmp_path / "de-AT" / "email_verification_link_invalid.html").write_text("<h1>Adresse geändert? Nein</h1>")
    serve(enableLocalization=True, pagesPath=str(tmp_path))
    assert shown(visit(api, INVALID_LINK, query={"locale": locale})) == heading
    url, _ = target(post(api, "/apps/auth/resend_verification_email", locale=locale))
    assert url == f"{PUBLIC_URL}/apps/{folder}email_verification_link_invalid.html"
    assert visit(api, url.removeprefix(PUBLIC_URL)).status == 200


TEXTS = {
    "en": {"translation": {"heading": "Hello from {{appName}}", "body": "<b>"}},
    "de": {"translation": {"heading": "Hallo von {{appName}}"}},
}


@pytest.mark.parametrize(
    ("locale", "heading"),
    [("de", "Hallo von Tides"), ("de-AT", "Hallo von Tides"), ("fr", "Hello from Tides"), ("", "Hello from Tides")],
)
def test_texts_come_from_a_file(api: ApiClient, serve: Serve, tmp_path: Path, locale: str, heading: str) -> None:
    (tmp_path / "texts.json").write_text(json.dumps(TEXTS))
    serve(
        enableLocalization=True,
        localizationJsonPath=str(tmp_path / "texts.json"),
        placeholders={"heading": "of the configuration", "title": "Title"},
    )
    reply = visit(api, "/apps/custom_json.html", query={"locale": locale, "appId": "auth"})
    assert shown(reply) == heading
    assert b"<title>Title</title>" in reply.body
    assert b"<p><b>" not in reply.body


async def _later(params: Any) -> dict[str, str]:
    return {"heading": f"for {params['appName']}"}


@pytest.mark.parametrize(
    "placeholders", [{"heading": "for Tides"}, lambda params: {"heading": f"for {params['appName']}"}, _later]
)
def test_placeholders_come_from_the_configuration(api: ApiClient, serve: Serve, placeholders: Any) -> None:
    serve(placeholders=placeholders)
    assert shown(visit(api, "/apps/custom_json.html?appId=auth")) == "for Tides"


def test_other_addresses_take_the_place_of_pages(api: ApiClient, serve: Serve) -> None:
    serve(
        customUrls={
            "emailVerificationLinkInvalid": "https://other.example/bad?kept=1&appId=theirs",
            "passwordResetLinkInvalid": "/a/path/means/nothing",
        }
    )
    url, params = target(visit(api, f"{INVALID_LINK}?token=x"))
    assert url == "https://other.example/bad"
    assert (params["kept"], params["appId"], params["token"]) == ("1", "auth", "x")
    assert visit(api, "/apps/auth/request_password_reset?token=x").status == 200


def test_redirects_can_be_forced(api: ApiClient, serve: Serve) -> None:
    serve(forceRedirect=True)
    assert target(visit(api, INVALID_LINK))[0] == f"{PUBLIC_URL}/apps/email_verification_link_invalid.html"


@pytest.mark.parametrize("pages", [{"customUrls": {"passwordReset": "javascript:alert(1)"}}])
def test_an_address_that_is_none_is_refused_at_the_start(serve: Serve, pages: Any) -> None:
    with pytest.raises(ConfigurationError, match="invalid URL"):
        serve(**pages)


def test_the_endpoint_can_have_another_name(api: ApiClient, serve: Serve) -> None:
    serve(pagesEndpoint="people")
    assert visit(api, "/people/auth/verify_email").status == 200
    assert visit(api, "/people/password_reset_success.html").status == 200
    assert target(post(api, "/people/auth/resend_verification_email"))[0].startswith(f"{PUBLIC_URL}/people/")
    assert visit(api, "/apps/auth/verify_email", app="auth").status == 404


def _hello(visited: Visit) -> dict[str, Any]:
    return {"file": "hello.html", "query": {"name": visited.query.get("name") or visited.body.get("name")}}


async def _hello_later(visited: Visit) -> dict[str, Any]:
    return _hello(visited)


def test_routes_of_ones_own(api: ApiClient, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "hello.html").write_text("<h1>{{name}} at {{appName}}</h1>")
    serve(
        pagesPath=str(tmp_path),
        customRoutes=[
            {"method": "GET", "path": "hello", "handler": _hello},
            {"method": "POST", "path": "hello", "handler": _hello_later},
            {"method": "GET", "path": "nothing", "handler": lambda _: None},
            {"method": "GET", "path": "missing", "handler": lambda _: {"file": "missing.html"}},
            {"method": "GET", "path": "broken", "handler": lambda _: 1 / 0},
        ],
    )
    assert shown(visit(api, "/apps/auth/hello?name=Zoe")) == "Zoe at Tides"
    assert shown(post(api, "/apps/auth/hello", name="Max")) == "Max at Tides"
    statuses = [visit(api, f"/apps/auth/{page}").status for page in ("nothing", "missing", "broken")]
    assert statuses == [404, 404, 500]


@pytest.mark.parametrize(
    "path",
    [
        "/apps/../manage.py",
        "/apps/..%2fsecret.html",
        "/apps/..%2f..%2fviews.py",
        "/apps/%2e%2e/views.py",
        "/apps/de/..%2f..%2fviews.py",
        "/apps//etc/passwd",
        "/apps/%2fetc%2fpasswd",
        "/apps/..%5cviews.py",
        "/apps/link.html",
        "/apps/de",
        "/apps/missing.html",
    ],
)
def test_nothing_outside_of_the_folder_is_served(api: ApiClient, serve: Serve, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.html").write_text("secret")
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "link.html").symlink_to(tmp_path / "secret.html")
    (tmp_path / "pages-secret").mkdir()
    serve(pagesPath=str(pages))
    reply = visit(api, path)
    assert (reply.status, reply.body) == (404, b"Not found.")


def test_files_that_pages_need_are_served_as_what_they_are(api: ApiClient, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "site.css").write_text("h1 { color: {{appName}} }")
    serve(pagesPath=str(tmp_path))
    reply = visit(api, "/apps/css/site.css")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert reply.body == b"h1 { color: {{appName}} }"
    assert reply.headers["x-content-type-options"] == "nosniff"


SCRIPT = "\"'><script>alert(1)</script>"


def test_nothing_that_was_sent_becomes_markup(api: ApiClient, serve: Serve) -> None:
    sent = {"token": SCRIPT, "username": SCRIPT, "appId": "auth", "locale": SCRIPT, "error": SCRIPT}
    replies = [
        visit(api, "/apps/choose_password", query=sent),
        visit(api, INVALID_LINK, query=sent),
        visit(api, "/apps/password_reset.html", query=sent),
        post(api, "/apps/auth/request_password_reset", token=SCRIPT, new_password=SCRIPT),
    ]
    for reply in replies:
        assert reply.status == 200
        assert b"<script>alert" not in reply.body


def test_nothing_that_was_sent_becomes_a_header(api: ApiClient, serve: Serve) -> None:
    for encodes in (True, False):
        serve(encodePageParamHeaders=encodes)
        sent = {"appId": "auth", "token": "a\r\nSet-Cookie: b=c\x7f", "username": "größe ✓"}
        reply = visit(api, "/apps/choose_password", query=sent)
        assert reply.status == 200
        assert "set-cookie" not in reply.headers
        assert not set(reply.headers["x-parse-page-param-token"]) & set("\r\n\x7f")
        assert reply.headers["x-parse-page-param-username"] == "gr%C3%B6%C3%9Fe%20%E2%9C%93"


def test_pages_are_kept_from_caches_frames_and_referrers(api: ApiClient, serve: Serve, tmp_path: Path) -> None:
    headers = visit(api, f"{INVALID_LINK}?token=x").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["access-control-allow-origin"] == "*"
    policy = headers["content-security-policy"]
    assert "script-src 'none'" in policy
    assert "form-action 'self' https://example.com" in policy
    (tmp_path / "page.html").write_text("<script>let a = 1</script><script>let b = '{{token}}'</script>")
    serve({"customPages": {"parseFrameURL": "https://frame.example/x"}}, pagesPath=str(tmp_path))
    framed = visit(api, "/apps/page.html").headers
    assert "x-frame-options" not in framed
    assert "frame-ancestors https://frame.example" in framed["content-security-policy"]
    assert framed["content-security-policy"].count("'sha256-") == 1


def test_every_page_of_ours_is_complete(api: ApiClient, serve: Serve) -> None:
    folder = Path(__file__).parent.parent.parent / "parse_auth" / "pages" / "public"
    pages = sorted(path.relative_to(folder) for path in folder.rglob("*.html") if path.name != "style.html")
    assert len(pages) == 23
    for page in pages:
        reply = visit(api, f"/apps/{page}?appId=auth")
        assert reply.status == 200
        assert b"{{" not in reply.body
        assert b"<style>" in reply.body
