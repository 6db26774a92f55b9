"""The rules that whole families of mistakes break on (`docs/architecture.md`)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).resolve().parent.parent.parent
APPS: Final = ("parse_server", "parse_cloud", "parse_live", "parse_push", "parse_auth", "parse_core")
MODULES: Final = sorted(path for app in APPS for path in (PROJECT / app).rglob("*.py"))
MOST_LINES: Final = 500

# Classes of higher apps. `_GlobalConfig`, `_GraphQLConfig`, `_Idempotency` and `_Product` are the core's own.
SPECIAL_CLASSES: Final = frozenset(
    {
        "_User",
        "_Session",
        "_Role",
        "_Installation",
        "_PushStatus",
        "_Audience",
        "_JobStatus",
        "_JobSchedule",
        "_Hooks",
    }
)
# Where a name of a class may stand as a text although it is another app's, and why.
ALLOWED: Final = {
    ("parse_core/options/access.py", "_User"): "the default of the option `protectedFields` names it",
    ("parse_core/options/__init__.py", "_User"): "and it is joined to what is configured",
}


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def test_imports_go_downwards() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def texts(tree: ast.Module) -> Iterator[str]:
    """The string literals of a module, without its docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


CORE: Final = [path for path in MODULES if name(path).startswith("parse_core/")]


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_names_no_special_class(path: Path) -> None:
    named = SPECIAL_CLASSES.intersection(texts(ast.parse(path.read_text("utf-8"))))
    assert not {special for special in named if (name(path), special) not in ALLOWED}


def test_every_exception_is_still_one() -> None:
    for module, special in ALLOWED:
        path = PROJECT / module
        assert special in set(texts(ast.parse(path.read_text("utf-8")))), (module, special)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    if path.name == "__init__.py" and not tree.body:
        return  # an empty one only makes a package
    if path.parent.name == "migrations" and path.name != "__init__.py" and not ast.get_docstring(tree):
        pytest.skip("Django's form") if len(tree.body) < 4 else None
    assert ast.get_docstring(tree), "no docstring"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_short_enough_to_be_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_client_text_is_ever_evaluated(path: Path) -> None:
    """No `eval`, `exec`, `pickle`, nor a shell: what a client sends is data."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec", "compile", "__import__")
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & {"pickle", "marshal", "shelve"}
        if isinstance(node, ast.keyword) and node.arg == "shell":
            assert ast.unparse(node.value) == "False"
