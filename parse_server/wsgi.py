"""What a WSGI server runs: the whole of HTTP, API and admin."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parse_server.settings")

application = get_wsgi_application()
