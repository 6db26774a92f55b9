"""What authors test their Cloud Code with (Python API F)."""

from __future__ import annotations

from typing import Any

import pytest

from parse_cloud import FunctionRequest, Object, ParseError, Query, TriggerRequest
from parse_cloud.author.cloud import Cloud
from parse_cloud.testing import CloudTestCase, Mail
from parse_core.application import applications


def backend(cloud: Cloud) -> None:
    @cloud.function("greet", require_user=True)
    async def greet(request: FunctionRequest) -> str:
        request.log.info("greeting %s", request.params["name"])
        return f"Hello {request.params['name']}"

    @cloud.before_save("Review")
    def clamp(request: TriggerRequest[Any]) -> None:
        if request.object.get("stars", 0) < 0:
            raise ParseError(142, "stars are positive")
        request.object.set("stars", min(request.object.get("stars", 0), 5))
        request.object.set("changed", request.original is not None)

    @cloud.after_save("Review")
    def tell(request: TriggerRequest[Any]) -> None:
        cloud.send_email(to="a@b.c", subject="Review", text=str(request.object["stars"]), html="<b>")
        request.object.set("told", True)

    @cloud.before_find("Review")
    def good(request: Any) -> None:
        request.query.greater_than("stars", 2)

    @cloud.after_find("Review")
    def hide(request: Any) -> Any:
        return [each for each in request.objects if not each.get("hidden")]


@pytest.mark.usefixtures("database_url")
class TestBackend(CloudTestCase):
    cloud_code = staticmethod(backend)

    def test_functions_are_called(self) -> None:
        user = self.sign_up()
        assert self.cloud.call("greet", {"name": "Ada"}, user=user) == "Hello Ada"
        assert self.cloud.call("greet", {"name": "Ada"}, master=True) == "Hello Ada"
        with pytest.raises(ParseError) as raised:
            self.cloud.call("greet", {"name": "Ada"})
        assert raised.value.code == 142
        assert "greeting Ada" in self.logs

    async def test_functions_are_called_from_async_tests(self) -> None:
        assert await self.cloud.acall("greet", {"name": "Ada"}, master=True) == "Hello Ada"

    def test_triggers_run_without_a_save(self) -> None:
        assert self.trigger("before_save", Object("Review", stars=9))["stars"] == 5
        with pytest.raises(ParseError) as raised:
            self.trigger("beforeSave", Object("Review", stars=-1))
        assert (raised.value.code, raised.value.message) == (142, "stars are positive")
        assert Query("Review").count(use_master_key=True) == 0

    def test_a_trigger_of_an_update_has_its_original(self) -> None:
        review = Object("Review", stars=3).save()
        left = self.trigger("before_save", review.set("stars", 7))
        assert (left["stars"], left["changed"], left.id) == (5, True, review.id)

    async def test_async_tests_use_the_twins(self) -> None:
        await Object("Review", stars=9).asave()
        left = await self.atrigger("before_save", Object("Review", stars=8))
        assert left["stars"] == 5
        assert self.mails == [Mail("a@b.c", "Review", "5", "<b>")]

    def test_other_triggers(self) -> None:
        left = self.trigger("after_save", Object.from_json({"className": "Review", "objectId": "x", "stars": 1}))
        assert left["told"]
        query = self.trigger("before_find", Query("Review").equal_to("a", 1))
        assert query.conditions == {"a": 1, "stars": {"$gt": 2}}
        rows = [Object.from_json({"className": "Review", "objectId": str(n), "hidden": n == 1}) for n in (1, 2)]
        assert [each.id for each in self.trigger("after_find", rows)] == ["2"]
        with pytest.raises(LookupError):
            self.trigger("before_delete", rows[0])

    def test_applications_are_gone_after_their_test(self) -> None:
        assert [name for name in applications if name.startswith("test-")] == [self.application.id]


def test_a_class_defined_in_a_test_case_need_not_have_code(database_url: str) -> None:
    case = CloudTestCase()
    case.setUp()
    assert case.application.options.cloud is None
    case.doCleanups()
