"""The two steps of a candidate: its data transformer and its algorithm."""

from __future__ import annotations

from typing import Any

from .common import AutoMLLocalCandidateStep
from .config import AutoMLLocalRunConfig

_MAX_CONTENT_LENGTH = "20000000"


def _registry(algorithm: str, region: str) -> str:
    """The registry that an algorithm's images come from."""
    from sagemaker import image_uris

    if algorithm in ("xgboost", "sklearn-automl"):
        uri = image_uris.retrieve("xgboost", region=region, version="1.7-1")
    else:
        uri = image_uris.retrieve("linear-learner", region=region)
    return str(uri).partition("/")[0]


class AutoMLCandidateAlgoStep:
    """The algorithm of a candidate.

    Args:
        name: `xgboost`, `linear-learner` or `mlp`.
        training_resource_config: `instance_type`, `instance_count`.
        region: of the images.
        repo_version, inference_repo_version: tags of the images that train and serve.
        candidate_specific_static_hyperparameters: go before those that all candidates with this algorithm have.
    """

    def __init__(
        self,
        name: str,
        training_resource_config: dict[str, Any],
        region: str,
        repo_version: str,
        inference_repo_version: str,
        candidate_specific_static_hyperparameters: dict[str, str] | None = None,
    ) -> None:
        self.algo_name = name
        self.training_resource_config = training_resource_config
        self.region = region
        self.repo_version = repo_version
        self.inference_repo_version = inference_repo_version
        self.candidate_specific_static_hyperparameters = dict(candidate_specific_static_hyperparameters or {})
        repository = "sagemaker-xgboost" if name == "xgboost" else name
        place = f"{_registry(name, region)}/{repository}"
        self.algo_image_uri = f"{place}:{repo_version}"
        self.algo_inference_image_uri = f"{place}:{inference_repo_version}"

    def create_estimator(
        self,
        role: str,
        output_path: str,
        hyperparameters: dict[str, Any],
        sagemaker_session: Any,
        **kwargs: Any,
    ) -> Any:
        """An estimator of the SDK, for the tuner.

        Args:
            hyperparameters: the same for all trials.
            kwargs: for `sagemaker.estimator.Estimator`.
        """
        from sagemaker.estimator import Estimator

        estimator: Any = Estimator(
            self.algo_image_uri,
            role=role,
            instance_count=self.training_resource_config["instance_count"],
            instance_type=self.training_resource_config["instance_type"],
            output_path=output_path,
            sagemaker_session=sagemaker_session,
            **kwargs,
        )
        estimator.set_hyperparameters(**{**hyperparameters, **self.candidate_specific_static_hyperparameters})
        return estimator

    def get_inference_container_config(self) -> dict[str, Any]:
        """Image and environment of the container that serves the model; arguments of `Estimator.create_model`."""
        environment = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
        if self.algo_name in ("mlp", "linear-learner"):
            environment["ML_APPLICATION"] = self.algo_name.replace("-", "_")
        return {"env": environment, "image_uri": self.algo_inference_image_uri}


