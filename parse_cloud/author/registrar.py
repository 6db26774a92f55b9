"""`cloud.function`, `cloud.before_save` …: one decorator for each kind of handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parse_cloud.author.declaring import Declaring
from parse_cloud.author.decorators import (
    OnAfterFind,
    OnBeforeFind,
    OnClass,
    OnDelete,
    OnFunction,
    OnJob,
    OnMoment,
    OnSave,
)
from parse_cloud.kinds import Kind

if TYPE_CHECKING:
    from parse_cloud.author.requests import (
        ConnectRequest,
        LiveQueryEventRequest,
        SubscribeRequest,
        TriggerRequest,
    )
    from parse_cloud.author.sdk.session import Session
    from parse_cloud.author.sdk.user import User


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
    def before_login(self) -> OnMoment[TriggerRequest[User]]:
        """Before a user who gave the right password is logged in; refuses by raising."""
        return OnMoment(self, Kind.BEFORE_LOGIN)

    @property
    def after_login(self) -> OnMoment[TriggerRequest[User]]:
        """After a user logged in."""
        return OnMoment(self, Kind.AFTER_LOGIN)

    @property
    def after_logout(self) -> OnMoment[TriggerRequest[Session]]:
        """After a user logged out; the object is the session that was ended."""
        return OnMoment(self, Kind.AFTER_LOGOUT)

    @property
    def before_password_reset_request(self) -> OnMoment[TriggerRequest[User]]:
        """Before a user is sent the mail to choose a new password; refuses by raising."""
        return OnMoment(self, Kind.BEFORE_PASSWORD_RESET_REQUEST)

    @property
    def before_connect(self) -> OnMoment[ConnectRequest]:
        """Before a client of live queries is connected; refuses by raising."""
        return OnMoment(self, Kind.BEFORE_CONNECT)

    @property
    def before_subscribe(self) -> OnClass[SubscribeRequest]:
        """Before a live query is subscribed to: changes it, or refuses by raising."""
        return OnClass(self, Kind.BEFORE_SUBSCRIBE)

    @property
    def after_live_query_event(self) -> OnClass[LiveQueryEventRequest]:
        """Before an event of a live query is sent to a client: changes it, or keeps it back."""
        return OnClass(self, Kind.AFTER_EVENT)

    @property
    def on_live_query_event(self) -> OnMoment[LiveQueryEventRequest]:
        """Whatever happens on live-query connections; every handler of it is told, and nobody waits for them."""
        return OnMoment(self, Kind.ON_LIVE_QUERY_EVENT)
