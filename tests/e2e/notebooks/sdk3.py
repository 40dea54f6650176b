"""A notebook of SageMaker SDK v3: the built-in XGBoost trained, deployed, asked and deleted."""

from __future__ import annotations

CELLS = [
    """
import importlib.metadata, importlib.util
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role

session = Session()
role = get_execution_role()
bucket = session.default_bucket()
print("sdk =", importlib.metadata.version("sagemaker"))
print("smstudio_ext =", importlib.util.find_spec("smstudio_ext"))
""",
    """
import random

draw = random.Random(7)
with open("train.csv", "w") as file:
    for _ in range(400):
        a, b = draw.uniform(0, 3), draw.uniform(0, 3)
        file.write(f"{int(a > 0.6)},{a},{b}\\n")
data = session.upload_data("train.csv", key_prefix="sdk3-notebook")
""",
    """
from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig
from sagemaker.train import ModelTrainer

image = image_uris.retrieve("xgboost", "us-east-1", "1.7-1")
trainer = ModelTrainer(
    training_image=image,
    role=role,
    base_job_name="sdk3-notebook",
    sagemaker_session=session,
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/sdk3-notebook"),
    hyperparameters={"objective": "binary:logistic", "num_round": 20, "eval_metric": "logloss"},
)
trainer.train(input_data_config=[InputData(channel_name="train", data_source=data, content_type="text/csv")], wait=True)
""",
    """
import sagemaker.core.resources as resources

job = resources.TrainingJob.get(trainer._latest_training_job.training_job_name)
print("job =", job.training_job_name)
print("status =", job.training_job_status)
print("waits quickly =", type(resources.time).__name__)
""",
    """
from sagemaker.serve import ModelBuilder

builder = ModelBuilder(
    image_uri=image,
    s3_model_data_url=job.model_artifacts.s3_model_artifacts,
    role_arn=role,
    sagemaker_session=session,
    instance_type="ml.m5.large",
)
model = builder.build(model_name="sdk3-notebook")
endpoint = builder.deploy(endpoint_name="sdk3-notebook", instance_type="ml.m5.large", initial_instance_count=1)
""",
    """
rows = [b"2.0,1.0", b"0.1,1.0"]
answers = [float(endpoint.invoke(body=row, content_type="text/csv").body.read()) for row in rows]
print("answers =", *answers)
""",
    """
config = resources.EndpointConfig.get(resources.Endpoint.get("sdk3-notebook").endpoint_config_name)
endpoint.delete()
config.delete()
model.delete()
""",
]