class AutoMLCandidateDataTransformerStep:
    """The data transformer of a candidate: one of the generated data processors.

    Args:
        name: the processor's module, `dpp0`.
        training_resource_config: `instance_type`, `instance_count`, `volume_size_in_gb`.
        transform_resource_config: `instance_type`, `instance_count`.
        transforms_label: the target is encoded: the pipeline ends with its way back.
        transformed_data_format: `text/csv` or `application/x-recordio-protobuf`.
        region, repo_version: of the image.
        source_module_path: folder of the generated module.
        sparse_encoding: write sparse records.
    """

    TRAIN_ENTRY_POINT = "trainer.py"
    SERVE_ENTRY_POINT = "sagemaker_serve.py"
    DEFAULT_SOURCE_MODULE = "generated_module"
    PROCESSORS = "candidate_data_processors"
    TRAIN_CHANNEL_NAME = "train"
    DEFAULT_TRANSFORMER_INPUT_MEDIA_TYPE = "text/csv"
    DEFAULT_TRANSFORMER_ENV = {
        "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
        "SAGEMAKER_PROGRAM": "sagemaker_serve",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        "MAX_CONTENT_LENGTH": _MAX_CONTENT_LENGTH,
    }
    TRANSFORMED_DATA_FORMAT_SHORT_NAMES = {"text/csv": "csv", "application/x-recordio-protobuf": "rpb"}

    def __init__(
        self,
        name: str,
        training_resource_config: dict[str, Any],
        transform_resource_config: dict[str, Any],
        transforms_label: bool,
        transformed_data_format: str,
        region: str,
        repo_version: str,
        source_module_path: str | None = None,
        sparse_encoding: bool = False,
    ) -> None:
        self.name = name
        self.training_resource_config = training_resource_config
        self.transform_resource_config = transform_resource_config
        self.transforms_label = transforms_label
        self.transformed_data_format = transformed_data_format
        self.sparse_encoding = sparse_encoding
        self.source_module_path = source_module_path or self.DEFAULT_SOURCE_MODULE
        self.transformer_image_uri = (
            f"{_registry('sklearn-automl', region)}/sagemaker-sklearn-automl:{repo_version}"
        )

    @property
    def content_type(self) -> str:
        """Format of the transformed data."""
        return self.transformed_data_format

    @property
    def transformed_data_format_short(self) -> str:
        """Name of that format's folder: `rpb` or `csv`."""
        return self.TRANSFORMED_DATA_FORMAT_SHORT_NAMES[self.transformed_data_format]

    @property
    def source_dir(self) -> str:
        """Folder of the data processors; what is changed there takes effect."""
        return f"{self.source_module_path}/{self.PROCESSORS}"

    def create_trainer(
        self,
        output_path: str | None = None,
        role: str | None = None,
        hyperparameters: dict[str, Any] | None = None,
        sagemaker_session: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The estimator that fits the data processor by `trainer.py`.

        Args:
            output_path: where its model goes.
            kwargs: for `sagemaker.sklearn.SKLearn`.
        """
        from sagemaker.sklearn.estimator import SKLearn

        return SKLearn(
            entry_point=self.TRAIN_ENTRY_POINT,
            source_dir=self.source_dir,
            image_uri=self.transformer_image_uri,
            instance_type=self.training_resource_config["instance_type"],
            instance_count=self.training_resource_config["instance_count"],
            volume_size=self.training_resource_config["volume_size_in_gb"],
            output_path=output_path,
            hyperparameters={**(hyperparameters or {}), "processor_module": self.name},
            role=role,
            sagemaker_session=sagemaker_session,
            **kwargs,
        )

    def create_steps(
        self,
        training_job_name: str,
        transform_job_name: str,
        transform_output_path: str,
        local_run_config: AutoMLLocalRunConfig,
        transformer_input_media_type: str = DEFAULT_TRANSFORMER_INPUT_MEDIA_TYPE,
    ) -> list[AutoMLLocalCandidateStep]:
        """What fits the data processor and applies it: a training job, a model, a transform job."""
        config = local_run_config

        def train(context: dict[str, Any]) -> None:
            inputs = {self.TRAIN_CHANNEL_NAME: config.automl_job_processed_training_data_path}
            context["trainer"].fit(inputs, job_name=training_job_name, wait=True, logs=False)

        def create_model(context: dict[str, Any]) -> None:
            model = self.create_model(
                context["trainer"],
                config.role,
                config.sagemaker_session,
                "feature-transform",
                vpc_config=config.vpc_config,
            )
            context["transformer"] = model.transformer(
                instance_type=self.transform_resource_config["instance_type"],
                instance_count=self.transform_resource_config["instance_count"],
                strategy="MultiRecord",
                assemble_with="Line" if self.content_type == "text/csv" else None,
                output_path=transform_output_path,
                accept=self.content_type,
                volume_kms_key=config.volume_kms_key,
                output_kms_key=config.output_kms_key,
            )

        def transform(context: dict[str, Any]) -> None:
            context["transformer"].transform(
                config.automl_job_processed_data_path,
                job_name=transform_job_name,
                content_type=transformer_input_media_type,
                split_type="Line",
                wait=True,
                logs=False,
            )

        return [
            AutoMLLocalCandidateStep(
                "train_data_transformer", train, "SageMaker training job that fits the data transformer"
            ),
            AutoMLLocalCandidateStep(
                "create_transformer_model", create_model, "SageMaker model of the fitted data transformer"
            ),
            AutoMLLocalCandidateStep(
                "perform_data_transform",
                transform,
                "Batch transform job that turns the data into what the algorithm reads",
            ),
        ]

    def create_model(
        self,
        estimator: Any,
        role: str,
        sagemaker_session: Any,
        transform_mode: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """A model of the fitted data processor.

        Args:
            estimator: the trainer, or one attached to its job.
            transform_mode: `feature-transform` or `inverse-label-transform`.
            kwargs: for `sagemaker.sklearn.SKLearnModel`.
        """
        from sagemaker.sklearn.model import SKLearnModel

        environment = {
            **self.DEFAULT_TRANSFORMER_ENV,
            "AUTOML_TRANSFORM_MODE": transform_mode or "feature-transform",
        }
        if environment["AUTOML_TRANSFORM_MODE"] == "feature-transform":
            environment["SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"] = self.content_type
            if self.sparse_encoding:
                environment["AUTOML_SPARSE_ENCODE_RECORDIO_PROTOBUF"] = "1"
        # With network isolation the SDK puts the code into the model archive, as model/code.
        kwargs.setdefault("enable_network_isolation", True)
        return SKLearnModel(
            model_data=estimator.model_data,
            role=role,
            entry_point=self.SERVE_ENTRY_POINT,
            source_dir=self.source_dir,
            image_uri=self.transformer_image_uri,
            env=environment,
            sagemaker_session=sagemaker_session,
            **kwargs,
        )
