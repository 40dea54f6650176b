"""The unmodified SageMaker SDK runs Autopilot, deploys the best candidate and predicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from smstudio_ext.studio.samples import sample_csv
from tests.conftest import RunningEngine
from tests.e2e.sdk_programs import run_script

SCRIPT = """
import json, sys
import sagemaker
from sagemaker.automl.automl import AutoML
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.deserializers import CSVDeserializer

session = sagemaker.Session()
bucket = session.default_bucket()
uri = session.upload_data(sys.argv[1], bucket=bucket, key_prefix="automl/input")
automl = AutoML(
    role=sagemaker.get_execution_role(),
    target_attribute_name="Churn?",
    output_path=f"s3://{bucket}/automl/output",
    sagemaker_session=session,
    max_candidates=3,
)
automl.fit(inputs=uri, job_name="sdk-churn", wait=True, logs=True)
described = automl.describe_auto_ml_job()
best = automl.best_candidate()
listed = automl.list_candidates(sort_by="FinalObjectiveMetricValue", sort_order="Descending")
attached = AutoML.attach("sdk-churn", sagemaker_session=session)
predictor = automl.deploy(
    initial_instance_count=1,
    instance_type="ml.m5.large",
    endpoint_name="sdk-churn",
    predictor_cls=Predictor,
    inference_response_keys=["predicted_label", "probability"],
    serializer=CSVSerializer(),
    deserializer=CSVDeserializer(),
)
rows = open(sys.argv[1]).read().splitlines()[1:6]
answer = predictor.predict("\\n".join(row.rsplit(",", 1)[0] for row in rows))
predictor.delete_endpoint()
print("\\nRESULT" + json.dumps({
    "status": described["AutoMLJobStatus"],
    "best": best["CandidateName"],
    "candidates": [one["CandidateName"] for one in listed],
    "attached": attached.best_candidate()["CandidateName"],
    "answer": answer,
}))
"""


@pytest.mark.sdk
def test_sdk_fits_deploys_and_predicts(own_engine: RunningEngine, tmp_path: Path) -> None:
    data = tmp_path / "churn.csv"
    data.write_bytes(sample_csv("churn", rows=600))
    result = run_script(own_engine, SCRIPT, tmp_path, str(data)).result
    assert result["status"] == "Completed"
    assert len(result["candidates"]) == 3
    assert result["best"] == result["candidates"][0] == result["attached"]
    assert len(result["answer"]) == 5
    label, probability = result["answer"][0]
    assert label in ("True.", "False.")
    assert 0 <= float(probability) <= 1
