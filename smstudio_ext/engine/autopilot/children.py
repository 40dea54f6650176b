"""Creates the ordinary jobs that an Autopilot job is made of; asking for one that is there changes nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.autopilot.candidates import feature_environment
from smstudio_ext.engine.autopilot.naming import JobNames, OutputTree, seed_of
from smstudio_ext.engine.autopilot.plan import TRANSFORMER_IMAGE, Pipeline, Plan, Strategy
from smstudio_ext.engine.autopilot.registries import image_uri
from smstudio_ext.engine.autopilot.specification import DEFAULT_MAX_CANDIDATES, Specification
from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.hosting import models
from smstudio_ext.engine.hosting.transform import jobs as transform
from smstudio_ext.engine.runtime import processing, training, tuning
from smstudio_ext.engine.runtime.instances import Slot

if TYPE_CHECKING:
    from smstudio_ext.engine.context import EngineContext
    from smstudio_ext.engine.store import Resource

Document = dict[str, Any]

INSTANCE_TYPE = "ml.m5.4xlarge"
_DAY = 24 * 3600
# What a stopped child would still write is of no use.
_STOP_GRACE = 1.0
_RESOURCES = {"InstanceType": INSTANCE_TYPE, "InstanceCount": 1, "VolumeSizeInGB": 50}


class Family:
    """The children of one Autopilot job: their requests, and where they are.

    Args:
        job: the row of the Autopilot job.
    """

    def __init__(self, ctx: EngineContext, job: Resource) -> None:
        self.ctx = ctx
        self.region = job.region
        self.parent = job.parent_key
        self.spec = Specification.from_document(job.internal["specification"])
        self.names = JobNames(job.name, job.region)
        self.tree = OutputTree.of(self.spec.output_path, job.name)
        self._stopped = job.document["AutoMLJobSecondaryStatus"] == "Stopping"

    @property
    def candidates_uri(self) -> str:
        """Folder with what the analysis wrote for the candidates."""
        return self.tree.candidates(self.names.recommender())

    def find(self, kind: str, name: str) -> Resource | None:
        """A child, or None when it has not been created yet."""
        return self.ctx.store.resources.find(kind, self.region, name)

    def start_analysis(self, request_uri: str) -> None:
        """Creates the processing job that reads the data and writes the candidates."""
        output = "/opt/ml/processing/output"
        training, validation = self.spec.training, self.spec.validation
        inputs = [_input("request", request_uri), _input("train", training.uri, training.data_type)]
        if validation is not None:
            inputs.append(_input("validation", validation.uri, validation.data_type))
        request = {
            "ProcessingJobName": self.names.data_builder(),
            "ProcessingInputs": inputs,
            "ProcessingOutputConfig": {
                "Outputs": [
                    _output("preprocessed-data", f"{output}/preprocessed-data", self.tree.preprocessed),
                    _output("candidates", f"{output}/candidates", self.candidates_uri),
                ]
            },
            "ProcessingResources": {"ClusterConfig": _RESOURCES},
            "StoppingCondition": {"MaxRuntimeInSeconds": _DAY},
            "AppSpecification": {"ImageUri": image_uri(self.region, self.spec.kind.analysis)},
            "RoleArn": self.spec.role,
        }
        processing.create_processing_job(
            self.ctx, self.region, request, parent=self.parent, slot=self.whole_machine()
        )

    def start_transformer(self, strategy: Strategy) -> None:
        """Creates the training job that fits a data transformer."""
        module = f"{self.candidates_uri}/generated_module/candidate_data_processors"
        request = {
            "TrainingJobName": self.names.transformer(strategy.name),
            "AlgorithmSpecification": {
                "TrainingImage": image_uri(self.region, TRANSFORMER_IMAGE),
                "TrainingInputMode": "File",
            },
            "RoleArn": self.spec.role,
            "InputDataConfig": [
                _channel("train", f"{self.tree.tuning_data}/train", "text/csv"),
                _channel("header", f"{self.tree.preprocessed}/header", "text/csv"),
                _channel("processors", module, "text/x-python"),
            ],
            "OutputDataConfig": self._output(self.tree.transformers),
            "ResourceConfig": _RESOURCES,
            "StoppingCondition": {"MaxRuntimeInSeconds": _DAY},
            "HyperParameters": strategy.hyperparameters,
        }
        training.create_training_job(self.ctx, self.region, request, parent=self.parent, slot=self.one_core())

    def start_transform(self, strategy: Strategy, fitted: Resource) -> None:
        """Creates the model of a fitted transformer and the batch transform of the tuning data."""
        model = self.names.transformer(strategy.name)
        if self.find(models.KIND, model) is None:
            container = {
                "Image": image_uri(self.region, TRANSFORMER_IMAGE),
                "ModelDataUrl": fitted.document["ModelArtifacts"]["S3ModelArtifacts"],
                "Environment": feature_environment(strategy),
            }
            models.create_model(
                self.ctx,
                self.region,
                {"ModelName": model, "PrimaryContainer": container, "ExecutionRoleArn": self.spec.role},
                parent=self.parent,
            )
        request = {
            "TransformJobName": self.names.transform(strategy.name, strategy.label),
            "ModelName": model,
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": 6,
            "TransformInput": {
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{self.tree.tuning_data}/"}
                },
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            "TransformOutput": {
                "S3OutputPath": self.tree.transformed(strategy.name, strategy.label),
                "Accept": strategy.data_format,
                "AssembleWith": "None" if strategy.label == "rpb" else "Line",
            },
            "TransformResources": {"InstanceType": INSTANCE_TYPE, "InstanceCount": 1},
        }
        transform.create_transform_job(
            self.ctx, self.region, request, parent=self.parent, slot=self.one_core()
        )

    def start_tuning(self, plan: Plan, ready: list[str]) -> None:
        """Creates the tuning job over all pipelines; those in `ready` may start at once."""
        cores = max(1, int(self.ctx.slots.cpus))
        request = {
            "HyperParameterTuningJobName": self.names.tuning(),
            "HyperParameterTuningJobConfig": {
                "Strategy": "Bayesian",
                "ResourceLimits": {
                    "MaxNumberOfTrainingJobs": self.spec.max_candidates or DEFAULT_MAX_CANDIDATES,
                    # One more than run waits for a free core, so that no core idles between two trials.
                    "MaxParallelTrainingJobs": cores + 1,
                },
                "TrainingJobEarlyStoppingType": "Off",
                "RandomSeed": seed_of(self.names.job),
            },
            "TrainingJobDefinitions": [self._definition(plan, pipeline) for pipeline in plan.pipelines],
        }
        hints = tuning.Plan(
            defaults={pipeline.name: pipeline.warm_start for pipeline in plan.pipelines},
            shares={pipeline.name: pipeline.share for pipeline in plan.pipelines},
            ready=tuple(ready),
            slot=self.one_core(),
        )
        tuning.create_tuning_job(self.ctx, self.region, request, hints, parent=self.parent)

    def whole_machine(self) -> Slot:
        """Everything that jobs may use."""
        return Slot(self.ctx.slots.cpus, self.ctx.slots.memory_mb)

    def one_core(self) -> Slot:
        """One core and its share of the memory."""
        return Slot(1, int(self.ctx.slots.memory_mb / max(1.0, self.ctx.slots.cpus)))

    def stop_all(self) -> bool:
        """Asks every unfinished job to stop; True when none is left.

        The job that writes the notebooks goes on unless the Autopilot job itself was stopped: they tell what was tried.
        """
        stops = {
            training.KIND: training.stop_training_job,
            processing.KIND: processing.stop_processing_job,
            transform.KIND: transform.stop_transform_job,
        }
        left = False
        for child in self.ctx.store.resources.children(self.parent, region=self.region):
            if child.finished or child.kind not in (tuning.KIND, *stops):
                continue
            if child.name == self.names.recommender() and not self._stopped:
                continue
            left = True
            if child.status != "InProgress":
                continue
            if child.kind == tuning.KIND:
                tuning.stop_tuning_job(self.ctx, self.region, child.name)
                continue
            with suppress(AwsError):  # it ended in between
                stops[child.kind](self.ctx, self.region, child.name, grace=_STOP_GRACE)
        return not left

    def _definition(self, plan: Plan, pipeline: Pipeline) -> Document:
        strategy = plan.strategy(pipeline.strategy)
        data = self.tree.transformed(strategy.name, strategy.label)
        return {
            "DefinitionName": pipeline.name,
            "TuningObjective": {"Type": plan.objective_type, "MetricName": pipeline.objective},
            "HyperParameterRanges": pipeline.ranges,
            "StaticHyperParameters": pipeline.static,
            "AlgorithmSpecification": {
                "TrainingImage": image_uri(self.region, pipeline.training_image),
                "TrainingInputMode": "File",
            },
            "RoleArn": self.spec.role,
            "InputDataConfig": [
                _channel("train", f"{data}/train", strategy.data_format),
                _channel("validation", f"{data}/validation", strategy.data_format),
            ],
            "OutputDataConfig": self._output(self.tree.tuning(self.names.job, pipeline.folder)),
            "ResourceConfig": _RESOURCES,
            "StoppingCondition": {"MaxRuntimeInSeconds": self.spec.max_trial_runtime or _DAY},
        }

    def _output(self, uri: str) -> Document:
        return {"S3OutputPath": uri, **({"KmsKeyId": self.spec.kms_key} if self.spec.kms_key else {})}


def _input(name: str, uri: str, data_type: str = "S3Prefix") -> Document:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"/opt/ml/processing/input/{name}",
            "S3DataType": data_type,
            "S3InputMode": "File",
        },
    }


def _output(name: str, path: str, uri: str) -> Document:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"},
    }


def _channel(name: str, uri: str, content_type: str) -> Document:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "ContentType": content_type}
