"""Classes as such: their fields, indexes and permissions."""

from __future__ import annotations

from typing import Unpack

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.schema_fields import Fields
from parse_cloud.author.sdk.twins import blocks, twin
from parse_cloud.author.threads import in_thread
from parse_core.values.scalars import Document


class Schema(Fields):
    """`Schema("Post").add_string("title", required=True).add_index("by_title", {"title": 1}).save()`.

    Acts with the master key, unless `use_master_key=False` is given.
    """

    def __init__(self, class_name: str) -> None:
        self.class_name = "_User" if class_name == "User" else class_name
        super().__init__()

    @staticmethod
    @blocks
    def all(**options: Unpack[CallOptions]) -> list[Document]:
        """All classes: `[{"className": …, "fields": …, "classLevelPermissions": …, "indexes": …}]`."""
        found: list[Document] = _api(options).get("schemas")["results"]
        return found

    @staticmethod
    async def aall(**options: Unpack[CallOptions]) -> list[Document]:
        """`all` for the event loop."""
        return await in_thread(lambda: Schema.all(**options))

    @blocks
    def get(self, **options: Unpack[CallOptions]) -> Document:
        """The class. Raises `ParseError` 103 when there is none."""
        found: Document = _api(options).get(self._path)
        return found

    @blocks
    def save(self, **options: Unpack[CallOptions]) -> Document:
        """The new class. Raises `ParseError` 103 when there is one."""
        made: Document = _api(options).ask("POST", self._path, self._body()).body  # type: ignore[assignment]  # decoded
        return made

    @blocks
    def update(self, **options: Unpack[CallOptions]) -> Document:
        """The class with fields and indexes added or deleted; what was to be done is forgotten then."""
        api, body = _api(options), self._body()
        changed: Document = api.ask("PUT", self._path, body).body  # type: ignore[assignment]  # decoded
        self._fields, self._indexes = {}, {}
        return changed

    @blocks
    def delete(self, **options: Unpack[CallOptions]) -> None:
        """Deletes the class. Raises `ParseError` 255 for one that has objects."""
        _api(options).ask("DELETE", self._path)

    @blocks
    def purge(self, **options: Unpack[CallOptions]) -> None:
        """Deletes all objects of the class, without its triggers."""
        _api(options).ask("DELETE", f"purge/{self.class_name}")

    aget = twin(get)
    asave = twin(save)
    aupdate = twin(update)
    adelete = twin(delete)
    apurge = twin(purge)

    @property
    def _path(self) -> str:
        if not self.class_name:
            raise ValueError("You must set a Class Name before making any request.")
        return f"schemas/{self.class_name}"

    def _body(self) -> Document:
        body: Document = {"className": self.class_name, "fields": self._fields, "indexes": self._indexes}
        return body if self._permissions is None else {**body, "classLevelPermissions": self._permissions}


def _api(options: CallOptions) -> Api:
    return Api({"use_master_key": True, **options})
