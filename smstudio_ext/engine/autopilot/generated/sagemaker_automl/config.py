"""What the candidates of a run have in common: places in S3, images, role, network, encryption."""

from __future__ import annotations

from html import escape
from typing import Any

from .common import show


class AutoMLLocalRunConfig:
    """Settings of a run.

    Args:
        role: the role that the jobs take.
        base_automl_job_config: the Autopilot job whose data the run uses: `automl_job_name`, `automl_output_s3_base_path`,
            `data_transformer_image_repo_version`, `algo_image_repo_versions` and `algo_inference_image_repo_versions`
            (algorithm -> tag).
        local_automl_job_config: the run: `local_automl_job_name`, `local_automl_job_output_s3_base_path`,
            `data_processing_model_dir`, `data_processing_transformed_output_dir`, `multi_algo_tuning_output_dir`.
        security_config: `EnableInterContainerTrafficEncryption`, `VpcConfig` (`Subnets`, `SecurityGroupIds`), `VolumeKmsKeyId`,
            `KmsKeyId`.
        sagemaker_session: a `sagemaker.Session`; a new one by default.
    """

    PRE_PROCESSED_DATA_ROOT = "preprocessed-data/tuning_data"
    PRE_PROCESSED_TRAINING_DATA_PATH = "train"
    PRE_PROCESSED_VALIDATION_DATA_PATH = "validation"

    def __init__(
        self,
        role: str,
        base_automl_job_config: dict[str, Any],
        local_automl_job_config: dict[str, Any],
        security_config: dict[str, Any] | None = None,
        sagemaker_session: Any = None,
    ) -> None:
        from sagemaker.session import Session

        self.role = role
        self.sagemaker_session = sagemaker_session or Session()
        self.region = self.sagemaker_session.boto_region_name
        self.security_config = security_config or {}

        base = base_automl_job_config
        self.automl_job_name: str = base["automl_job_name"]
        self.automl_output_s3_base_path: str = base["automl_output_s3_base_path"].rstrip("/")
        self.data_transformer_image_repo_version: str = base["data_transformer_image_repo_version"]
        self.algo_image_repo_versions: dict[str, str] = dict(base["algo_image_repo_versions"])
        self.algo_inference_image_repo_versions: dict[str, str] = dict(
            base.get("algo_inference_image_repo_versions") or self.algo_image_repo_versions
        )
        job_root = f"{self.automl_output_s3_base_path}/{self.automl_job_name}"
        # The base path may be the job's own already.
        if self.automl_output_s3_base_path.endswith(f"/{self.automl_job_name}"):
            job_root = self.automl_output_s3_base_path
        self.automl_job_processed_data_path = f"{job_root}/{self.PRE_PROCESSED_DATA_ROOT}"
        self.automl_job_processed_training_data_path = (
            f"{self.automl_job_processed_data_path}/{self.PRE_PROCESSED_TRAINING_DATA_PATH}"
        )
        self.automl_job_processed_validation_data_path = (
            f"{self.automl_job_processed_data_path}/{self.PRE_PROCESSED_VALIDATION_DATA_PATH}"
        )

        local = local_automl_job_config
        self.local_automl_job_name: str = local["local_automl_job_name"]
        self.local_automl_job_output_s3_base_path: str = local["local_automl_job_output_s3_base_path"].rstrip(
            "/"
        )
        root = self.local_automl_job_output_s3_base_path
        self.data_processing_model_s3_root = f"{root}/{local['data_processing_model_dir']}"
        self.transformed_output_s3_root = f"{root}/{local['data_processing_transformed_output_dir']}"
        self.tuning_output_s3_root = f"{root}/{local['multi_algo_tuning_output_dir']}"

    @property
    def vpc_config(self) -> dict[str, Any] | None:
        """Subnets and security groups; None for none."""
        return self.security_config.get("VpcConfig") or None

    @property
    def subnets(self) -> list[str] | None:
        """Subnets of the jobs."""
        return (self.vpc_config or {}).get("Subnets")

    @property
    def security_group_ids(self) -> list[str] | None:
        """Security groups of the jobs."""
        return (self.vpc_config or {}).get("SecurityGroupIds")

    @property
    def encrypt_inter_container_traffic(self) -> bool:
        """Whether instances of one job talk over encrypted connections."""
        return bool(self.security_config.get("EnableInterContainerTrafficEncryption"))

    @property
    def volume_kms_key(self) -> str | None:
        """Key of the jobs' volumes."""
        return self.security_config.get("VolumeKmsKeyId")

    @property
    def output_kms_key(self) -> str | None:
        """Key of what the jobs write to S3."""
        return self.security_config.get("KmsKeyId")

    @property
    def is_local(self) -> bool:
        """Whether the jobs run on an engine of this machine, which does not throttle."""
        address = str(self.sagemaker_session.sagemaker_client.meta.endpoint_url)
        return address.startswith(("http://127.", "http://localhost", "http://[::1]"))

    def to_dict(self) -> dict[str, str]:
        """The settings, with the names under which they are shown."""
        return {
            "AutoML Job": self.automl_job_name,
            "Run": self.local_automl_job_name,
            "Run Output": self.local_automl_job_output_s3_base_path,
            "Region": str(self.region),
            "Role": self.role,
            "Training Data": self.automl_job_processed_training_data_path,
            "Validation Data": self.automl_job_processed_validation_data_path,
            "Data Transformer Models": self.data_processing_model_s3_root,
            "Transformed Data": self.transformed_output_s3_root,
            "Tuned Models": self.tuning_output_s3_root,
        }

    def to_html_table(self) -> str:
        """The settings as an HTML table."""
        rows = "".join(
            f"<tr><th style='text-align: left'>{escape(name)}</th><td style='text-align: left'>{escape(value)}</td></tr>"
            for name, value in self.to_dict().items()
        )
        return f"<table>{rows}</table>"

    def display(self) -> None:
        """Shows the settings below the cell."""
        show(_Shown(self))

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self.to_dict().items())


class _Shown:
    INTRODUCTION = "This notebook is initialized to use the following configuration:"

    def __init__(self, config: AutoMLLocalRunConfig) -> None:
        self._config = config

    def _repr_html_(self) -> str:
        return f"<p>{self.INTRODUCTION}</p>{self._config.to_html_table()}"

    def __repr__(self) -> str:
        return f"{self.INTRODUCTION}\n{self._config!r}"
