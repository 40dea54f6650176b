"""One candidate pipeline of a run: a data transformer and an algorithm."""

from __future__ import annotations

import json
import os
from typing import Any

from .common import (
    AutoMLLocalCandidateNotPrepared,
    AutoMLLocalCandidateNotTrained,
    AutoMLLocalCandidateStep,
    uid,
)
from .config import AutoMLLocalRunConfig
from .steps import AutoMLCandidateAlgoStep, AutoMLCandidateDataTransformerStep


class AutoMLLocalCandidate:
    """A candidate and how far it is.

    Args:
        candidate_name: `dpp0-xgboost`.
        data_transformer_step, algo_step: its two steps.
        local_run_config: of the run.
    """

    def __init__(
        self,
        candidate_name: str,
        data_transformer_step: AutoMLCandidateDataTransformerStep,
        algo_step: AutoMLCandidateAlgoStep,
        local_run_config: AutoMLLocalRunConfig,
    ) -> None:
        self.candidate_name = candidate_name
        self.algo_name = algo_step.algo_name
        self.data_transformer_step = data_transformer_step
        self.algo_step = algo_step
        self.local_run_config = local_run_config
        self._transformer: dict[str, Any] = {}

    @classmethod
    def create(
        cls, candidate_name: str, candidate_definition: dict[str, Any], local_run_config: AutoMLLocalRunConfig
    ) -> AutoMLLocalCandidate:
        """Makes a candidate of a definition, as `select_candidate` takes it."""
        algorithm = candidate_definition["algorithm"]
        name = algorithm["name"]
        artifacts = f"{local_run_config.automl_job_name}-artifacts"
        transformer_step = AutoMLCandidateDataTransformerStep(
            **candidate_definition["data_transformer"],
            region=local_run_config.region,
            repo_version=local_run_config.data_transformer_image_repo_version,
            source_module_path=os.path.join(
                artifacts, AutoMLCandidateDataTransformerStep.DEFAULT_SOURCE_MODULE
            ),
        )
        algo_step = AutoMLCandidateAlgoStep(
            **algorithm,
            region=local_run_config.region,
            repo_version=local_run_config.algo_image_repo_versions[name],
            inference_repo_version=local_run_config.algo_inference_image_repo_versions[name],
        )
        return cls(candidate_name, transformer_step, algo_step, local_run_config)

    @property
    def content_type(self) -> str:
        """Format of the data that the algorithm reads."""
        return self.data_transformer_step.content_type

    @property
    def transforms_label(self) -> bool:
        """Whether the pipeline ends with the class names."""
        return self.data_transformer_step.transforms_label

    @property
    def data_transformer_transformed_data_path(self) -> str:
        """Where the transformed data are."""
        return str(self._prepared()["transform_output_path"])

    @property
    def data_transformer_steps(self) -> list[AutoMLLocalCandidateStep]:
        """The steps to run, in order."""
        steps: list[AutoMLLocalCandidateStep] = self._prepared()["steps"]
        return steps

    def prepare_data_transformers_for_training(
        self, training_job_name: str | None = None, transform_job_name: str | None = None, **kwargs: Any
    ) -> None:
        """Makes the trainer and the steps; needed before anything else.

        Args:
            training_job_name, transform_job_name: names of the jobs, made up by default.
            kwargs: for `sagemaker.sklearn.SKLearn`.
        """
        config, step = self.local_run_config, self.data_transformer_step
        shared = {
            "encrypt_inter_container_traffic": config.encrypt_inter_container_traffic,
            "subnets": config.subnets,
            "security_group_ids": config.security_group_ids,
            "volume_kms_key": config.volume_kms_key,
            "output_kms_key": config.output_kms_key,
        }
        trainer = step.create_trainer(
            output_path=config.data_processing_model_s3_root,
            role=config.role,
            sagemaker_session=config.sagemaker_session,
            **{**shared, **kwargs},
        )
        prefix = f"{config.local_automl_job_name}-{step.name}"
        training = training_job_name or f"{prefix}-train-{uid()}"
        transform = transform_job_name or f"{prefix}-transform-{uid()}"
        output = f"{config.transformed_output_s3_root}/{step.name}/{step.transformed_data_format_short}"
        self._transformer = {
            "training_job_name": training,
            "transform_job_name": transform,
            "transform_output_path": output,
            "trainer": trainer,
            "steps": step.create_steps(
                training_job_name=training,
                transform_job_name=transform,
                transform_output_path=output,
                local_run_config=config,
            ),
            "trained": False,
        }

    def get_data_transformer_trainer(self) -> Any:
        """The estimator that fits the data processor."""
        return self._prepared()["trainer"]

    def set_transformer_trained(self) -> None:
        """Says that the steps have run."""
        self._prepared()["trained"] = True

    def data_transformer_is_trained(self) -> bool:
        """Whether the steps have run."""
        return bool(self._transformer.get("trained"))

    def get_data_transformer_model(
        self, role: str, sagemaker_session: Any, transform_mode: str | None = None, **kwargs: Any
    ) -> Any:
        """A model of the fitted data processor, for a pipeline.

        Args:
            transform_mode: `feature-transform` (default) or `inverse-label-transform`.
            kwargs: for `sagemaker.sklearn.SKLearnModel`.
        """
        state = self._prepared()
        if not self.data_transformer_is_trained():
            raise AutoMLLocalCandidateNotTrained(
                f"The data transformer of {self.candidate_name} has not been fitted yet; see fit_data_transformers."
            )
        estimator = state["trainer"].attach(state["training_job_name"], sagemaker_session=sagemaker_session)
        kwargs.setdefault("vpc_config", self.local_run_config.vpc_config)
        return self.data_transformer_step.create_model(
            estimator, role, sagemaker_session, transform_mode=transform_mode, **kwargs
        )

    def to_dict(self) -> dict[str, Any]:
        """Name, parts and jobs."""
        transformer = {"data_processing_module_name": self.data_transformer_step.name}
        for name in ("training_job_name", "transform_job_name"):
            if name in self._transformer:
                transformer[name] = self._transformer[name]
        return {
            "pipeline_name": self.candidate_name,
            "data_transformer": transformer,
            "algorithm": {"algo_name": self.algo_name},
        }

    def __repr__(self) -> str:
        return json.dumps(self.to_dict(), indent=4)

    def _prepared(self) -> dict[str, Any]:
        if not self._transformer:
            raise AutoMLLocalCandidateNotPrepared(
                f"The candidate {self.candidate_name} is not prepared; call fit_data_transformers() of the runner, or "
                "prepare_data_transformers_for_training() first."
            )
        return self._transformer
