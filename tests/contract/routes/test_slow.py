"""AWS that does not answer: given up after some attempts, and told."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import botocore.endpoint
import pytest
from botocore.exceptions import ReadTimeoutError

from smstudio_ext import target as targets
from smstudio_ext.routes.errors import failure_of
from smstudio_ext.studio.models.training import ListTrainingJobs
from smstudio_ext.studio.training import list_training_jobs
from smstudio_ext.target import Target
from tests.contract.routes.faults import MOST_ATTEMPTS
from tests.contract.routes.place import AWS_REGION, AWS_ROLE

if TYPE_CHECKING:
    from tests.contract.routes.gate import Gate


def test_an_answer_that_does_not_come_is_given_up(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(targets, "_READ_TIMEOUT", 0.2)
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda seconds: None))
    place = Target.aws(None, AWS_REGION, AWS_ROLE, endpoint_url=gate.url)
    place.client("sagemaker")
    given_up, asked = threading.Event(), []

    def never() -> None:
        asked.append(1)
        given_up.wait(60)

    with gate.answering(lambda request: None, delay=never):
        try:
            with pytest.raises(ReadTimeoutError) as caught:
                list_training_jobs(place, ListTrainingJobs())
        finally:
            given_up.set()
    assert len(asked) == MOST_ATTEMPTS
    found = failure_of(caught.value, local=False)
    assert found is not None
    assert found.status == 503
    assert found.hint
