"""The unmodified SageMaker SDK forecasts time series with AutoMLV2: fit, candidates, deploy, predict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import run_script
from tests.unit.forecast_runs import as_csv, rows

SCRIPT = """
import json, sys
import sagemaker
from sagemaker.automl.automlv2 import AutoMLDataChannel, AutoMLTimeSeriesForecastingConfig, AutoMLV2
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.deserializers import CSVDeserializer

session = sagemaker.Session()
bucket = session.default_bucket()
uri = session.upload_data(sys.argv[1], bucket=bucket, key_prefix="forecast/input")
config = AutoMLTimeSeriesForecastingConfig(
    forecast_frequency="1D",
    forecast_horizon=7,
    forecast_quantiles=["p10", "p50", "p90"],
    target_attribute_name="sales",
    timestamp_attribute_name="day",
    item_identifier_attribute_name="item",
    filling={"sales": {"middlefill": "mean", "backfill": "zero"}},
    aggregation={"sales": "sum"},
    max_candidates=2,
)
automl = AutoMLV2(
    problem_config=config,
    role=sagemaker.get_execution_role(),
    output_path=f"s3://{bucket}/forecast/output",
    sagemaker_session=session,
    job_objective={"MetricName": "WAPE"},
)
channel = AutoMLDataChannel(
    s3_data_type="S3Prefix", s3_uri=uri, channel_type="training", content_type="text/csv;header=present"
)
automl.fit(inputs=[channel], job_name="sdk-forecast", wait=True, logs=True)
best = automl.best_candidate()
listed = automl.list_candidates()
predictor = automl.deploy(
    initial_instance_count=1,
    instance_type="ml.m5.large",
    endpoint_name="sdk-forecast",
    predictor_cls=Predictor,
    serializer=CSVSerializer(),
    deserializer=CSVDeserializer(),
)
answer = predictor.predict(open(sys.argv[1]).read())
predictor.delete_endpoint()
attached = AutoMLV2.attach("sdk-forecast", sagemaker_session=session)
print("\\nRESULT" + json.dumps({
    "best": best["CandidateName"],
    "candidates": [one["CandidateName"] for one in listed],
    "attached": attached.best_candidate()["CandidateName"],
    "answer": answer,
}))
"""


@pytest.mark.sdk
def test_sdk_forecasts(own_engine: RunningEngine, tmp_path: Path) -> None:
    data = tmp_path / "sales.csv"
    data.write_bytes(as_csv(rows(items=2, days=56)))
    result = run_script(own_engine, SCRIPT, tmp_path, str(data)).result
    assert len(result["candidates"]) == 2
    assert result["best"] == result["attached"]
    assert result["answer"][0] == ["item", "day", "p10", "p50", "p90", "mean"]
    assert len(result["answer"]) == 15
