"""The request of triggers of files."""

from __future__ import annotations

from typing import cast

from parse_cloud.author.requests.base import Request
from parse_cloud.author.sdk.file import File
from parse_cloud.invocations import FileCall, Invocation


class FileTriggerRequest(Request):
    """A moment of a file. What a handler sets of `file`, `force_download` and `response_headers` counts."""

    def __init__(self, invocation: Invocation) -> None:
        super().__init__(invocation)
        self.file = File.from_content(self._call.file)

    @property
    def trigger_name(self) -> str:
        """`beforeSave` and its like."""
        return str(self._invocation.kind)

    @property
    def file_size(self) -> int | None:
        """Bytes, as far as it is known."""
        return self._call.size

    @property
    def stream(self) -> bool:
        """Whether the content arrives in pieces: then `file` has none."""
        return self._call.is_streamed

    @property
    def force_download(self) -> bool:
        """Whether browsers are to store the file rather than show it."""
        return self._call.force_download

    @force_download.setter
    def force_download(self, value: bool) -> None:
        self._call.force_download = bool(value)

    @property
    def response_headers(self) -> dict[str, str]:
        """The headers the file is sent with."""
        return self._call.response_headers

    @response_headers.setter
    def response_headers(self, value: dict[str, str]) -> None:
        self._call.response_headers = value

    @property
    def _call(self) -> FileCall:
        return cast("FileCall", self._invocation)
