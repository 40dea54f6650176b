"""The life of endpoints with real model servers: creation, updates, crashes, deletion, another engine."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from smstudio_ext.engine.context import Call
from smstudio_ext.engine.errors import AwsError, ValidationException
from smstudio_ext.engine.hosting import configs, endpoints, models
from smstudio_ext.engine.hosting.controller import EndpointController
from smstudio_ext.engine.hosting.invocations import Answer, Invocation, Router
from smstudio_ext.engine.hosting.states import ENDPOINT
from smstudio_ext.engine.runtime.states import IllegalTransition
from smstudio_ext.engine.services.sagemaker import models as model_operations
from tests.conftest import eventually
from tests.unit.hosting_stand import IMAGE, REGION, Stand, archive, hosting_stand


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with hosting_stand(tmp_path_factory.mktemp("hosting")) as made:
        yield made


async def ask(router: Router, endpoint: str, body: bytes = b"1", **options: Any) -> Answer:
    content_type = options.pop("content_type", "text/csv")
    return await router.invoke(Invocation(REGION, endpoint, body, content_type, "text/plain", **options))


def ask_once(stand: Stand, endpoint: str, body: bytes = b"1", **options: Any) -> Answer:
    async def run() -> Answer:
        router = Router(stand.ctx)
        try:
            return await ask(router, endpoint, body, **options)
        finally:
            router.close()

    return asyncio.run(run())


def update_weights(stand: Stand, endpoint: str, *wishes: dict[str, Any]) -> None:
    request = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": list(wishes)}
    endpoints.update_weights_and_capacities(stand.ctx, REGION, request)


def test_endpoint_comes_into_service_and_answers(stand: Stand) -> None:
    stand.model("first", "-a")
    stand.config("first", {"ModelName": "first"})
    document = stand.create("first").document
    assert document["EndpointStatus"] == "InService"
    variant = document["ProductionVariants"][0]
    assert (variant["CurrentWeight"], variant["DesiredWeight"]) == (1.0, 1.0)
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 1)
    assert variant["DeployedImages"][0]["SpecifiedImage"] == IMAGE
    answer = ask_once(stand, "first", b"row")
    assert (answer.body, answer.content_type, answer.variant) == (b"row-a", "text/plain", "AllTraffic")
    stand.delete("first")
    assert stand.processes() == []
    assert list((stand.data_dir / "run").glob("ep/*")) == []


def test_pipeline_passes_bodies_and_default_accept_types(stand: Stand) -> None:
    containers = [
        {"Image": IMAGE, "Environment": {"TAG": "-1", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}},
        {"Image": IMAGE, "Environment": {"TAG": "-2"}},
        {"Image": IMAGE, "Environment": {"TAG": "-3", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "x/y"}},
    ]
    models.create_model(stand.ctx, REGION, {"ModelName": "pipe", "Containers": containers})
    stand.config("pipe", {"ModelName": "pipe"})
    stand.create("pipe")
    assert ask_once(stand, "pipe", b"r").body == b"r-1-2-3"

    async def without_accept() -> Answer:
        router = Router(stand.ctx)
        answer = await router.invoke(Invocation(REGION, "pipe", b"r"))
        router.close()
        return answer

    assert asyncio.run(without_accept()).content_type == "x/y"
    stand.delete("pipe")


def test_model_may_be_deleted_while_it_serves_and_its_server_still_recovers(stand: Stand) -> None:
    stand.model("orphan", "-o")
    stand.config("orphan", {"ModelName": "orphan"})
    stand.create("orphan")
    models.delete_model(stand.ctx, REGION, "orphan")
    configs.delete_endpoint_config(stand.ctx, REGION, "orphan")
    stand.ctx.objects.delete("models", "orphan/model.tar.gz")
    pid = int(ask_once(stand, "orphan", b"pid").body)
    os.kill(pid, signal.SIGKILL)

    def served_by_another() -> bool:
        try:
            return int(ask_once(stand, "orphan", b"pid").body) != pid
        except AwsError:
            return False

    eventually(served_by_another)
    assert stand.get("orphan").status == "InService"
    assert len(stand.processes()) == 1
    stand.delete("orphan")


def test_deleting_a_model_in_use_warns_in_the_logs(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    stand.model("wanted", "-w")
    stand.model("unused", "-u")
    stand.config("wanted", {"ModelName": "wanted"})
    stand.create("wanted")
    call = Call("sagemaker", "DeleteModel", REGION, "000000000000", "", "")
    model_operations.delete_model(stand.ctx, call, {"ModelName": "unused"})
    assert caplog.records == []
    model_operations.delete_model(stand.ctx, call, {"ModelName": "wanted"})
    assert "model wanted was deleted while endpoint wanted serves it" in caplog.text
    page = stand.ctx.logs.read(REGION, "/aws/sagemaker/Endpoints/wanted", "notices")
    assert [event.message.startswith("WARNING: model wanted was deleted") for event in page.events] == [True]
    stand.delete("wanted")
    assert stand.ctx.logs.read(REGION, "/aws/sagemaker/Endpoints/wanted", "notices").events


@pytest.mark.parametrize(
    ("content", "environment", "words"),
    [
        (b"nonsense", {}, 'extract model data archive for container "primary".*valid tar.gz'),
        (archive({"../tag": "x"}), {}, "leads out of its folder"),
        (archive({"tag": "x"}), {"BROKEN": "1"}, "did not pass the ping health check.*this model is broken"),
    ],
    # an archive holds the time of its making, which differs among test processes
    ids=["no archive", "leads out", "broken"],
)
def test_model_that_cannot_be_loaded_fails_the_endpoint(
    stand: Stand, content: bytes, environment: dict[str, str], words: str
) -> None:
    url = stand.put_model("broken.tar.gz", content)
    stand.model("broken", ModelDataUrl=url, Environment=environment)
    stand.config("broken", {"ModelName": "broken", "InitialInstanceCount": 2})
    row = stand.create("broken", wait="Failed")
    assert re.search(words, row.document["FailureReason"])
    eventually(lambda: stand.get("broken").finished)
    assert stand.processes() == []
    with pytest.raises(ValidationException, match="in status Failed"):
        endpoints.update_endpoint(
            stand.ctx, REGION, {"EndpointName": "broken", "EndpointConfigName": "broken"}
        )
    stand.delete("broken")
    configs.delete_endpoint_config(stand.ctx, REGION, "broken")
    models.delete_model(stand.ctx, REGION, "broken")


def test_model_data_that_is_gone_fails_the_endpoint(stand: Stand) -> None:
    stand.model("vanished", "-v")
    stand.config("vanished", {"ModelName": "vanished"})
    stand.ctx.objects.delete("models", "vanished/model.tar.gz")
    row = stand.create("vanished", wait="Failed")
    assert "Failed to download model data" in row.document["FailureReason"]
    stand.delete("vanished")


def test_names_and_missing_things_are_refused_in_aws_words(stand: Stand) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:000000000000"
    with pytest.raises(
        ValidationException, match=f'Could not find endpoint configuration "{arn}:endpoint-config/none"'
    ):
        stand.create("words", "none")
    stand.model("words")
    stand.config("words", {"ModelName": "words"})
    stand.create("words")
    with pytest.raises(
        ValidationException, match=f'Cannot create already existing endpoint "{arn}:endpoint/words"'
    ):
        stand.create("words")
    stand.delete("words")
    with pytest.raises(ValidationException, match=f'Could not find endpoint "{arn}:endpoint/words"'):
        endpoints.delete_endpoint(stand.ctx, REGION, "words")


def test_update_exchanges_everything_without_losing_a_request(stand: Stand) -> None:
    stand.model("old", "-old")
    stand.model("new", "-new")
    stand.config("old", {"ModelName": "old"})
    stand.config("new", {"ModelName": "new", "InitialInstanceCount": 2, "VariantName": "Other"})
    stand.create("swap", "old")

    async def run() -> list[Answer]:
        router = Router(stand.ctx)
        answers = [await ask(router, "swap")]
        await asyncio.to_thread(
            endpoints.update_endpoint,
            stand.ctx,
            REGION,
            {"EndpointName": "swap", "EndpointConfigName": "new"},
        )
        assert stand.get("swap").status == "Updating"
        while stand.get("swap").status == "Updating" or len(stand.processes()) > 2:
            answers += await asyncio.gather(*(ask(router, "swap") for _ in range(8)))
        answers.append(await ask(router, "swap"))
        router.close()
        return answers

    answers = asyncio.run(run())
    assert {answer.body for answer in answers} == {b"1-old", b"1-new"}
    assert answers[-1].variant == "Other"
    document = stand.get("swap").document
    assert document["EndpointConfigName"] == "new"
    assert "PendingDeploymentSummary" not in document
    assert len(stand.processes()) == 2
    stand.delete("swap")
    assert stand.processes() == []


def test_failed_update_leaves_the_old_fleet_in_service(stand: Stand) -> None:
    stand.model("sound", "-s")
    stand.model("unsound", Environment={"BROKEN": "1"})
    stand.config("sound", {"ModelName": "sound"})
    stand.config("unsound", {"ModelName": "unsound"})
    stand.create("careful", "sound")
    endpoints.update_endpoint(stand.ctx, REGION, {"EndpointName": "careful", "EndpointConfigName": "unsound"})
    with pytest.raises(ValidationException, match="Cannot update in-progress endpoint"):
        endpoints.update_endpoint(
            stand.ctx, REGION, {"EndpointName": "careful", "EndpointConfigName": "sound"}
        )
    document = stand.wait("careful", "InService").document
    assert document["EndpointConfigName"] == "sound"
    assert "this model is broken" in document["FailureReason"]
    assert ask_once(stand, "careful").body == b"1-s"
    stand.delete("careful")


def test_weights_and_capacities_change_without_new_servers_for_those_that_stay(stand: Stand) -> None:
    stand.model("wa", "-a")
    stand.model("wb", "-b")
    stand.config(
        "weights",
        {"ModelName": "wa", "VariantName": "A", "InitialVariantWeight": 3.0},
        {"ModelName": "wb", "VariantName": "B"},
    )
    stand.create("weights")
    before = set(stand.processes())

    async def counts(number: int) -> Counter[str]:
        router = Router(stand.ctx)
        found = Counter([(await ask(router, "weights")).variant for _ in range(number)])
        assert (await ask(router, "weights", variant="B")).body == b"1-b"
        with pytest.raises(AwsError, match="Variant C not found"):
            await ask(router, "weights", variant="C")
        router.close()
        return found

    found = asyncio.run(counts(400))
    assert 240 <= found["A"] <= 360  # 300 expected; 5 standard deviations are 43
    update_weights(
        stand,
        "weights",
        {"VariantName": "A", "DesiredWeight": 0.0},
        {"VariantName": "B", "DesiredWeight": 2.0, "DesiredInstanceCount": 2},
    )
    document = stand.wait("weights", "InService").document
    summary = {variant["VariantName"]: variant for variant in document["ProductionVariants"]}
    assert (summary["A"]["CurrentWeight"], summary["B"]["CurrentInstanceCount"]) == (0.0, 2)
    assert before < set(stand.processes())
    assert asyncio.run(counts(50)) == Counter({"B": 50})
    update_weights(stand, "weights", {"VariantName": "B", "DesiredInstanceCount": 1})
    stand.wait("weights", "InService")
    eventually(lambda: set(stand.processes()) == before, what="the second server of B is gone")
    with pytest.raises(ValidationException, match=r'variant name.*"C"'):
        update_weights(stand, "weights", {"VariantName": "C", "DesiredWeight": 1.0})
    with pytest.raises(ValidationException, match="at least 1"):
        update_weights(stand, "weights", {"VariantName": "B", "DesiredInstanceCount": 0})
    stand.delete("weights")


def test_update_may_keep_weights_and_counts(stand: Stand) -> None:
    stand.model("keep")
    stand.config("keep-1", {"ModelName": "keep"})
    stand.config("keep-2", {"ModelName": "keep"})
    stand.create("keep", "keep-1")
    update_weights(
        stand, "keep", {"VariantName": "AllTraffic", "DesiredWeight": 5.0, "DesiredInstanceCount": 2}
    )
    stand.wait("keep", "InService")
    request = {
        "EndpointName": "keep",
        "EndpointConfigName": "keep-2",
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
    }
    endpoints.update_endpoint(stand.ctx, REGION, request)
    variant = stand.wait("keep", "InService").document["ProductionVariants"][0]
    assert (variant["CurrentWeight"], variant["CurrentInstanceCount"]) == (5.0, 1)
    stand.delete("keep")


def test_deletion_during_the_clearing_of_a_failed_endpoint_is_not_lost(stand: Stand) -> None:
    stand.model("racy", Environment={"BROKEN": "1"})
    stand.config("racy", {"ModelName": "racy"})
    failed = stand.create("racy", wait="Failed")
    stand.ctx.reconciler.close()  # the steps below are this test's own
    endpoints.delete_endpoint(stand.ctx, REGION, "racy")
    EndpointController().step(stand.ctx, failed)  # it read the row before the deletion came
    assert not stand.get("racy").finished
    stand.restart()
    eventually(lambda: stand.ctx.store.resources.find("Endpoint", REGION, "racy") is None)


def test_endpoint_can_be_deleted_while_it_is_created(stand: Stand) -> None:
    stand.model("hasty")
    stand.config("hasty", {"ModelName": "hasty", "InitialInstanceCount": 3})
    stand.create("hasty", wait="")
    stand.delete("hasty")
    assert stand.processes() == []


def test_another_engine_takes_the_same_servers_over(stand: Stand) -> None:
    stand.model("heir", "-h")
    stand.config("heir", {"ModelName": "heir"})
    stand.create("heir")
    pid = ask_once(stand, "heir", b"pid").body
    stand.restart()
    assert ask_once(stand, "heir", b"pid").body == pid
    assert stand.get("heir").internal["serving"]["variants"][0]["instances"][0]["attempt"] == 1
    stand.delete("heir")


def test_server_that_died_while_no_engine_ran_is_started_again(stand: Stand) -> None:
    stand.model("widow", "-w")
    stand.config("widow", {"ModelName": "widow"})
    stand.create("widow")
    pid = int(ask_once(stand, "widow", b"pid").body)
    stand.ctx.reconciler.close()
    os.kill(pid, signal.SIGKILL)
    stand.restart()

    def answers() -> bool:
        try:
            return ask_once(stand, "widow").body == b"1-w"
        except AwsError:
            return False

    eventually(answers)
    stand.delete("widow")


def test_status_table_forbids_shortcuts() -> None:
    assert ENDPOINT.check("Creating", "InService") == "InService"
    with pytest.raises(IllegalTransition):
        ENDPOINT.check("Failed", "InService")
