"""Users, roles, sessions and installations from inside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parse_cloud import ACL, Installation, Object, ParseError, Query, Role, Session, User
from parse_core.application import Application

SignUp = Callable[[str], User]


def test_a_user_signs_up_and_logs_in_and_out() -> None:
    user = User(username="ann", password="secret")
    user.email = "ann@example.com"
    user.sign_up({"age": 7})
    assert (user.id is None, user.password, user.authenticated, user.dirty()) == (False, None, False, False)
    logged_in = User.log_in("ann", "secret")
    assert (logged_in, logged_in.email, logged_in["age"], logged_in.authenticated) == (user, "ann@example.com", 7, True)
    token = logged_in.session_token or ""
    assert User.become(token) == user
    logged_in.log_out()
    assert logged_in.session_token is None
    with pytest.raises(ParseError) as refused:
        User.become(token)
    assert refused.value.code == ParseError.INVALID_SESSION_TOKEN


def test_a_sign_up_for_a_device_begins_a_session() -> None:
    user = User(username="ann", password="secret").sign_up(installation_id="device")
    assert user.session_token is not None
    assert Session.current(user=user)["installationId"] == "device"


def test_a_class_of_users_of_ones_own() -> None:
    from parse_cloud.author.sdk.subclasses import unregister

    class Customer(User):
        @property
        def greeting(self) -> str:
            return f"Hello {self.username}"

    try:
        Customer(username="ann", password="secret").sign_up()
        assert Customer.log_in("ann", "secret").greeting == "Hello ann"
        found = Query(Customer).first(use_master_key=True)
        assert found is not None
        assert found.greeting == "Hello ann"
    finally:
        unregister("_User")


INCOMPLETE: list[tuple[User, str]] = [
    (User(password="p"), "Cannot sign up user with an empty username."),
    (User(username="u"), "Cannot sign up user with an empty password."),
    (User(username="", password="p"), "Cannot sign up user with an empty username."),
]


@pytest.mark.parametrize(("user", "text"), INCOMPLETE)
def test_a_sign_up_needs_a_name_and_a_password(user: User, text: str) -> None:
    with pytest.raises(ParseError) as refused:
        user.sign_up()
    assert (refused.value.code, refused.value.message) == (-1, text)


def test_what_is_wrong_with_a_login_or_a_sign_up(sign_up: SignUp) -> None:
    sign_up("ann")
    with pytest.raises(ParseError) as refused:
        User.log_in("ann", "wrong")
    assert refused.value.code == ParseError.OBJECT_NOT_FOUND
    with pytest.raises(ParseError) as refused:
        User(username="ann", password="x").sign_up()
    assert refused.value.code == ParseError.USERNAME_TAKEN
    assert User.verify_password("ann", "secret").username == "ann"
    with pytest.raises(ParseError) as refused:
        User.verify_password("ann", "wrong")
    assert refused.value.code == ParseError.OBJECT_NOT_FOUND
    with pytest.raises(ParseError) as refused:
        User().log_out()
    assert refused.value.code == ParseError.SESSION_MISSING


def test_a_user_changes_what_is_its_own_with_its_session(sign_up: SignUp) -> None:
    ann = sign_up("ann")
    with pytest.raises(ParseError) as refused:
        ann.save({"nick": "a"})
    assert refused.value.code == ParseError.SESSION_MISSING
    ann.save(user=ann)
    ann.password = "other"
    ann.save(user=ann)
    assert User.log_in("ann", "other")["nick"] == "a"
    with pytest.raises(TypeError, match="Cannot modify readonly attribute: sessionToken"):
        ann["sessionToken"] = "r:mine"


def test_fetching_a_user_keeps_its_session(sign_up: SignUp) -> None:
    ann = sign_up("ann")
    token = ann.session_token
    assert ann.fetch(user=ann).session_token == token is not None


def test_anybody_can_be_logged_in_with_the_master_key(sign_up: SignUp) -> None:
    ann = sign_up("ann")
    assert User.log_in_as(ann.id or "").session_token not in (None, ann.session_token)
    with pytest.raises(ParseError):
        User.log_in_as(ann.id or "", use_master_key=False)


def test_users_are_linked_with_services() -> None:
    proof = {"id": "11111111-1111-1111-1111-111111111111"}
    anonymous = User.log_in_with("anonymous", proof)
    again = User.log_in_with("anonymous", proof, installation_id="device")
    assert (again, again.is_linked("anonymous"), again.is_linked("other")) == (anonymous, True, False)
    assert again.existed() is True
    token = again.session_token
    assert token is not None
    again.username = "ann"
    again.password = "secret"
    again.save(user=again)
    assert again.get("authData", {}).get("anonymous") is None
    assert User.log_in("ann", "secret") == anonymous


def test_a_user_is_linked_later_and_unlinked(sign_up: SignUp) -> None:
    ann = sign_up("ann")
    ann.link_with("anonymous", {"id": "22222222-2222-2222-2222-222222222222"})
    assert ann.is_linked("anonymous")
    ann.unlink("anonymous")
    assert not ann.is_linked("anonymous")
    assert not (Query(User).get(ann.id or "", use_master_key=True).get("authData") or {}).get("anonymous")
    with pytest.raises(ParseError):
        ann.link_with("nosuchservice", {"id": "1"})
    assert not ann.dirty("authData")


def test_mails_need_to_be_configured() -> None:
    for ask in (User.request_password_reset, User.request_email_verification):
        with pytest.raises(ParseError):
            ask("ann@example.com")


def test_roles_hold_users_and_roles(sign_up: SignUp) -> None:
    ann, ben = sign_up("ann"), sign_up("ben")
    admins = Role("Admin", ACL())
    admins.users.add(ann)
    admins.save(use_master_key=True)
    staff = Role("Staff", ACL())
    staff.users.add(ben)
    staff.roles.add(admins)
    staff.save(use_master_key=True)
    acl = ACL()
    acl.set_role_read_access(staff, True)
    Object("Memo", ACL=acl).save(use_master_key=True)
    assert [Query("Memo").count(user=user) for user in (ann, ben, sign_up("cem"))] == [1, 1, 0]
    found = Query(Role).equal_to("name", "Staff").first(use_master_key=True)
    assert isinstance(found, Role)
    assert [user.username for user in found.users.query().find(use_master_key=True)] == ["ben"]


NAMES = [
    ("a/b", "A role's name can be only contain alphanumeric characters, _, -, and spaces."),
    (3, "A role's name must be a String."),
]


@pytest.mark.parametrize(("name", "text"), NAMES)
def test_a_role_has_a_proper_name(name: object, text: str) -> None:
    with pytest.raises(ParseError) as refused:
        Role()["name"] = name
    assert (refused.value.code, refused.value.message) == (-1, text)


def test_a_saved_role_keeps_its_name() -> None:
    role = Role("Admin", ACL()).save(use_master_key=True)
    with pytest.raises(ParseError) as refused:
        role.name = "Other"
    assert refused.value.message == "A role's name can only be set before it has been saved."
    assert Role(name="Given", acl_is_not_a_field=1)["name"] == "Given"


def test_a_session_is_asked_for_and_not_written(sign_up: SignUp) -> None:
    ann = sign_up("ann")
    session = Session.current(user=ann)
    assert (session.session_token, session["user"], session.existed()) == (ann.session_token, ann, True)
    assert Session.current(session_token=ann.session_token) == session
    with pytest.raises(TypeError, match="Cannot modify readonly attribute: expiresAt"):
        session["expiresAt"] = None
    with pytest.raises(ParseError) as refused:
        Session.current()
    assert refused.value.code == ParseError.INVALID_SESSION_TOKEN
    found = Query(Session).find(user=ann)
    assert [type(each) for each in found] == [Session]
    found[0].destroy(user=ann)
    with pytest.raises(ParseError):
        Session.current(session_token=ann.session_token)


def test_installations_have_their_fields_as_attributes(application: Application) -> None:
    device = Installation(
        installationId="11111111-1111-1111-1111-111111111111",
        deviceType="ios",
        deviceToken="a" * 64,
        channels=["news"],
        badge=3,
        timeZone="Europe/Berlin",
        localeIdentifier="de-DE",
        appIdentifier="com.example",
        appName="Example",
        appVersion="1.0",
        parseVersion="5.0",
        pushType="apn",
        GCMSenderId="1",
    ).save(use_master_key=True)
    found = Query(Installation).get(device.id or "", use_master_key=True)
    assert (found.installation_id, found.device_type) == ("11111111-1111-1111-1111-111111111111", "ios")
    assert (found.device_token, found.channels, found.badge) == ("a" * 64, ["news"], 3)
    assert (found.time_zone, found.locale_identifier, found.app_identifier) == ("Europe/Berlin", "de-DE", "com.example")
    assert (found.app_name, found.app_version, found.parse_version) == ("Example", "1.0", "5.0")
    assert (found.push_type, found.gcm_sender_id, Installation.DEVICE_TYPES["WEB"]) == ("apn", "1", "web")
