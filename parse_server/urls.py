"""The paths of the process: the API at its mount, and the admin.

Apps above parse_core add their routes to its registry, so one include brings them all.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from parse_server.mounts import mounts

admin_path = settings.ADMIN_PATH.lstrip("/")

urlpatterns = [
    path(admin_path.rstrip("/"), RedirectView.as_view(url=settings.ADMIN_PATH)),
    path(admin_path, admin.site.urls),
    *(path(f"{mount[1:]}/" if mount != "/" else "", include("parse_core.rest.urls")) for mount in mounts()),
]
