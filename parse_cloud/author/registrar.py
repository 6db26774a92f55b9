"""`cloud.function`, `cloud.before_save` …: one decorator for each kind of handler."""

from __future__ import annotations

from parse_cloud.author.declaring import Declaring
from parse_cloud.author.decorators import (
    OnAfterFind,
    OnBeforeFind,
    OnConnect,
    OnDelete,
    OnEvent,
    OnEventOf,
    OnFunction,
    OnJob,
    OnSave,
    OnSubscribe,
    OnUser,
)
from parse_cloud.kinds import Kind


class Registrar(Declaring):
    """The decorators of one application.

    What is asked of callers is said with keywords (`require_user=True`), with `validator={…}` as in JavaScript, or with
    a function of the request. A `timeout` is in seconds.
    """

    @property
    def function(self) -> OnFunction:
        """A function that clients call by name, by default the Python one; what it returns is the result."""
        return OnFunction(self, Kind.FUNCTION)

    @property
    def job(self) -> OnJob:
        """A background job; a text that it returns is its last message."""
        return OnJob(self, Kind.JOB)

    @property
    def before_save(self) -> OnSave:
        """Before an object is written: changes it, or refuses by raising."""
        return OnSave(self, Kind.BEFORE_SAVE)

    @property
    def after_save(self) -> OnSave:
        """After an object was written, before the answer; what it raises is logged."""
        return OnSave(self, Kind.AFTER_SAVE)

    @property
    def before_delete(self) -> OnDelete:
        """Before an object is deleted; refuses by raising."""
        return OnDelete(self, Kind.BEFORE_DELETE)

    @property
    def after_delete(self) -> OnDelete:
        """After an object was deleted, before the answer."""
        return OnDelete(self, Kind.AFTER_DELETE)

    @property
    def before_find(self) -> OnBeforeFind:
        """Before a query runs: changes it, returns another, or returns objects in the place of the database's."""
        return OnBeforeFind(self, Kind.BEFORE_FIND)

    @property
    def after_find(self) -> OnAfterFind:
        """After a query ran: changes the objects, or returns a list of others."""
        return OnAfterFind(self, Kind.AFTER_FIND)

    @property
    def before_login(self) -> OnUser:
        """Before a user who gave the right password is logged in; refuses by raising."""
        return OnUser(self, Kind.BEFORE_LOGIN)

    @property
    def after_login(self) -> OnUser:
        """After a user logged in."""
        return OnUser(self, Kind.AFTER_LOGIN)

    @property
    def after_logout(self) -> OnUser:
        """After a user logged out; the object is the session that was ended."""
        return OnUser(self, Kind.AFTER_LOGOUT)

    @property
    def before_password_reset_request(self) -> OnUser:
        """Before a user is sent the mail to choose a new password; refuses by raising."""
        return OnUser(self, Kind.BEFORE_PASSWORD_RESET_REQUEST)

    @property
    def before_connect(self) -> OnConnect:
        """Before a client of live queries is connected; refuses by raising."""
        return OnConnect(self, Kind.BEFORE_CONNECT)

    @property
    def before_subscribe(self) -> OnSubscribe:
        """Before a live query is subscribed to: changes it, or refuses by raising."""
        return OnSubscribe(self, Kind.BEFORE_SUBSCRIBE)

    @property
    def after_live_query_event(self) -> OnEventOf:
        """Before an event of a live query is sent to a client: changes it, or keeps it back."""
        return OnEventOf(self, Kind.AFTER_EVENT)

    @property
    def on_live_query_event(self) -> OnEvent:
        """Whatever happens on live-query connections; every handler of it is told, and nobody waits for them."""
        return OnEvent(self, Kind.ON_LIVE_QUERY_EVENT)
