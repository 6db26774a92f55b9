"""The dashboard in Django's admin: applications and their options, classes and their schemas, and lists of objects.

It reads what this process serves, through the same doors as any transport, and changes nothing. Higher apps show
objects of their classes with an `ObjectAdmin` in their own `admin.py`.
"""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

from parse_core.admin.applications import ApplicationAdmin
from parse_core.admin.classes import ClassAdmin
from parse_core.models import Application, ParseClass

admin.site.site_title = admin.site.site_header = "Parse Server"
admin.site.index_title = "Dashboard"
# Those who may come in here; "Users" are the applications'.
apps.get_app_config("auth").verbose_name = "Administrators"

admin.site.register(Application, ApplicationAdmin)
admin.site.register(ParseClass, ClassAdmin)
