"""Where Cloud Code in Python comes from: a file, a folder, a module, a callable (`contract/cloud.md`, Python API A).

Code is imported once for each application and each load of it, so that applications share no state and a load that
fails leaves nothing behind. What a file imports relatively (`from . import posts`) is loaded anew with it.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from parse_cloud.author.execution import event_loops

if TYPE_CHECKING:
    from parse_cloud.author.cloud import Cloud

_loads: Final = count(1)


class NotFound(Exception):
    """There is no Cloud Code where the option `cloud` says."""


class Source(Protocol):
    """Something to load. `places` are the files and folders it was read from."""

    @property
    def places(self) -> tuple[Path, ...]: ...

    def load(self, cloud: Cloud) -> None:
        """Runs the code, which registers with `cloud`. Raises whatever it raises."""


@dataclass(frozen=True, slots=True)
class Callback:
    """`setup(cloud)`, sync or async."""

    function: Callable[..., Any]
    places: tuple[Path, ...] = ()

    def load(self, cloud: Cloud) -> None:
        _set_up(self.function, cloud)

    def __str__(self) -> str:
        return getattr(self.function, "__qualname__", repr(self.function))


@dataclass(frozen=True, slots=True)
class File:
    """A file, with its folder as the package around it; or a folder that is a package itself."""

    path: Path

    @property
    def places(self) -> tuple[Path, ...]:
        return (self.path if self.path.is_dir() else self.path.parent,)

    def load(self, cloud: Cloud) -> None:
        name = f"parse_cloud_code_{next(_loads)}"
        if self.path.is_dir():
            _set_up_module(_executed(name, self.path / "__init__.py", [str(self.path)]), cloud)
            return
        package = ModuleType(name)
        package.__path__ = [str(self.path.parent)]
        sys.modules[name] = package
        _set_up_module(_executed(f"{name}.{self.path.stem}", self.path, None), cloud)

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its dotted name. The first application that loads it gets the module that others may import."""

    name: str

    @property
    def places(self) -> tuple[Path, ...]:
        spec = find_spec(self.name)
        if spec is None or not spec.origin:
            return ()
        origin = Path(spec.origin)
        return (origin.parent if spec.submodule_search_locations else origin,)

    def load(self, cloud: Cloud) -> None:
        former = {name: module for name, module in sys.modules.items() if f"{name}.".startswith(f"{self.name}.")}
        for name in former:
            del sys.modules[name]
        try:
            _set_up_module(importlib.import_module(self.name), cloud)
        except BaseException:
            sys.modules.update(former)
            raise

    def __str__(self) -> str:
        return self.name


def source_of(value: Any) -> Source:
    """What the option `cloud` names. Raises `NotFound`."""
    if not isinstance(value, str):
        return Callback(value)
    path = Path(value).absolute()
    if path.is_dir():
        for name, found in (("__init__.py", path), ("main.py", path / "main.py")):
            if (path / name).is_file():
                return File(found)
    if path.is_file():
        return File(path)
    if path.suffix == ".py" or not all(part.isidentifier() for part in value.split(".")) or not _exists(value):
        raise NotFound(f"There is no file, folder or module {value}")
    return Module(value)


@cache
def of_django_apps() -> tuple[Module, ...]:
    """The `cloud` modules of installed Django apps, in their order."""
    found = (config for config in apps.get_app_configs() if config.module and config.name != "parse_cloud")
    return tuple(Module(f"{config.name}.cloud") for config in found if module_has_submodule(config.module, "cloud"))


def _exists(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _executed(name: str, path: Path, locations: list[str] | None) -> ModuleType:
    spec = spec_from_file_location(name, path, submodule_search_locations=locations)
    if spec is None or spec.loader is None:
        raise NotFound(f"{path} is not a Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _set_up_module(module: ModuleType, cloud: Cloud) -> None:
    """Calls the module's own `setup(cloud)`, if it has one."""
    function = getattr(module, "setup", None)
    if callable(function) and getattr(function, "__module__", None) == module.__name__:
        _set_up(function, cloud)


def _set_up(function: Callable[..., Any], cloud: Cloud) -> None:
    result = function(cloud)
    if inspect.isawaitable(result):
        event_loops.run(partial(_awaited, result))


async def _awaited(awaitable: Any) -> Any:
    return await awaitable
