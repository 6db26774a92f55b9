"""What people meet who follow the links of mails, in a real browser, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.browser.conftest import Site
from tests.support.browser import Page

pytestmark = pytest.mark.xdist_group("browser")

Keep = Callable[[str], None]
GERMAN: Final = "&locale=de"
VERIFIED = {"en": "Address confirmed", "de": "Adresse bestätigt"}
BROKEN = {"en": "This link does not work any more", "de": "Dieser Link funktioniert nicht mehr"}
CHOOSE = {"en": "Choose a new password", "de": "Neues Passwort wählen"}
SAVED = {"en": "Password changed", "de": "Passwort geändert"}
RESEND = {"en": "Send another link", "de": "Neuen Link senden"}
SENT = {"en": "Check your inbox", "de": "Sehen Sie in Ihr Postfach"}


def title(page: Page) -> str:
    return page.text("h1")


def address_of(link: str, language: str) -> str:
    return link + (GERMAN if language == "de" else "")


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_person_confirms_an_address_and_the_link_works_once(
    site: Site, page: Page, keep: Keep, language: str
) -> None:
    address, token = site.join()
    link = address_of(site.link(address), language)
    page.go(link)
    assert title(page) == VERIFIED[language]
    assert page.run("document.documentElement.lang") == language
    keep(f"verified-{language}")
    me = site.call("GET", "/users/me", **{"X-Parse-Session-Token": token}).json()
    assert me["emailVerified"] is True
    page.go(link)
    page.wait(f"document.querySelector('h1')?.innerText === {BROKEN[language]!r}")
    keep(f"verification-broken-{language}")
    assert page.problems() == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_person_asks_for_another_link_on_the_page_of_one_that_is_wrong(
    site: Site, page: Page, keep: Keep, language: str
) -> None:
    address, _ = site.join()
    good = site.link(address)
    page.go(address_of(good, language))
    page.go(address_of(good + "x", language))
    assert title(page) == BROKEN[language]
    assert page.text("button") == RESEND[language]
    page.click("button")
    page.wait(f"document.querySelector('h1')?.innerText === {SENT[language]!r}")
    assert "send_" in page.run("location.pathname")
    keep(f"sent-{language}")
    assert page.problems() == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_person_chooses_a_new_password_after_one_that_will_not_do(
    site: Site, page: Page, keep: Keep, language: str
) -> None:
    address, _ = site.join(password="first password")
    site.mail(address)
    site.call("POST", "/requestPasswordReset", {"email": address})
    link = address_of(site.link(address), language)
    page.go(link)
    assert title(page) == CHOOSE[language]
    assert page.run("document.activeElement.id") == "new_password"
    keep(f"reset-{language}")
    page.press("Enter")
    assert page.run("document.querySelector('#new_password').validity.valueMissing")
    page.type("#new_password", "short")
    page.press("Enter")
    page.wait("document.querySelector('[role=alert]')")
    assert "A password has at least 6 characters." in page.text("[role=alert]")
    assert page.run("document.querySelector('#new_password').getAttribute('aria-invalid')") == "true"
    assert page.run("document.querySelector('#new_password').value") == ""
    keep(f"reset-refused-{language}")
    page.type("#new_password", "second password")
    page.click("button")
    page.wait(f"document.querySelector('h1')?.innerText === {SAVED[language]!r}")
    keep(f"reset-done-{language}")
    assert site.call("POST", "/login", {"username": address, "password": "second password"}).status_code == 200
    assert site.call("POST", "/login", {"username": address, "password": "first password"}).status_code == 404
    page.go(link)
    page.wait(f"document.querySelector('h1')?.innerText === {BROKEN[language]!r}")
    keep(f"reset-broken-{language}")
    assert page.problems() == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_person_signs_in_with_a_link_and_reads_the_code(site: Site, page: Page, keep: Keep, language: str) -> None:
    asked: dict[str, Any] = {"email": f"{language}-link@example.com", "locale": language}
    answered = site.call("POST", "/challenge", {"challengeData": {"magicLink": asked}}).json()["challengeData"]
    page.go(site.link(asked["email"]))
    assert title(page) == {"en": "Sign in to Tides", "de": "Bei Tides anmelden"}[language]
    assert asked["email"] in page.text()
    keep(f"sign-in-{language}")
    page.click("button")
    page.wait("document.querySelector('.code')")
    keep(f"sign-in-code-{language}")
    proof = {"challenge": answered["magicLink"]["challenge"], "code": page.text(".code")}
    assert site.call("POST", "/users", {"authData": {"magicLink": proof}}).status_code == 201
    assert page.problems() == []


def test_a_sign_in_link_leads_on_to_the_application(site: Site, page: Page) -> None:
    """The policy of the page lets its form go there, and the browser follows."""
    onward = site.server.options["auth"]["magicLink"]["redirectURLs"][0]
    asked = {"email": "onward@example.com", "redirect": onward}
    answered = site.call("POST", "/challenge", {"challengeData": {"magicLink": asked}}).json()["challengeData"]
    page.go(site.link(asked["email"]))
    page.click("button")
    page.wait("location.search.includes('code=')")
    assert str(page.run("location.href")).startswith(onward)
    proof = {"challenge": answered["magicLink"]["challenge"], "code": page.run("location.search.slice(6)")}
    assert site.call("POST", "/users", {"authData": {"magicLink": proof}}).status_code == 201


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_pages_fit_the_screen_and_can_be_read(site: Site, page: Page, width: int, dark: bool) -> None:
    page.look(width=width, dark=dark)
    page.go(f"{site.url}/apps/{site.server.app_id}/request_password_reset?token=x")
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    page.go(f"{site.url}/apps/password_reset.html?appId={site.server.app_id}&token=x")
    page.wait("document.querySelector('button')")
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.run("document.querySelector('button').getBoundingClientRect().height") >= 44
    for selector in ("h1", "p", "label", "button"):
        assert page.run(CONTRAST % selector) >= 4.5, selector


def test_what_has_the_focus_is_seen(site: Site, page: Page) -> None:
    page.go(f"{site.url}/apps/password_reset.html?appId={site.server.app_id}&token=x")
    style = "getComputedStyle(document.activeElement)"
    for element in ("INPUT", "BUTTON"):
        assert page.run("document.activeElement.tagName") == element
        assert page.run(f"{style}.outlineStyle !== 'none' && parseFloat({style}.outlineWidth) >= 2")
        page.press("Tab")


# The contrast of an element's text with the background it stands on (WCAG 2)
CONTRAST = """(() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const element = document.querySelector('%s');
  let ground = element;
  while (ground && (c => c.length === 4 && c[3] === 0)(parts(getComputedStyle(ground).backgroundColor)))
    ground = ground.parentElement;
  const pair = [light(parts(getComputedStyle(element).color)), light(parts(getComputedStyle(ground).backgroundColor))];
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
})()"""
