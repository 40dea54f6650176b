"""Runs the candidates that a notebook selects: their data transformers, and what a tuner of all of them needs."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

from .common import Table, execute_steps, show
from .config import AutoMLLocalRunConfig
from .local_candidate import AutoMLLocalCandidate

logging.basicConfig(
    stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO
)
# These tell of every client that is made.
for _name in ("botocore", "boto3", "sagemaker.config"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class AutoMLInteractiveRunner:
    """The candidates of a run.

    Args:
        local_run_config: settings of the run.
        candidates: candidates by name; none by default.
    """

    def __init__(
        self,
        local_run_config: AutoMLLocalRunConfig,
        candidates: dict[str, AutoMLLocalCandidate] | None = None,
    ) -> None:
        self.local_run_config = local_run_config
        self.candidates = candidates or {}

    def select_candidate(self, candidate_definition: dict[str, Any]) -> None:
        """Adds a candidate, or puts it in place of the one with its name.

        Args:
            candidate_definition: `{"data_transformer": {"name": "dpp0", ...}, "algorithm": {"name": "xgboost", ...}}`, see
                `AutoMLCandidateDataTransformerStep` and `AutoMLCandidateAlgoStep` for the members.
        """
        name = (
            f"{candidate_definition['data_transformer']['name']}-{candidate_definition['algorithm']['name']}"
        )
        if name in self.candidates:
            logging.warning("Pipeline candidate %s has already been selected, replacing", name)
        self.candidates[name] = AutoMLLocalCandidate.create(name, candidate_definition, self.local_run_config)

    def display_candidates(self) -> None:
        """Shows the selected candidates below the cell."""
        show(
            Table(
                ("Candidate Name", "Algorithm", "Feature Transformer"),
                [
                    (
                        name,
                        candidate.algo_name,
                        (
                            f"{candidate.data_transformer_step.name}.py",
                            f"{candidate.data_transformer_step.source_dir}/{candidate.data_transformer_step.name}.py",
                        ),
                    )
                    for name, candidate in self.candidates.items()
                ],
            )
        )

    def fit_data_transformers(self, parallel_jobs: int = 2, start_jitter_seconds: float = 10) -> None:
        """Fits the data transformers of all candidates and transforms the data.

        What fails is told; the other candidates go on.

        Args:
            parallel_jobs: candidates at a time.
            start_jitter_seconds: each starts after a random part of so many seconds; not with an engine of this machine.
        """
        jitter = 0 if self.local_run_config.is_local else start_jitter_seconds
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor(max_workers=parallel_jobs, thread_name_prefix="Worker") as executor:
            for name, candidate in self.candidates.items():
                candidate.prepare_data_transformers_for_training()
                future = executor.submit(
                    execute_steps,
                    execution_name=name,
                    steps=candidate.data_transformer_steps,
                    context={"trainer": candidate.get_data_transformer_trainer()},
                    start_jitter_seconds=jitter,
                )
                running[future] = name
            done = [self._ended(running[future], future) for future in as_completed(running)]
        logging.info("Successfully fit %d data transformers", sum(done))

    def _ended(self, name: str, future: Future[None]) -> bool:
        try:
            future.result()
        except Exception:
            logging.error("Failed to fit data transformer for %s", name, exc_info=True)
            return False
        logging.info("Successfully fit data transformer for %s", name)
        self.candidates[name].set_transformer_trained()
        return True

    def prepare_multi_algo_parameters(
        self,
        objective_metrics: dict[str, str],
        static_hyperparameters: dict[str, dict[str, Any]],
        hyperparameters_search_ranges: dict[str, dict[str, Any]],
        **estimator_kwargs: Any,
    ) -> dict[str, dict[str, Any]]:
        """Arguments of `HyperparameterTuner.create` over the candidates whose data are transformed.

        Args:
            objective_metrics: algorithm -> metric.
            static_hyperparameters: algorithm -> hyperparameters that all trials have.
            hyperparameters_search_ranges: algorithm -> ranges (`sagemaker.parameter`).
            estimator_kwargs: for `sagemaker.estimator.Estimator`.
        """
        config = self.local_run_config
        options = {
            "encrypt_inter_container_traffic": config.encrypt_inter_container_traffic,
            "subnets": config.subnets,
            "security_group_ids": config.security_group_ids,
            "output_kms_key": config.output_kms_key,
            "enable_network_isolation": True,
            **estimator_kwargs,
        }
        ready = self._ready()
        return {
            "estimator_dict": {
                name: candidate.algo_step.create_estimator(
                    role=config.role,
                    output_path=f"{config.tuning_output_s3_root}/{name}",
                    hyperparameters=static_hyperparameters[candidate.algo_name],
                    sagemaker_session=config.sagemaker_session,
                    **options,
                )
                for name, candidate in ready.items()
            },
            "objective_metric_name_dict": {
                name: objective_metrics[candidate.algo_name] for name, candidate in ready.items()
            },
            "hyperparameter_ranges_dict": {
                name: hyperparameters_search_ranges[candidate.algo_name] for name, candidate in ready.items()
            },
        }

    def prepare_multi_algo_inputs(self) -> dict[str, dict[str, Any]]:
        """Candidate -> its transformed data, for `HyperparameterTuner.fit`."""
        from sagemaker.inputs import TrainingInput

        return {
            name: {
                part: TrainingInput(
                    f"{candidate.data_transformer_transformed_data_path}/{part}",
                    content_type=candidate.content_type,
                )
                for part in ("train", "validation")
            }
            for name, candidate in self._ready().items()
        }

    def choose_candidate(
        self, tuner_analytics_dataframe: Any, multi_algo_training_job_name: str
    ) -> AutoMLLocalCandidate:
        """The candidate that a trial belongs to.

        Args:
            tuner_analytics_dataframe: `HyperparameterTuningJobAnalytics.dataframe()`.
            multi_algo_training_job_name: the trial's training job.
        """
        frame = tuner_analytics_dataframe
        rows = frame.loc[frame["TrainingJobName"] == multi_algo_training_job_name]
        if not len(rows):
            raise ValueError(f"{multi_algo_training_job_name} is no training job of this tuning job.")
        name = str(rows.iloc[0]["TrainingJobDefinitionName"])
        logging.info("Chosen Data Processing pipeline candidate name is %s", name)
        return self.candidates[name]

    def _ready(self) -> dict[str, AutoMLLocalCandidate]:
        return {
            name: candidate
            for name, candidate in self.candidates.items()
            if candidate.data_transformer_is_trained()
        }
