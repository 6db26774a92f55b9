"""What a WSGI server runs: the whole of HTTP, API and admin."""

from __future__ import annotations

import gc
import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parse_server.settings")

django: Any = get_wsgi_application()

# Needs the apps, which the line above has loaded.
from django.conf import settings  # noqa: E402

from parse_core.application import applications  # noqa: E402
from parse_core.rest.wsgi import RestFirst  # noqa: E402
from parse_core.tasks import bell  # noqa: E402
from parse_server.mounts import mounts  # noqa: E402

PATIENCE = 30  # seconds; what takes longer to load is `starting` until then

# Mounted at the root, the API takes what the admin leaves; Django's table of paths knows that order.
application: Any = django if "/" in mounts() else RestFirst(django, mounts())
if settings.PARSE_LOADS_AT_START:
    applications.begin()
    applications.wait(PATIENCE)  # a server that has just started answers with all of Cloud Code, not with errors
if settings.PARSE_SWEEPS_TASKS:
    bell().begin()

# What is loaded by now lives as long as the process. The collector need not look at it again, nor look for cycles every
# 700 objects, which cost a quarter of the time of a batch: a request leaves hardly any.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
