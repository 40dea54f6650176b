"""Which training mode AUTO becomes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.autopilot.ensembling import modes
from smstudio_ext.engine.autopilot.specification import Specification, specification_v1, specification_v2
from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.server.wiring import build_context
from smstudio_ext.engine.settings import Settings


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    context = build_context(Settings(data_dir=tmp_path / "engine", cpus=2), ManualClock())
    context.objects.create_bucket("data", "us-east-1")
    for number in range(3):
        context.objects.put_bytes("data", f"rows/{number}.csv", b"a,y\n1,0\n")
    yield context
    context.store.close()


def spec(
    *, version: int = 2, kind: str = "S3Prefix", weight: str | None = None, **tabular: Any
) -> Specification:
    source = {"DataSource": {"S3DataSource": {"S3DataType": kind, "S3Uri": "s3://data/rows/"}}}
    request: dict[str, Any] = {
        "AutoMLJobName": "j",
        "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
        "RoleArn": "arn:aws:iam::000000000000:role/r",
    }
    if version == 1:
        pilot = tabular.pop("GenerateCandidateDefinitionsOnly", False)
        return specification_v1(
            request
            | {
                "InputDataConfig": [source | {"TargetAttributeName": "y"}],
                "AutoMLJobConfig": tabular,
                "GenerateCandidateDefinitionsOnly": pilot,
            }
        )
    if weight:
        tabular["SampleWeightAttributeName"] = weight
    config = {"TabularJobConfig": {"TargetAttributeName": "y", **tabular}}
    return specification_v2(
        request | {"AutoMLJobInputDataConfig": [source], "AutoMLProblemTypeConfig": config}
    )


@pytest.mark.parametrize(
    ("asked", "mode"),
    [
        (spec(Mode="AUTO"), modes.ENSEMBLING),
        (spec(), modes.ENSEMBLING),
        (spec(version=1, Mode="AUTO"), modes.ENSEMBLING),
        (spec(version=1), modes.TUNING),
        (spec(Mode="HYPERPARAMETER_TUNING"), modes.TUNING),
        (spec(version=1, Mode="ENSEMBLING"), modes.ENSEMBLING),
        (spec(Mode="AUTO", GenerateCandidateDefinitionsOnly=True), modes.TUNING),
        (spec(Mode="AUTO", kind="ManifestFile"), modes.TUNING),
        (spec(Mode="AUTO", kind="ManifestFile", weight="w"), modes.ENSEMBLING),
    ],
    ids=["auto", "none", "auto-1", "none-1", "tuning", "ensembling", "pilot", "manifest", "weights"],
)
def test_mode_follows_from_the_request(ctx: EngineContext, asked: Specification, mode: str) -> None:
    assert modes.resolve_mode(ctx, asked) == mode


def test_auto_tunes_what_is_large_or_of_unknown_size(
    ctx: EngineContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert modes.input_bytes(ctx, spec()) == 24
    monkeypatch.setattr(modes, "MOST_OBJECTS", 2)
    assert modes.input_bytes(ctx, spec()) is None
    assert modes.resolve_mode(ctx, spec()) == modes.TUNING
    monkeypatch.setattr(modes, "MOST_OBJECTS", 3)
    monkeypatch.setattr(modes, "SMALL_BYTES", 23)
    assert modes.resolve_mode(ctx, spec()) == modes.TUNING
    monkeypatch.setattr(modes, "SMALL_BYTES", 24)
    assert modes.resolve_mode(ctx, spec()) == modes.ENSEMBLING
