"""Where Cloud Code comes from, and when it is loaded (`contract/cloud.md` §1, Python API A)."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest
from django.apps import AppConfig, apps

from parse_cloud.author.cloud import Cloud
from parse_cloud.author.loading import CloudCodeError, Loaded, when_all_are_configured, when_configured
from parse_cloud.author.proxy import cloud as proxy
from parse_cloud.author.reloading import watcher
from parse_cloud.author.sources import of_django_apps
from parse_core.application import Application, applications
from parse_core.options import ConfigurationError
from parse_core.state import Readiness
from tests.cloud.python.conftest import Serving
from tests.support.client import ApiClient

MAIN = """
    from parse_cloud import cloud

    @cloud.function
    def where(request):
        return __name__.rpartition(".")[2]
"""


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


def test_a_file_is_loaded(serving: Serving, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", MAIN)
    assert serving(str(main)).post("/functions/where").json == {"result": "main"}


def test_a_file_is_found_from_the_working_directory(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "cloud" / "main.py", MAIN)
    monkeypatch.chdir(tmp_path)
    assert serving("cloud/main.py").post("/functions/where").json == {"result": "main"}


def test_a_file_may_import_the_files_beside_it(serving: Serving, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", "from . import other")
    written(tmp_path / "other.py", MAIN)
    assert serving(str(main)).post("/functions/where").json == {"result": "other"}


def test_a_folder_is_loaded_as_a_package(serving: Serving, tmp_path: Path) -> None:
    written(tmp_path / "code" / "__init__.py", "from .functions import where")
    written(tmp_path / "code" / "functions.py", MAIN)
    assert serving(str(tmp_path / "code")).post("/functions/where").json == {"result": "functions"}


def test_a_folder_without_init_has_a_main(serving: Serving, tmp_path: Path) -> None:
    written(tmp_path / "code" / "main.py", MAIN)
    assert serving(str(tmp_path / "code")).post("/functions/where").json == {"result": "main"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that modules are imported from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


def test_a_module_is_loaded_by_its_dotted_name(serving: Serving, project: Path) -> None:
    written(project / "shop_backend" / "__init__.py", "")
    written(project / "shop_backend" / "cloud.py", MAIN)
    assert serving("shop_backend.cloud").post("/functions/where").json == {"result": "cloud"}


def test_two_applications_run_the_same_module_each_for_itself(serving: Serving, project: Path) -> None:
    written(
        project / "counting_backend.py",
        """
        from parse_cloud import cloud
        calls = 0

        @cloud.function
        def count(request):
            global calls
            calls += 1
            return calls
        """,
    )
    first, second = serving("counting_backend"), serving("counting_backend")
    assert [first.post("/functions/count").json["result"] for _ in range(3)] == [1, 2, 3]
    assert second.post("/functions/count").json == {"result": 1}


def test_two_applications_have_functions_of_one_name(serving: Serving, tmp_path: Path) -> None:
    clients = []
    for name in ("first", "second"):
        main = written(
            tmp_path / name / "main.py", f"from parse_cloud import cloud\ncloud.function('who')(lambda _r: '{name}')"
        )
        clients.append(serving(str(main)))
    assert [api.post("/functions/who").json["result"] for api in clients] == ["first", "second"]


def test_installed_django_apps_have_code_of_their_own(
    serving: Serving, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first_app", "second_app", "app_without"):
        written(project / name / "__init__.py", "")
    written(project / "first_app" / "cloud.py", answer("first"))
    written(project / "second_app" / "cloud.py", answer("second").replace("def answer", "def other"))
    installed = {name: AppConfig.create(name) for name in ("first_app", "second_app", "app_without")}
    monkeypatch.setattr(apps, "app_configs", {**apps.app_configs, **installed})
    of_django_apps.cache_clear()
    try:
        api = serving(lambda cloud: cloud.function("answer")(lambda _request: "of the option"))
    finally:
        of_django_apps.cache_clear()
    assert api.post("/functions/other").json == {"result": "second"}
    assert api.post("/functions/answer").json == {"result": "first"}  # loaded after the option


def test_a_module_may_take_its_cloud_as_the_argument_of_setup(serving: Serving, tmp_path: Path) -> None:
    main = written(
        tmp_path / "main.py",
        """
        async def setup(cloud):
            cloud.function("hello")(lambda request: "hi")
        """,
    )
    assert serving(str(main)).post("/functions/hello").json == {"result": "hi"}


def test_an_async_callable_is_waited_for(serving: Serving) -> None:
    async def setup(cloud: Cloud) -> None:
        await asyncio.sleep(0.05)

        @cloud.function
        def late(_request: Any) -> str:
            return "here"

    assert serving(setup).post("/functions/late").json == {"result": "here"}


def test_requests_that_come_before_the_code_is_loaded_are_refused(serving: Serving) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def setup(cloud: Cloud) -> None:
        begun.set()
        go_on.wait(10)
        cloud.function("hello")(lambda _request: "hi")

    thread = threading.Thread(target=lambda: serving(setup, appId="late"))
    thread.start()
    begun.wait(10)
    api = ApiClient(applications["late"])
    early = api.post("/functions/hello")
    assert (early.status, early.error) == (500, (1, "Invalid server state: starting"))
    health = api.get("/health")
    assert (health.status, health.json) == (503, {"status": "starting"})
    go_on.set()
    thread.join()
    assert api.post("/functions/hello").json == {"result": "hi"}


@pytest.mark.parametrize("value", [{}, [], 5, True])
def test_anything_else_is_refused(serving: Serving, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="argument 'cloud' must either be a string or a function"):
        serving(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\nraise ValueError('no')", 'main.py", line 2: ValueError: no'),
        ("x = (", 'main.py", line 1: SyntaxError: '),
        ("import nowhere_to_be_found", 'main.py", line 1: ModuleNotFoundError: No module named'),
        ("import sys\nsys.exit('bye')", 'main.py", line 2: SystemExit: bye'),
        ("from . import other", 'other.py", line 3: NameError: '),
        (
            "from parse_cloud import cloud\n@cloud.before_save('_PushStatus')\ndef f(r): ...",
            'main.py", line 2: IllegalRegistration: Only afterSave is allowed on _PushStatus',
        ),
    ],
)
def test_code_that_fails_stops_the_start_with_file_and_line(
    serving: Serving, tmp_path: Path, text: str, said: str
) -> None:
    main = written(tmp_path / "main.py", text)
    (tmp_path / "other.py").write_text("\n\nundefined_name\n")
    with pytest.raises(CloudCodeError) as raised:
        serving(str(main), appId="failing")
    assert said in str(raised.value)
    assert str(tmp_path) in str(raised.value)
    reply = ApiClient(applications["failing"]).get("/classes/Post")
    assert (reply.status, reply.error) == (500, (1, "Invalid server state: error"))


@pytest.mark.parametrize("name", ["nowhere/main.py", "no_such_module.cloud", "../x y", "a..b", ""])
def test_code_that_is_not_there_stops_the_start(serving: Serving, name: str) -> None:
    with pytest.raises(CloudCodeError, match="There is no file, folder or module"):
        serving(name)


def test_the_code_of_the_start_is_loaded_after_all_applications_are_known(serving: Serving) -> None:
    api = serving(None)
    application = api.application
    before = application.part(Readiness).state
    assert before == "ok"
    applications._loading = True
    try:
        when_configured(application)
        assert application.part(Readiness).state == "starting"
    finally:
        applications._loading = False
    application.part(Loaded).is_loaded = False
    when_all_are_configured()
    assert application.part(Readiness).state == "ok"


# --- Loading again ----------------------------------------------------------------------------------------------------


def changed(path: Path, text: str) -> None:
    before = path.stat().st_mtime_ns
    written(path, text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


def answer(value: str) -> str:
    return f"from parse_cloud import cloud\n@cloud.function\ndef answer(request): return '{value}'\n"


def test_code_that_changes_is_loaded_again(serving: Serving, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", "from . import part")
    part = written(tmp_path / "part.py", answer("old"))
    api = serving(str(main), cloudAutoReload=True)
    assert api.post("/functions/answer").json == {"result": "old"}
    changed(part, answer("new"))
    watcher.look()
    assert api.post("/functions/answer").json == {"result": "new"}


def test_code_that_fails_leaves_the_former_in_force(
    serving: Serving, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    main = written(tmp_path / "main.py", answer("old"))
    api = serving(str(main), cloudAutoReload=True)
    changed(main, answer("half")[:-3] + "\ndef (:\n")
    watcher.look()
    assert api.post("/functions/answer").json == {"result": "old"}
    assert "SyntaxError" in caplog.text
    assert "The former code stays in force." in caplog.text
    changed(main, answer("new"))
    watcher.look()
    assert api.post("/functions/answer").json == {"result": "new"}


def test_what_was_removed_is_gone_after_a_reload(serving: Serving, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", answer("old"))
    api = serving(str(main), cloudAutoReload=True)
    changed(main, "")
    watcher.look()
    assert api.post("/functions/answer").error == (141, 'Invalid function: "answer"')


def test_djangos_reloader_leaves_watched_files_alone(serving: Serving, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", answer("x"))
    serving(str(main), cloudAutoReload=True)
    assert watcher.knows(main)
    assert not watcher.knows(Path(__file__))


def test_without_the_option_nothing_is_watched(serving: Serving, tmp_path: Path) -> None:
    main = written(tmp_path / "main.py", answer("x"))
    serving(str(main))
    assert not watcher.knows(main)


# --- `cloud` of a module ----------------------------------------------------------------------------------------------


def test_what_is_registered_later_is_in_force_at_once(serving: Serving) -> None:
    api = serving(lambda _cloud: None)
    application: Application = api.application
    from parse_cloud.author.proxy import InForce

    application.part(InForce).cloud.function("late")(lambda _request: 1)
    assert api.post("/functions/late").json == {"result": 1}
    application.part(InForce).cloud.clear()
    assert api.post("/functions/late").error == (141, 'Invalid function: "late"')


def test_outside_of_cloud_code_it_must_be_clear_whose_it_is(serving: Serving) -> None:
    serving(None), serving(None)
    with pytest.raises(RuntimeError, match="There are several applications"):
        proxy.function("x")


def test_the_only_application_is_meant_everywhere(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    api = serving(None)
    monkeypatch.setattr(applications, "_applications", {api.application.id: api.application})
    proxy.function("everywhere")(lambda _request: "yes")
    assert api.post("/functions/everywhere").json == {"result": "yes"}
