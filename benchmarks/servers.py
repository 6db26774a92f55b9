"""The two servers, each with one worker process on the core that is measured."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .calls import APP_ID, MASTER_KEY, MOUNT, REST_KEY
from .database import Database
from .machine import SERVER_CORE, cpu_seconds, free_port
from .processes import environment, running, wait_until_healthy

PROJECT = Path(__file__).parent.parent
REFERENCE = PROJECT / ".reference"
CLOUD_CODE = Path(__file__).with_name("moments")
REFERENCE_PACKAGE = {
    "private": True,
    "dependencies": {"parse-server": "9.10.0"},
    # Newer ones, which npm would take, break its /batch.
    "overrides": {"router": "2.2.0"},
}


@dataclass(frozen=True)
class Server:
    """A running server. `database` is the name of its database; it is its name in the report too."""

    name: str
    version: str
    port: int
    pid: int

    @property
    def database(self) -> str:
        return self.name

    def cpu_seconds(self) -> float:
        """CPU time of all its processes so far."""
        return cpu_seconds(self.pid)


@contextmanager
def ours(database: Database, folder: Path, options: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Our server as production runs it, with one worker; `options` are further variables of its environment."""
    name, port, log = "ours", free_port(), folder / "ours.log"
    database.create(name)
    variables = environment(
        DATABASE_URL=database.url(name),
        PARSE_SERVER_DATA_DIR=str(folder / "ours"),
        PARSE_SERVER_APPLICATION_ID=APP_ID,
        PARSE_SERVER_MASTER_KEY=MASTER_KEY,
        PARSE_SERVER_REST_API_KEY=REST_KEY,
        PARSE_SERVER_MOUNT_PATH=MOUNT,
        PARSE_SERVER_ALLOW_CLIENT_CLASS_CREATION="true",
        PARSE_SERVER_CLOUD=str(CLOUD_CODE.with_suffix(".py")),
        PARSE_SERVER_LOG_LEVEL="error",
    )
    serve = ["serve", "--migrate", "--workers", "1", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "manage.py", *serve]
    with running(command, core=SERVER_CORE, log=log, cwd=PROJECT, env={**variables, **(options or {})}) as process:
        wait_until_healthy(process, port, log)
        yield Server(name, our_version(), port, process.pid)


@contextmanager
def reference(database: Database, folder: Path, installation: Path) -> Iterator[Server]:
    """parse-server from npm: one Node process."""
    name, port, log = "reference", free_port(), folder / "reference.log"
    database.create(name)
    config = folder / "reference.json"
    config.write_text(json.dumps(reference_options(database.url(name), port)))
    package = installation / "node_modules" / "parse-server"
    command = ["node", str(package / "bin" / "parse-server"), str(config)]
    variables = environment(NODE_ENV="production", PARSE_SERVER_LOGS_FOLDER=str(folder / "reference-logs"))
    with running(command, core=SERVER_CORE, log=log, cwd=installation, env=variables) as process:
        wait_until_healthy(process, port, log)
        version = json.loads((package / "package.json").read_text())["version"]
        yield Server(name, f"parse-server {version}, Node {node_version()}", port, process.pid)


def reference_options(url: str, port: int) -> dict[str, object]:
    return {
        "appId": APP_ID,
        "masterKey": MASTER_KEY,
        "restAPIKey": REST_KEY,
        "databaseURI": url,
        "port": port,
        "mountPath": MOUNT,
        "serverURL": f"http://127.0.0.1:{port}{MOUNT}",
        "allowClientClassCreation": True,
        "cloud": str(CLOUD_CODE.with_suffix(".js")),
        "logLevel": "error",
        "silent": True,
    }


def install_reference(folder: Path = REFERENCE) -> Path:
    """The folder with the reference installed; the first time npm takes half a minute."""
    if not (folder / "node_modules" / "parse-server").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps(REFERENCE_PACKAGE))
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder, check=True)
    return folder


def our_version() -> str:
    commit = output("git", "describe", "--always", "--dirty")
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"commit {commit}, granian {metadata.version('granian')}, Django {metadata.version('django')}, Python {python}"
    )


def node_version() -> str:
    return output("node", "--version").removeprefix("v")


def output(program: str, *arguments: str) -> str:
    """What the program prints; empty when it fails or is missing."""
    path = shutil.which(program)
    if path is None:
        return ""
    answer = subprocess.run([path, *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    return answer.stdout.strip()
