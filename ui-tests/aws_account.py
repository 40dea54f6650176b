"""An AWS account for the walk through all pages: moto behind the gate of the contract tests, with one thing of each kind.

Usage: python aws_account.py CONFIG_FILE. Writes the AWS configuration and prints a line; for each line on its input it prints the
calls that came in since the last one, as a JSON list. Ends with its input.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import boto3

from tests.contract.routes.gate import Gate
from tests.contract.routes.place import AWS_CONFIG, AWS_REGION, AWS_ROLE
from tests.contract.routes.stand_ins import stand_ins

gate = Gate(stand_ins())
keys = {
    "region_name": AWS_REGION,
    "endpoint_url": gate.url,
    "aws_access_key_id": "a",
    "aws_secret_access_key": "a",
}
s3 = boto3.client("s3", **keys)
BUCKET = f"sagemaker-{AWS_REGION}-123456789012"
s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": AWS_REGION})
s3.put_object(Bucket=BUCKET, Key="in/rows.csv", Body=b"1,2\n")
data = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in"}}}
machine = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
image = "257758044811.dkr.ecr.us-east-2.amazonaws.com/sagemaker-xgboost:1.7-1"
sagemaker = boto3.client("sagemaker", **keys)
sagemaker.create_training_job(
    TrainingJobName="aws-training",
    AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
    RoleArn=AWS_ROLE,
    InputDataConfig=[{"ChannelName": "train", **data}],
    OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
    ResourceConfig={**machine, "VolumeSizeInGB": 1},
    StoppingCondition={"MaxRuntimeInSeconds": 60},
)
sagemaker.create_model(
    ModelName="aws-model",
    ExecutionRoleArn=AWS_ROLE,
    PrimaryContainer={"Image": image, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"},
)
sagemaker.create_transform_job(
    TransformJobName="aws-transform",
    ModelName="aws-model",
    TransformInput=data,
    TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out"},
    TransformResources=machine,
)
sagemaker.create_hyper_parameter_tuning_job(
    HyperParameterTuningJobName="aws-tuning",
    HyperParameterTuningJobConfig={
        "Strategy": "Random",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
    },
)
sagemaker.create_auto_ml_job_v2(
    AutoMLJobName="aws-automl",
    AutoMLJobInputDataConfig=[{"ChannelType": "training", **data}],
    OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
    AutoMLProblemTypeConfig={
        "TabularJobConfig": {
            "TargetAttributeName": "y",
            "ProblemType": "Regression",
            "CompletionCriteria": {"MaxCandidates": 1},
        }
    },
    AutoMLJobObjective={"MetricName": "MSE"},
    RoleArn=AWS_ROLE,
)
sagemaker.create_endpoint_config(
    EndpointConfigName="aws-endpoint",
    ProductionVariants=[
        {
            "VariantName": "AllTraffic",
            "ModelName": "aws-model",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1.0,
        }
    ],
)
sagemaker.create_endpoint(EndpointName="aws-endpoint", EndpointConfigName="aws-endpoint")
sagemaker.create_notebook_instance(
    NotebookInstanceName="aws-notebook", InstanceType="ml.t3.medium", RoleArn=AWS_ROLE
)
sagemaker.create_experiment(ExperimentName="aws-experiment")
sagemaker.create_trial(TrialName="aws-trial", ExperimentName="aws-experiment")
Path(sys.argv[1]).write_text(AWS_CONFIG.format(url=gate.url))
print("ready", flush=True)
since = gate.counting()
calls = since.__enter__()
for _ in sys.stdin:
    since.__exit__(None, None, None)
    print(json.dumps([call.action for call in calls]), flush=True)
    since = gate.counting()
    calls = since.__enter__()
gate.close()
