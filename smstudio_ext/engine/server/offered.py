"""The service modules of this engine; importing them fills the table of operations."""

from __future__ import annotations

import importlib

_SERVICES = "smstudio_ext.engine.services"

MODULES = (
    "sagemaker.training",
    "sagemaker.transform",
    "sagemaker.processing",
    "sagemaker.tags",
    "sagemaker.models",
    "sagemaker.endpoints",
    "sagemaker.autopilot",
    "sagemaker.tuning",
    "sagemaker.experiments",
    "sagemaker.search",
    "sagemaker.lineage",
    "sagemaker.notebook_instances",
    "sagemaker.studio_domains",
    "sagemaker.studio_apps",
    "sagemaker.studio_images",
    "sagemaker.studio_urls",
    "sagemaker.lifecycle_configs",
    "sagemaker_runtime",
    "sagemaker_metrics",
    "s3",
    "logs",
    "sts",
    "iam",
    "ecr",
    "cloudwatch",
    "cloudwatch_alarms",
    "application_autoscaling",
)


def import_services() -> None:
    """Imports every service module, so that `services.registry` knows all operations."""
    for module in MODULES:
        importlib.import_module(f"{_SERVICES}.{module}")
