"""What forms offer on a target: problem types, instance types, limits and defaults."""

from __future__ import annotations

import os
from typing import Any

from smstudio_ext.studio.buckets import known_default_bucket
from smstudio_ext.studio.choices import (
    ALGORITHMS,
    CONTENT_TYPES,
    DATA_TYPES,
    DEFAULT_HOSTING_INSTANCE,
    MODES,
    PROBLEM_TYPES,
    instance_types,
)
from smstudio_ext.studio.limits import number_limit, shape_at, text_limit
from smstudio_ext.studio.models.options import ChoiceOption, Defaults, Limits, NumberLimit, Options
from smstudio_ext.target import Target

MIN_ROWS = 500
"""Rows below which AWS's Autopilot refuses a data set."""

LOCAL_MAX_CANDIDATES = 50
AWS_MAX_CANDIDATES = 250
VALIDATION_FRACTION = 0.2
MAX_INVOCATION_BYTES = 6 * 1024 * 1024
AWS_MAX_DATASET_BYTES = 100 * 1024**3

_CREATE = "CreateAutoMLJobRequest"
_CRITERIA = "AutoMLJobConfig.CompletionCriteria"


def get_options(target: Target) -> Options:
    """Everything that the forms of a target need; limits come from botocore's model."""
    sagemaker = target.client("sagemaker")
    local = target.kind == "local"
    allowed = frozenset(shape_at(sagemaker, "ProductionVariantInstanceType").metadata["enum"])
    return Options(
        problem_types=list(PROBLEM_TYPES),
        modes=list(MODES),
        algorithms=[
            ChoiceOption(value=name, label=name, help=mode)
            for mode, names in ALGORITHMS.items()
            for name in names
        ],
        data_types=list(DATA_TYPES),
        content_types=list(CONTENT_TYPES),
        instance_types=instance_types(allowed, os.cpu_count() if local else None),
        limits=_limits(sagemaker, local=local),
        defaults=Defaults(
            bucket=known_default_bucket(target),
            output_prefix="autopilot",
            role_arn=target.role_arn(),
            hosting_instance_type=DEFAULT_HOSTING_INSTANCE,
            max_candidates=LOCAL_MAX_CANDIDATES if local else AWS_MAX_CANDIDATES,
            max_runtime_per_training_job_seconds=None,
            max_job_runtime_seconds=None,
        ),
    )


def _limits(sagemaker: Any, *, local: bool) -> Limits:
    return Limits(
        automl_job_name=text_limit(sagemaker, _CREATE, "AutoMLJobName"),
        endpoint_name=text_limit(sagemaker, "CreateEndpointInput", "EndpointName"),
        s3_uri=text_limit(sagemaker, "S3Uri"),
        role_arn=text_limit(sagemaker, _CREATE, "RoleArn"),
        kms_key_id=text_limit(sagemaker, "KmsKeyId"),
        sample_weight=text_limit(sagemaker, "SampleWeightAttributeName"),
        max_candidates=number_limit(
            sagemaker,
            _CREATE,
            f"{_CRITERIA}.MaxCandidates",
            LOCAL_MAX_CANDIDATES if local else AWS_MAX_CANDIDATES,
        ),
        max_runtime_per_training_job_seconds=number_limit(
            sagemaker, _CREATE, f"{_CRITERIA}.MaxRuntimePerTrainingJobInSeconds"
        ),
        max_job_runtime_seconds=number_limit(sagemaker, _CREATE, f"{_CRITERIA}.MaxAutoMLJobRuntimeInSeconds"),
        validation_fraction=number_limit(
            sagemaker, _CREATE, "AutoMLJobConfig.DataSplitConfig.ValidationFraction", VALIDATION_FRACTION
        ),
        instance_count=NumberLimit(min=1, max=None, default=1),
        max_tags=shape_at(sagemaker, _CREATE, "Tags").metadata.get("max", 50),
        max_upload_bytes=None if local else AWS_MAX_DATASET_BYTES,
        max_invocation_bytes=MAX_INVOCATION_BYTES,
        min_rows=MIN_ROWS,
        row_limit_enforced=not local,
    )
