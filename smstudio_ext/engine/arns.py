"""Names and ARNs as AWS writes them."""

from __future__ import annotations

from smstudio_ext.engine.settings import ACCOUNT_ID

# kind -> the resource part of SageMaker's ARN
SAGEMAKER_ARN_KINDS = {
    "TrainingJob": "training-job",
    "TransformJob": "transform-job",
    "ProcessingJob": "processing-job",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "AutoMLJob": "automl-job",
    "Model": "model",
    "EndpointConfig": "endpoint-config",
    "Endpoint": "endpoint",
    "Experiment": "experiment",
    "ExperimentTrial": "experiment-trial",
    "ExperimentTrialComponent": "experiment-trial-component",
    "NotebookInstance": "notebook-instance",
    "NotebookInstanceLifecycleConfig": "notebook-instance-lifecycle-config",
    "CodeRepository": "code-repository",
}


def partition(region: str) -> str:
    """`aws`, `aws-cn` or `aws-us-gov` for a region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def sagemaker_arn(kind: str, region: str, name: str) -> str:
    """The ARN of a SageMaker resource; SageMaker lower-cases the name in it."""
    return (
        f"arn:{partition(region)}:sagemaker:{region}:{ACCOUNT_ID}:{SAGEMAKER_ARN_KINDS[kind]}/{name.lower()}"
    )
