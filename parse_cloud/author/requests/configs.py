"""The request of triggers of the global config."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from parse_cloud.author.requests.base import Request
from parse_cloud.author.sdk.decoding import decode
from parse_cloud.invocations import ConfigCall

if TYPE_CHECKING:
    from parse_cloud.author.sdk.config import Config


class ConfigTriggerRequest(Request):
    """A change of the config: before it, `object` are the parameters as they were sent; after it, all of them."""

    @property
    def trigger_name(self) -> str:
        """`beforeSave` or `afterSave`."""
        return str(self._invocation.kind)

    @cached_property
    def object(self) -> Config:
        """The parameters."""
        from parse_cloud.author.sdk.config import Config

        return Config(decode(self._call.object))

    @cached_property
    def original(self) -> Config | None:
        """The parameters before the change; None where there were none."""
        from parse_cloud.author.sdk.config import Config

        return None if self._call.original is None else Config(decode(self._call.original))

    @property
    def _call(self) -> ConfigCall:
        return cast("ConfigCall", self._invocation)
