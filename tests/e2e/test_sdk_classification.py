"""The unmodified SageMaker SDK classifies texts with AutoMLV2: fit, candidates, deploy, predict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import run_script
from tests.unit.classification_runs import text_csv, text_rows

SCRIPT = """
import json, sys
import sagemaker
from sagemaker.automl.automlv2 import AutoMLDataChannel, AutoMLTextClassificationConfig, AutoMLV2
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.deserializers import CSVDeserializer

session = sagemaker.Session()
bucket = session.default_bucket()
uri = session.upload_data(sys.argv[1], bucket=bucket, key_prefix="texts/input")
automl = AutoMLV2(
    problem_config=AutoMLTextClassificationConfig(
        content_column="text", target_label_column="topic", max_candidates=3
    ),
    role=sagemaker.get_execution_role(),
    output_path=f"s3://{bucket}/texts/output",
    sagemaker_session=session,
)
channel = AutoMLDataChannel(
    s3_data_type="S3Prefix", s3_uri=uri, channel_type="training", content_type="text/csv;header=present"
)
automl.fit(inputs=[channel], job_name="sdk-texts", wait=True, logs=True)
predictor = automl.deploy(
    initial_instance_count=1,
    instance_type="ml.m5.large",
    endpoint_name="sdk-texts",
    predictor_cls=Predictor,
    inference_response_keys=["predicted_label", "probability"],
    serializer=CSVSerializer(),
    deserializer=CSVDeserializer(),
)
answer = predictor.predict("the ship and the harbor\\nsoup and bread")
predictor.delete_endpoint()
print("\\nRESULT" + json.dumps({
    "status": automl.describe_auto_ml_job()["AutoMLJobStatus"],
    "best": automl.best_candidate()["CandidateName"],
    "candidates": [one["CandidateName"] for one in automl.list_candidates()],
    "answer": answer,
}))
"""


@pytest.mark.sdk
def test_sdk_classifies_texts(own_engine: RunningEngine, tmp_path: Path) -> None:
    data = tmp_path / "texts.csv"
    data.write_bytes(text_csv(text_rows(240)))
    result = run_script(own_engine, SCRIPT, tmp_path, str(data)).result
    assert result["status"] == "Completed"
    assert len(result["candidates"]) == 3
    assert result["best"] in result["candidates"]
    assert [row[0] for row in result["answer"]] == ["sea", "food"]
    assert all(0 < float(row[1]) <= 1 for row in result["answer"])
