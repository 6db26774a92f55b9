"""The places of users and sessions in the admin. They have no tables: users and sessions are objects of a class."""

from __future__ import annotations

from django.db import models


class User(models.Model):  # noqa: DJ008 - there are no instances
    """Gives the list of users an address and a permission."""

    class Meta:
        managed = False
        default_permissions = ("view",)


class Session(models.Model):  # noqa: DJ008 - there are no instances
    """Gives the list of sessions an address and a permission."""

    class Meta:
        managed = False
        default_permissions = ("view",)
