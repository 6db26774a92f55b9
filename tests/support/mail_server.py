"""A mail server on loopback that keeps what it gets, in memory and, for other processes, in a folder."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.server import free_port


class MailServer:
    """Its mails, each with its recipients. In the folder, a file by the name of the recipient holds his last mail."""

    def __init__(self, folder: Path | None = None) -> None:
        self.port = free_port()
        self.mails: list[tuple[list[str], Message]] = []
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(content, policy=default)))
        if self._folder is not None:
            for recipient in envelope.rcpt_tos:
                arriving = self._folder / f".{recipient}"
                arriving.write_bytes(content)
                arriving.rename(self._folder / recipient)
        return "250 OK"


@contextmanager
def mail_server(folder: Path | None = None) -> Iterator[MailServer]:
    """The server runs inside the block."""
    server = MailServer(folder)
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
