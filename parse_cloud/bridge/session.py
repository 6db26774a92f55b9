"""What goes over the channel of one Node process, from its first word to its end: calls and their replies."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any

from parse_cloud.bridge.channel import ChannelClosed, FrameRefused
from parse_cloud.bridge.node_process import NodeProcess
from parse_cloud.invocations import Invocation
from parse_core.values.scalars import Document

log = logging.getLogger("parse_cloud")

Receiver = Callable[["Session", Document], None]


class SessionOver(Exception):
    """The process is gone, and with it whatever it was asked."""


class NoAnswer(Exception):
    """The handler did not answer in its time."""


class LoadingFailed(Exception):
    """main.js could not be loaded; the text names file and line."""


@dataclass(slots=True, eq=False)
class Running:
    """A call that Node is busy with. `surroundings` are the context variables of the thread that waits for it.

    `turn` is held by what the handler asks inside an open transaction: one at a time, and nothing any more once the
    call is over, when the transaction may be anybody's connection.
    """

    invocation: Invocation
    surroundings: Context
    depth: int
    answered: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)
    is_over: bool = False
    reply: Document | None = None


class Session:
    """One Node process from its start to its end. Thread-safe."""

    def __init__(
        self, process: NodeProcess, receivers: Mapping[str, Receiver], ended: Callable[[Session], None]
    ) -> None:
        """`receivers` get the frames that are no replies, by type, on the thread that reads: they must not wait."""
        self.process = process
        self.is_over = False
        self.asked = 0.0  # when it was last asked for a sign of life
        self.heard = time.monotonic()
        self._receivers = receivers
        self._ended = ended
        self._lock = threading.Lock()
        self._running: dict[int, Running] = {}
        self._ids = itertools.count(1)
        self._loaded = threading.Event()
        self._failure: str | None = None
        threading.Thread(target=self._read, name="cloud-bridge", daemon=True).start()

    def load(self, hello: Document, patience: float) -> None:
        """Has main.js loaded. Raises `LoadingFailed`."""
        try:
            self.process.channel.send({"type": "hello", **hello})
        except ChannelClosed as error:
            raise LoadingFailed("Node ended before it had read the file.") from error
        if not self._loaded.wait(patience):
            raise LoadingFailed(f"{hello['main']} was not loaded within {patience:.0f} seconds.")
        if self._failure is not None:
            raise LoadingFailed(self._failure)
        if self.is_over:
            raise LoadingFailed(f"{hello['main']} ended the process while it was loaded.")

    def loaded(self, failure: str | None = None) -> None:
        """Node says that it has, or has not."""
        self._failure = failure
        self._loaded.set()

    def call(self, invocation: Invocation, frame: Document, *, depth: int, timeout: float | None) -> Document:
        """The reply to a call. Raises `SessionOver`, `NoAnswer`, and `FrameRefused` for a call that is too large."""
        running = Running(invocation, copy_context(), depth)
        running.answered.acquire()
        identifier = next(self._ids)
        with self._lock:
            if self.is_over:
                raise SessionOver
            self._running[identifier] = running
        try:
            self.process.channel.send({"type": "invoke", "id": identifier, **frame})
            if not running.answered.acquire(timeout=-1 if timeout is None else timeout):
                raise NoAnswer
        except ChannelClosed as error:
            raise SessionOver from error
        finally:
            self._running.pop(identifier, None)
            running.is_over = True
            with running.turn:  # what it still asks inside the transaction comes to its end first
                pass
        if running.reply is None:
            raise SessionOver
        return running.reply

    def running(self, identifier: object) -> Running | None:
        """The call that a frame names, if it is still going on."""
        return self._running.get(identifier) if isinstance(identifier, int) else None

    @property
    def is_busy(self) -> bool:
        return bool(self._running)

    def send(self, frame: Document) -> None:
        """Sends a frame; one to a process that is gone is lost."""
        with suppress(ChannelClosed):
            self.process.channel.send(frame)

    def ping(self) -> None:
        """Asks for a sign of life, unless something larger is on its way to Node already."""
        self.asked = time.monotonic()
        with suppress(ChannelClosed):
            self.process.channel.try_send({"type": "ping", "id": 0})

    def end(self, *, at_once: bool = False) -> None:
        """Ends the process; whoever waits for a reply learns of it."""
        self.process.end(at_once=at_once)

    def _read(self) -> None:
        try:
            for frame in self.process.channel.frames():
                self.heard = time.monotonic()
                if frame["type"] == "reply":
                    self._settle(frame)
                else:
                    self._hand_on(frame)
        except FrameRefused as error:
            log.warning("JavaScript Cloud Code sent %s; its process is ended.", error)
            self.process.kill()
        finally:
            self._give_up()

    def _settle(self, frame: Document) -> None:
        running = self.running(frame.get("id"))
        if running is not None and running.reply is None:  # a second one changes nothing
            running.reply = frame
            running.answered.release()

    def _hand_on(self, frame: Document) -> None:
        receiver = self._receivers.get(frame["type"])
        if receiver is None:
            return
        try:
            receiver(self, frame)
        except Exception:
            log.exception("A message of JavaScript Cloud Code could not be handled")

    def _give_up(self) -> None:
        with self._lock:
            self.is_over = True
            left = [each for each in self._running.values() if each.reply is None]
        for running in left:
            running.answered.release()
        self._loaded.set()
        self._ended(self)


def text_of(frame: Document, name: str, *, longest: int = 1 << 16) -> str:
    """A member of a frame as text, whatever it is."""
    value: Any = frame.get(name)
    return (value if isinstance(value, str) else repr(value))[:longest]
