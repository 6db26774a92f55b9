"""The embedded PostgreSQL: one for all processes of a project, there while one of them is, and safe from kill -9."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from parse_server.embedded import EmbeddedDatabaseError, EmbeddedServer
from tests.process.conftest import StartClient, postmaster, server_processes, wait_until

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def test_processes_that_start_at_once_share_one_server(home: Path, start_client: StartClient) -> None:
    clients = [start_client() for _ in range(5)]
    answers = {client.wait_until_connected() for client in clients}
    assert len(answers) == 1
    assert len(list(home.glob("pg*/postmaster.pid"))) == 1
    with psycopg.connect(answers.pop()) as connection:
        assert connection.execute("SELECT current_database(), current_user").fetchone() == ("app", "parse_server")


def test_the_server_stops_after_the_last_process_and_starts_again_with_its_rows(
    home: Path, start_client: StartClient
) -> None:
    first, second = start_client(), start_client()
    with psycopg.connect(first.wait_until_connected()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    second.wait_until_connected()
    first.leave()
    with psycopg.connect(second.conninfo) as connection:
        connection.execute("SELECT FROM kept")
    second.leave()
    wait_until(lambda: not server_processes(home), "the server stops")

    with psycopg.connect(start_client().wait_until_connected()) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_process_that_comes_while_the_server_stops_gets_a_new_one(home: Path, start_client: StartClient) -> None:
    for _ in range(3):
        client = start_client()
        with psycopg.connect(client.wait_until_connected()) as connection:
            connection.execute("SELECT 1")
        client.process.kill()


def test_kill_9_of_the_server_loses_no_acknowledged_row(home: Path, start_client: StartClient) -> None:
    conninfo = start_client().wait_until_connected()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE rows (number int)")
        for number in range(500):
            connection.execute("INSERT INTO rows VALUES (%s)", [number])
        os.kill(postmaster(home / "pg18"), signal.SIGKILL)
        wait_until(lambda: not still_works(connection), "the connection breaks")
    wait_until(lambda: answers(conninfo), "the server is back")
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM rows").fetchone() == (500,)


def test_kill_9_of_a_client_still_lets_the_server_stop(home: Path, start_client: StartClient) -> None:
    client = start_client()
    client.wait_until_connected()
    client.process.kill()
    wait_until(lambda: not server_processes(home), "the server stops")
    assert not (home / "pg18" / "postmaster.pid").exists()


def test_kill_9_of_watcher_and_server_is_healed_by_the_next_connection(home: Path) -> None:
    server = EmbeddedServer(home)
    with psycopg.connect(server.connection_info("app")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    for process in server_processes(home):
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: not server_processes(home), "all are dead")
    with psycopg.connect(server.connection_info("app")) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    leave(server)


def test_kill_9_of_the_watcher_alone_leaves_no_server_that_nobody_stops(home: Path, start_client: StartClient) -> None:
    start_client().wait_until_connected()
    server = postmaster(home / "pg18")
    watcher = min(process for process in server_processes(home) if process != server)
    os.kill(watcher, signal.SIGKILL)
    wait_until(lambda: not server_processes(home), "the server follows its watcher")
    with psycopg.connect(start_client().wait_until_connected()) as connection:
        connection.execute("SELECT 1")


def test_a_fork_keeps_the_server_for_itself(home: Path) -> None:
    server = EmbeddedServer(home)
    conninfo = server.connection_info("app")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - in another process
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.close(reader)
    leave(server)
    wait_until(lambda: answers(conninfo), "the server goes on", seconds=1)
    os.close(writer)
    os.waitpid(child, 0)
    wait_until(lambda: not server_processes(home), "the server stops")


def test_a_data_path_longer_than_a_socket_address_works(home: Path, start_client: StartClient) -> None:
    folder = home / ("a long name with blanks, and a comma " * 4)
    with psycopg.connect(start_client(folder=folder).wait_until_connected()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert (folder / "pg18").is_dir()


def test_a_second_call_costs_next_to_nothing(home: Path) -> None:
    server = EmbeddedServer(home)
    first = server.connection_info("app")
    assert server.connection_info("app") is first
    leave(server)


def test_a_start_that_was_killed_while_it_made_the_folder_is_repeated(home: Path, start_client: StartClient) -> None:
    (home / "pg18.new").mkdir()
    (home / "pg18.new" / "half").write_text("done")
    start_client().wait_until_connected()
    assert not (home / "pg18.new").exists()


def test_a_server_that_does_not_start_says_why(home: Path) -> None:
    server = EmbeddedServer(home)
    server.connection_info("app")
    leave(server)
    wait_until(lambda: not server_processes(home), "the server stops")
    (home / "pg18" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedDatabaseError, match="pg_control"):
        EmbeddedServer(home).connection_info("app")


@root_only
def test_root_runs_the_server_as_an_unprivileged_user(home: Path, start_client: StartClient) -> None:
    start_client().wait_until_connected()
    assert (home / "pg18").stat().st_uid != 0
    assert Path(f"/proc/{postmaster(home / 'pg18')}").stat().st_uid == (home / "pg18").stat().st_uid


@root_only
def test_an_ordinary_user_runs_the_server_itself(home: Path, start_client: StartClient) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    client = start_client(user=nobody)
    client.wait_until_connected()
    assert (home / "pg18").stat().st_uid == nobody.pw_uid
    # root, coming later, uses what the user made, as that user.
    start_client().wait_until_connected()


@root_only
def test_another_users_folder_is_refused_with_advice(home: Path, start_client: StartClient) -> None:
    start_client().wait_until_connected()
    nobody = pwd.getpwnam("nobody")
    client = start_client(user=nobody)
    _, errors = client.process.communicate()
    assert "PARSE_SERVER_DATA_DIR" in errors


@root_only
def test_in_a_folder_that_is_closed_to_others_root_keeps_the_data_elsewhere(
    home: Path, start_client: StartClient
) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with psycopg.connect(start_client(folder=closed).wait_until_connected()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    data = (closed / "pg18").readlink()
    assert closed.stat().st_mode & 0o777 == 0o700
    server = postmaster(data)
    # The next start finds them again.
    start_client(folder=closed).wait_until_connected()
    assert postmaster(data) == server
    shutil.rmtree(data.parent)


def test_data_of_another_version_are_not_passed_over(home: Path) -> None:
    (home / "pg12").mkdir()
    with pytest.raises(EmbeddedDatabaseError, match=r"pg12 were made by PostgreSQL 12"):
        EmbeddedServer(home).connection_info("app")
    assert not (home / "pg18").exists()


def still_works(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def answers(conninfo: str) -> bool:
    try:
        with psycopg.connect(conninfo) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def leave(server: EmbeddedServer) -> None:
    """Gives the lease back as the end of the process would."""
    assert server._lease is not None
    os.close(server._lease)
    server._lease = None
