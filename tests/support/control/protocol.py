"""What the harness asks the server to do between its requests to the API."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Mapping
from typing import Any

from parse_cloud.author.calls import Calls
from parse_cloud.kinds import IllegalRegistration
from parse_core.application import applications
from parse_core.options import ConfigurationError
from parse_core.options.describing import described
from tests.support.control.bridged import BRIDGED, bridged
from tests.support.control.hooks import SUPPORTED, Hooks
from tests.support.control.values import Unsupported, decode, encode_error, encode_refusal, thrown

log = logging.getLogger(__name__)

Json = dict[str, Any]

# What the specs take for granted: defaults of the reference that ours are safer than.
AS_THE_REFERENCE = {
    "serverURL": "",
    "enableProductPurchaseLegacyApi": True,
    "logsFolder": tempfile.mkdtemp(prefix="control-logs-"),
}


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
            ("DELETE", "/hooks"): self.without_hooks,
            ("POST", "/hooks"): self.with_hook,
        }
        # What running handlers ask, whatever else goes on
        self._questions: Mapping[tuple[str, str], Callable[[Json], Json]] = {
            ("POST", "/callback"): self.called_back,
            ("POST", "/sendEmail"): self.send_email,
        }
        self._hooks = Hooks()

    def answer(self, method: str, path: str, body: Json) -> Json:
        """The answer to a request. Raises `Failure`."""
        question = self._questions.get((method, path))
        if question is not None:
            return question(body)
        route = self._routes.get((method, path))
        if route is None:
            raise Failure(encode_error(f"{method} {path} is not supported"))
        with self._lock:
            try:
                return route(body)
            except ConfigurationError as error:
                raise Failure(encode_refusal(str(error))) from error
            except IllegalRegistration as error:
                raise Failure(thrown(str(error))) from error
            except Unsupported as error:
                raise Failure(encode_error(str(error))) from error

    def info(self, _body: Json) -> Json:
        """What the harness may expect of us."""
        return {
            "name": "parse-server-django",
            "version": "9.10.0",
            "capabilities": {"hooks": SUPPORTED, "bridgedConfig": list(BRIDGED)},
        }

    def configure(self, body: Json) -> Json:
        """Serves exactly this configuration from now on, keeping the data."""
        # Code that starts the reference has to say its URL; only its command line works one out.
        application = applications.configure({**AS_THE_REFERENCE, **bridged(decode(body["config"]))})
        for other in [identifier for identifier in applications if identifier != application.id]:
            applications.remove(other)
        self._hooks.register(application)
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

    def reset(self, body: Json) -> Json:
        """Removes all data and classes, and the hooks if it says so."""
        for application in applications.values():
            application.reset()
            if body.get("hooks"):
                self._hooks.clear(application)
        return {}

    def with_hook(self, body: Json) -> Json:
        """Registers a function, job or trigger."""
        for application in applications.values():
            self._hooks.add(application, body)
        return {}

    def without_hooks(self, _body: Json) -> Json:
        """Removes all hooks."""
        for application in applications.values():
            self._hooks.clear(application)
        return {}

    def called_back(self, body: Json) -> Json:
        """A handler that runs reports."""
        self._hooks.called_back(body)
        return {}

    def send_email(self, body: Json) -> Json:
        """Sends a mail as Cloud Code does."""
        for application in applications.values():
            calls = Calls()
            calls.application = application
            calls.send_email(**{"to": "", "subject": "", "text": "", **decode(body["data"])})
        return {}
