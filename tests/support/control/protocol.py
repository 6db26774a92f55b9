"""What the harness asks the server to do between its requests to the API."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from parse_core.application import applications
from parse_core.options import ConfigurationError
from parse_core.options.describing import described
from tests.support.control.bridged import BRIDGED, bridged
from tests.support.control.values import Unsupported, decode, encode_error, encode_refusal

log = logging.getLogger(__name__)

Json = dict[str, Any]


class Failure(Exception):
    """An answer with a status of 400 and this encoded error."""

    def __init__(self, error: Json) -> None:
        super().__init__(str(error))
        self.error = error


class Control:
    """The protocol's requests, one at a time."""

    def __init__(self, origin: str) -> None:
        """`origin` is where the API really listens: `http://127.0.0.1:8401`."""
        self.origin = origin
        self._lock = threading.Lock()
        self._routes: Mapping[tuple[str, str], Callable[[Json], Json]] = {
            ("GET", "/info"): self.info,
            ("POST", "/configure"): self.configure,
            ("POST", "/reset"): self.reset,
            ("DELETE", "/hooks"): lambda _body: {},
            ("POST", "/hooks"): self.hooks,
        }

    def answer(self, method: str, path: str, body: Json) -> Json:
        """The answer to a request. Raises `Failure`."""
        route = self._routes.get((method, path))
        if route is None:
            raise Failure(encode_error(f"{method} {path} is not supported"))
        with self._lock:
            try:
                return route(body)
            except ConfigurationError as error:
                raise Failure(encode_refusal(str(error))) from error
            except Unsupported as error:
                raise Failure(encode_error(str(error))) from error

    def info(self, _body: Json) -> Json:
        """What the harness may expect of us."""
        return {
            "name": "parse-server-django",
            "version": "9.10.0",
            "capabilities": {"hooks": False, "bridgedConfig": list(BRIDGED)},
        }

    def configure(self, body: Json) -> Json:
        """Serves exactly this configuration from now on, keeping the data."""
        # Code that starts the reference has to say its URL; only its command line works one out.
        application = applications.configure({"serverURL": "", **bridged(decode(body["config"]))})
        for other in [identifier for identifier in applications if identifier != application.id]:
            applications.remove(other)
        options = application.options
        return {
            "serverURL": self.origin + options.mount_path,
            "liveQueryServerURL": self.origin.replace("http", "ws", 1),
            "graphQLURL": self.origin + options.graphql_path,
            "effective": {
                **described(options, secrets=True),
                "hasPushSupport": bool(options.push),
                "hasPushScheduledSupport": bool(options.push) and options.scheduled_push,
            },
        }

    def reset(self, _body: Json) -> Json:
        """Removes all data and classes."""
        for application in applications.values():
            application.reset()
        return {}

    def hooks(self, body: Json) -> Json:
        """Refused: there is no Cloud Code yet."""
        raise Unsupported(f"hooks of the kind {body.get('kind')!r} are not supported")
