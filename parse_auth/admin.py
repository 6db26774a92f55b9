"""Users and sessions of the applications in the admin: to find and to look at."""

from __future__ import annotations

import orjson
from django.contrib import admin

from parse_auth.models import Session, User
from parse_core.admin.objects import ObjectAdmin, contains
from parse_core.context import RequestContext
from parse_core.objects.find import find
from parse_core.objects.requests import FindRequest
from parse_core.values.scalars import Json

MOST_USERS = 200  # whose sessions one search shows


def users_like(text: str) -> Json:
    """The condition of users with this id, or with the text in their name or address."""
    return {"$or": [{"username": contains(text)}, {"email": contains(text)}, {"objectId": text}]}


@admin.register(User)
class UserAdmin(ObjectAdmin):
    """Users, without what they sign in with."""

    class_name = "_User"
    columns = ("username", "email", "emailVerified", "objectId", "createdAt", "updatedAt")
    secrets = ("authData", "sessionToken")
    searches = "user name, e-mail address, objectId"

    def condition(self, context: RequestContext, text: str) -> Json:
        return users_like(text)


@admin.register(Session)
class SessionAdmin(ObjectAdmin):
    """Sessions, without their tokens."""

    class_name = "_Session"
    columns = ("objectId", "user", "createdWith", "installationId", "createdAt", "expiresAt")
    secrets = ("sessionToken",)
    searches = "user, installation id, objectId"

    def condition(self, context: RequestContext, text: str) -> Json:
        asked = FindRequest("_User", where=users_like(text), keys=("objectId",), limit=MOST_USERS)
        users = [
            {"__type": "Pointer", "className": "_User", "objectId": user["objectId"]}
            for user in orjson.loads(find(context, asked).json)
        ]
        return {"$or": [{"user": {"$in": users}}, {"installationId": text}, {"objectId": text}]}
