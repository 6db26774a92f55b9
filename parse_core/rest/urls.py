"""Everything below the mount path is one Django route; the table of `routes.py` says where it goes."""

from __future__ import annotations

from django.urls import re_path

from parse_core.rest import views  # noqa: F401 (its modules add their routes)
from parse_core.rest.routes import dispatch

urlpatterns = [re_path(r"^(?P<rest>[\s\S]*)\Z", dispatch)]
