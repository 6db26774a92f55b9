"""The connection to the Node process: frames of JSON in both directions, each behind its length in four bytes."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import orjson

from parse_core.values.scalars import Document

LARGEST: Final = 64 << 20  # bytes of one frame; an upload of the usual limit fits, as base64
_LENGTH: Final = struct.Struct(">I")
_CHUNK: Final = 1 << 16


class ChannelClosed(Exception):
    """The other end is gone."""


class FrameRefused(ValueError):
    """A frame that is too large, or no JSON object."""


class Channel:
    """One end of a pair of sockets. `send` may be called by any thread, `frames` is for one."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._sending = threading.Lock()

    def send(self, frame: Document) -> None:
        """Sends a frame. Raises `ChannelClosed`, and `FrameRefused` for one that is too large or has no JSON."""
        try:
            body = orjson.dumps(frame)
        except orjson.JSONEncodeError as error:
            raise FrameRefused(str(error)) from error
        if len(body) > LARGEST:
            raise FrameRefused(f"{len(body)} bytes are too many for one message to Cloud Code")
        with self._sending:
            try:
                self._socket.sendall(_LENGTH.pack(len(body)) + body)
            except OSError as error:
                raise ChannelClosed from error

    def try_send(self, frame: Document) -> bool:
        """Sends a small frame; False when another thread is still sending."""
        if self._sending.acquire(blocking=False):
            try:
                self._socket.sendall(_LENGTH.pack(len(body := orjson.dumps(frame))) + body)
            except OSError as error:
                raise ChannelClosed from error
            finally:
                self._sending.release()
            return True
        return False

    def frames(self) -> Iterator[Document]:
        """What comes in, until the other end is gone. Raises `FrameRefused` for what is no frame."""
        while (header := self._read(_LENGTH.size)) is not None:
            (length,) = _LENGTH.unpack(header)
            if length > LARGEST:
                raise FrameRefused(f"a message of {length} bytes")
            body = self._read(length)
            if body is None:
                return
            yield _decoded(body)

    def close(self) -> None:
        """Ends the connection, which ends the process at its other end."""
        with suppress(OSError):  # it is closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def forget(self) -> None:
        """Lets go of a connection that another process keeps."""
        self._socket.close()

    def _read(self, count: int) -> bytes | None:
        """So many bytes; None at the end."""
        chunks: list[bytes] = []
        while count:
            try:
                chunk = self._socket.recv(min(count, _CHUNK))
            except OSError:
                return None
            if not chunk:
                return None
            chunks.append(chunk)
            count -= len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        frame = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise FrameRefused("a message that is no JSON") from error
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise FrameRefused("a message without a type")
    return frame
