"""What a WSGI server runs: the whole of HTTP, API and admin."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parse_server.settings")

django = get_wsgi_application()

# Needs the apps, which the line above has loaded.
from django.conf import settings  # noqa: E402

from parse_core.rest.wsgi import RestFirst  # noqa: E402

application = RestFirst(django, settings.PARSE_MOUNT_PATH)
