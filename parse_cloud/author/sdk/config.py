"""The global config of the application: parameters that clients read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Unpack, overload

from parse_cloud.author.sdk.calls import Api, CallOptions
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.author.sdk.encoding import encode
from parse_cloud.author.sdk.pending import Op
from parse_cloud.author.sdk.twins import blocks
from parse_cloud.author.threads import in_thread
from parse_core.values.scalars import Document


class _Get:
    """`Config.get()` asks the server; `config.get("limit", 10)` looks into what it answered."""

    @overload
    def __get__(self, config: None, kind: type[Config]) -> Callable[..., Config]: ...
    @overload
    def __get__(self, config: Config, kind: type[Config]) -> Callable[..., Any]: ...
    def __get__(self, config: Config | None, kind: type[Config]) -> Callable[..., Any]:
        return kind.current if config is None else config.attributes.get


class Config(Mapping[str, Any]):
    """The parameters, as they were when they were asked for: `Config.get()["welcome"]`.

    Names that nobody set are not there; `config.get("limit", 10)` has a default for them.
    """

    get = _Get()  # a mapping's, and the other SDKs' way to ask the server

    def __init__(self, attributes: Mapping[str, Any] | None = None) -> None:
        self.attributes: dict[str, Any] = dict(attributes or {})

    def __getitem__(self, key: str) -> Any:
        return self.attributes[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)

    def __repr__(self) -> str:
        return f"Config({self.attributes!r})"

    @classmethod
    def from_json(cls, params: Document) -> Config:
        """The config that REST JSON has."""
        return cls({key: decode(value) for key, value in params.items()})

    @classmethod
    @blocks
    def current(cls, **options: Unpack[CallOptions]) -> Config:
        """What `Config.get()` gives: the parameters the caller may read; with the master key all of them."""
        return cls.from_json(Api(options).get("config")["params"])

    @classmethod
    async def aget(cls, **options: Unpack[CallOptions]) -> Config:
        """`Config.get()` for the event loop."""
        return await in_thread(lambda: cls.current(**options))

    @classmethod
    @blocks
    def save(
        cls,
        params: Mapping[str, Any],
        master_key_only: Mapping[str, bool] | None = None,
        **options: Unpack[CallOptions],
    ) -> Config:
        """The config with some parameters set, or changed by operations; others stay as they are.

        `master_key_only` names those that clients shall not read. With the master key, unless
        `use_master_key=False` is given.
        """
        body: Document = {
            "params": {
                key: value.to_json() if isinstance(value, Op) else encode(value) for key, value in params.items()
            }
        }
        if master_key_only is not None:
            body["masterKeyOnly"] = dict(master_key_only)
        api = Api({"use_master_key": True, **options})
        api.ask("PUT", "config", body)
        return cls.from_json(api.get("config")["params"])

    @classmethod
    async def asave(
        cls,
        params: Mapping[str, Any],
        master_key_only: Mapping[str, bool] | None = None,
        **options: Unpack[CallOptions],
    ) -> Config:
        """`save` for the event loop."""
        return await in_thread(lambda: cls.save(params, master_key_only, **options))
