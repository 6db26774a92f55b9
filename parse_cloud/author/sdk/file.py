"""Files: contents under a name, which fields of objects refer to."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, Unpack

from parse_cloud.author.current import current
from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.decoding import decoders
from parse_cloud.author.sdk.downloads import Source, content_of, download
from parse_cloud.author.sdk.encoding import Encodable, Form, encode
from parse_cloud.author.sdk.error import ParseError
from parse_cloud.author.sdk.twins import blocks, twin
from parse_core.rest.renderers import FileUrls
from parse_core.values.scalars import Document, Json

if TYPE_CHECKING:
    from parse_cloud.invocations import FileContent


class File(Encodable):
    """A file: `File("cat.png", data=b"…")`, then `cat.save()`, or set in an object, with which it is saved.

    `data` is bytes, something to read them from, a text in base64 (a data URI too) or `{"uri": "https://…"}`.
    """

    def __init__(
        self,
        name: str,
        data: Source | None = None,
        content_type: str | None = None,
        *,
        metadata: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
        directory: str | None = None,
    ) -> None:
        self.name = name
        self.content_type = content_type
        self.metadata: dict[str, Any] = dict(metadata or {})
        self.tags: dict[str, Any] = dict(tags or {})
        self.directory = directory
        self._source = data
        self._data: bytes | None = None
        self._url: str | None = None

    @property
    def url(self) -> str | None:
        """Where clients get it; None before it is saved."""
        found = current.get(None)
        if self._url is None or found is None or not self._url.startswith(found.application.file_marker):
            return self._url
        return found.application.part(FileUrls).filled_in(self._url.encode()).decode()

    @blocks
    def get_data(self) -> bytes:
        """The contents; those of a stored file are downloaded once. Raises `ParseError` 601 if they cannot be."""
        return self._content()

    def _content(self) -> bytes:
        if self._data is None and self._source is not None:
            self._data, self.content_type = content_of(self._source, self.content_type)
        if self._data is None:
            if self.url is None:
                raise ParseError(ParseError.UNSAVED_FILE_ERROR, "Cannot retrieve data for unsaved ParseFile.")
            self._data = download(self.url)[0]
        return self._data

    @blocks
    def save(self, **options: Unpack[CallOptions]) -> Self:
        """The file, stored, with the name and URL it has now. One that is stored is not stored again."""
        self.store(Api(options))
        return self

    @blocks
    def destroy(self, **options: Unpack[CallOptions]) -> Self:
        """The file, which is stored no more. With the master key, unless `use_master_key=False` is given."""
        if not self.name:
            raise ParseError(ParseError.FILE_DELETE_UNNAMED_ERROR, "Cannot delete an unnamed file.")
        Api({"use_master_key": True, **options}).ask("DELETE", f"files/{self.name}")
        self._data = None
        return self

    aget_data = twin(get_data)
    asave = twin(save)
    adestroy = twin(destroy)

    def store(self, api: Api) -> None:
        """Stores the file as one caller, unless it is."""
        if self._url is not None:
            return
        details: Document = {"metadata": encode(self.metadata), "tags": encode(self.tags)}
        if self.directory:
            details["directory"] = self.directory
        body: Document = {"base64": base64.b64encode(self._content()).decode(), "fileData": details}
        if self.content_type:
            body["_ContentType"] = self.content_type
        answer = api.post(f"files/{self.name}", body)
        self.name, self._url = answer["name"], answer["url"]

    def set_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Adds to what is stored with the file."""
        self.metadata.update(metadata)

    def add_metadata(self, key: str, value: Any) -> None:
        """Adds to what is stored with the file."""
        self.metadata[key] = value

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Adds tags by which the storage may find the file."""
        self.tags.update(tags)

    def add_tag(self, key: str, value: Any) -> None:
        """Adds a tag by which the storage may find the file."""
        self.tags[key] = value

    @classmethod
    def from_content(cls, content: FileContent) -> File:
        """A file as its triggers see it."""
        file = cls(
            content.name,
            content.data,
            content.content_type,
            metadata=content.metadata,
            tags=content.tags,
            directory=content.directory,
        )
        file._url = content.url
        return file

    def to_content(self) -> FileContent:
        """The file as its triggers leave it; without data if it has none of its own."""
        from parse_cloud.invocations import FileContent

        known = self._data is not None or self._source is not None
        data = self._content() if known else None
        metadata, tags = encode(self.metadata), encode(self.tags)
        return FileContent(self.name, data, self.content_type, metadata, tags, self.directory, self._url)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> File:
        """The stored file that `{"__type": "File", "name": …, "url": …}` stands for."""
        file = cls(value["name"])
        url = value.get("url")
        file._url = url if isinstance(url, str) else None
        return file

    def to_json(self) -> Document:
        """`{"__type": "File", "name": …, "url": …}`. Raises `ParseError` 151 for a file that is not stored."""
        if self._url is None:
            raise ParseError(ParseError.UNSAVED_FILE_ERROR, "Tried to encode an unsaved file.")
        return {"__type": "File", "name": self.name, "url": self.url}

    def encoded(self, form: Form) -> Json:
        return self.to_json()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, File) and self._url is not None and (self.name, self.url) == (other.name, other.url)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<File {self.name}>"


def _decoded(value: Document) -> Any:
    return File.from_json(value) if isinstance(value.get("name"), str) else dict(value)


decoders.add("File", _decoded)
