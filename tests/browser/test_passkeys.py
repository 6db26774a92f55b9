"""Passkeys made and used by a real browser, with the authenticator that Chromium has for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.support.browser import Page

pytestmark = pytest.mark.xdist_group("browser")

# What a page of an application does; the browser gives and takes JSON (WebAuthn Level 3).
SCRIPT = """
const call = async (method, path, body, token) => {
  const headers = { 'Content-Type': 'application/json', ...%(headers)s };
  if (token) headers['X-Parse-Session-Token'] = token;
  const response = await fetch('/parse' + path, { method, headers, body: JSON.stringify(body) });
  return response.json();
};
const options = async (type, token) =>
  (await call('POST', '/challenge', { challengeData: { webauthn: { type } } }, token)).challengeData.webauthn.publicKey;
globalThis.make = async (token) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await options('create', token));
  return (await navigator.credentials.create({ publicKey })).toJSON();
};
globalThis.use = async () => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await options('get'));
  return (await navigator.credentials.get({ publicKey })).toJSON();
};
globalThis.signIn = async (credential) => call('POST', '/users', { authData: { webauthn: { credential } } });
globalThis.link = async (id, token, credential, name) =>
  call('PUT', '/users/' + id, { authData: { webauthn: { credential, name } } }, token);
"""


@pytest.fixture
def opened(site: Site, page: Page) -> Iterator[Page]:
    """A page of the site, in a browser with a key that knows its user by a finger."""
    page.send("WebAuthn.enable")
    page.go(f"{site.url}/apps/password_reset.html?appId={site.server.app_id}")
    keys = {"X-Parse-Application-Id": site.server.app_id, "X-Parse-Javascript-Key": site.server.javascript_key}
    page.run("{" + SCRIPT % {"headers": json.dumps(keys)} + "}")
    yield page
    page.send("WebAuthn.disable")


def plug_in(page: Page, **how: Any) -> str:
    """A virtual authenticator: its id."""
    kind = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **how,
    }
    found: str = page.send("WebAuthn.addVirtualAuthenticator", options=kind)["authenticatorId"]
    return found


def test_a_browser_makes_a_passkey_and_signs_in_with_it(site: Site, opened: Page) -> None:
    device = plug_in(opened)
    _, token = site.join()
    user = site.call("GET", "/users/me", **{"X-Parse-Session-Token": token}).json()["objectId"]
    made = opened.run(f"make('{token}').then(credential => link('{user}', '{token}', credential, 'Laptop'))")
    assert "credential" in made["authDataResponse"]["webauthn"], made
    (kept,) = opened.send("WebAuthn.getCredentials", authenticatorId=device)["credentials"]
    assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)
    assert opened.run("use().then(signIn)")["objectId"] == user
    signed_in = opened.run("use().then(signIn)")
    assert signed_in["objectId"] == user, signed_in
    assert signed_in["sessionToken"] != token
    assert [each["name"] for each in signed_in["authData"]["webauthn"]["credentials"]] == ["Laptop"]


def test_a_browser_signs_up_with_a_passkey_alone(opened: Page) -> None:
    plug_in(opened)
    new = opened.run("make().then(signIn)")
    assert opened.run("use().then(signIn)")["objectId"] == new["objectId"]


def test_a_device_makes_no_second_passkey_for_a_user(site: Site, opened: Page) -> None:
    plug_in(opened)
    _, token = site.join()
    user = site.call("GET", "/users/me", **{"X-Parse-Session-Token": token}).json()["objectId"]
    opened.run(f"make('{token}').then(credential => link('{user}', '{token}', credential))")
    assert opened.run(f"make('{token}').catch(error => error.name)") == "InvalidStateError"


def test_an_answer_works_once(opened: Page) -> None:
    plug_in(opened)
    opened.run("make().then(signIn)")
    first, second = opened.run("use().then(async one => [await signIn(one), await signIn(one)])")
    assert "sessionToken" in first
    assert second == {"code": 101, "error": "The passkey is not valid."}


def test_a_finger_that_is_not_his_signs_in_nobody(opened: Page) -> None:
    device = plug_in(opened)
    opened.run("make().then(signIn)")
    opened.send("WebAuthn.setUserVerified", authenticatorId=device, isUserVerified=False)
    assert opened.run("use().then(signIn).catch(error => error.name)") == "NotAllowedError"
