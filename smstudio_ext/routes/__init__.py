"""REST handlers, one module a panel."""

from __future__ import annotations

from typing import Any

from smstudio_ext.routes.operations import API_PREFIX

RESOURCE = "smstudio"
"""Name under which an authorizer allows or refuses these routes."""


def all_handlers() -> list[tuple[str, type[Any]]]:
    """Every pattern (under the server's base URL) with its handler."""
    from smstudio_ext.routes import automl, data, endpoints, models, status, training, transform, tuning

    name = r"([^/]+)"
    return [
        (f"/{API_PREFIX}/{pattern}", handler)
        for pattern, handler in (
            ("status", status.StatusHandler),
            ("targets", status.TargetsHandler),
            ("target", status.TargetHandler),
            ("engine/start", status.EngineStartHandler),
            ("engine/stop", status.EngineStopHandler),
            ("presence", status.PresenceHandler),
            ("options", status.OptionsHandler),
            (r"openapi\.json", status.OpenApiHandler),
            ("automl-jobs", automl.AutoMLJobsHandler),
            (f"automl-jobs/{name}", automl.AutoMLJobHandler),
            (f"automl-jobs/{name}/candidates", automl.CandidatesHandler),
            (f"automl-jobs/{name}/stop", automl.StopAutoMLJobHandler),
            (f"automl-jobs/{name}/deploy", automl.DeployCandidateHandler),
            ("training-jobs", training.TrainingJobsHandler),
            (f"training-jobs/{name}", training.TrainingJobHandler),
            (f"training-jobs/{name}/logs", training.TrainingJobLogsHandler),
            (f"training-jobs/{name}/logs/download", training.DownloadLogHandler),
            (f"training-jobs/{name}/metrics", training.TrainingMetricsHandler),
            (f"training-jobs/{name}/form", training.CloneTrainingJobHandler),
            (f"training-jobs/{name}/tune", training.TuneTrainingJobHandler),
            (f"training-jobs/{name}/stop", training.StopTrainingJobHandler),
            (f"training-jobs/{name}/deploy", training.DeployTrainingJobHandler),
            ("training-form/options", training.TrainingOptionsHandler),
            ("training-form/plan", training.TrainingPlanHandler),
            ("tuning-jobs", tuning.TuningJobsHandler),
            (f"tuning-jobs/{name}", tuning.TuningJobHandler),
            (f"tuning-jobs/{name}/trials", tuning.TrialsHandler),
            (f"tuning-jobs/{name}/stop", tuning.StopTuningJobHandler),
            (f"tuning-jobs/{name}/form", tuning.CloneTuningJobHandler),
            ("tuning-form/plan", tuning.TuningPlanHandler),
            ("transform-jobs", transform.TransformJobsHandler),
            (f"transform-jobs/{name}", transform.TransformJobHandler),
            (f"transform-jobs/{name}/outputs", transform.TransformOutputsHandler),
            (f"transform-jobs/{name}/logs", transform.TransformLogsHandler),
            (f"transform-jobs/{name}/logs/download", transform.DownloadTransformLogHandler),
            (f"transform-jobs/{name}/stop", transform.StopTransformJobHandler),
            (f"transform-jobs/{name}/form", transform.CloneTransformJobHandler),
            ("transform-form/options", transform.TransformOptionsHandler),
            ("transform-form/plan", transform.TransformPlanHandler),
            ("models", models.ModelsHandler),
            (f"models/{name}", models.ModelHandler),
            (f"models/{name}/deploy", models.DeployModelHandler),
            ("endpoints", endpoints.EndpointsHandler),
            (f"endpoints/{name}", endpoints.EndpointHandler),
            (f"endpoints/{name}/invoke", endpoints.InvokeEndpointHandler),
            (f"endpoints/{name}/invoke-async", endpoints.InvokeEndpointAsyncHandler),
            (f"endpoints/{name}/async-result", endpoints.AsyncResultHandler),
            (f"endpoints/{name}/code", endpoints.InvocationCodeHandler),
            (f"endpoints/{name}/traffic", endpoints.TrafficHandler),
            (f"endpoints/{name}/metrics", endpoints.EndpointMetricsHandler),
            (f"endpoints/{name}/scaling", endpoints.ScalingHandler),
            (f"endpoints/{name}/scaling/policy", endpoints.ScalingPolicyHandler),
            (f"endpoints/{name}/scaling/schedule", endpoints.ScalingScheduleHandler),
            (f"endpoints/{name}/update", endpoints.UpdateEndpointHandler),
            (f"endpoints/{name}/capture", endpoints.CapturedDataHandler),
            (f"endpoints/{name}/logs", endpoints.EndpointLogsHandler),
            (f"endpoints/{name}/logs/download", endpoints.DownloadEndpointLogHandler),
            (f"endpoints/{name}/tags", endpoints.EndpointTagsHandler),
            ("buckets", data.BucketsHandler),
            ("objects", data.ObjectsHandler),
            ("objects/peek", data.PeekHandler),
            ("objects/download", data.DownloadHandler),
            ("data/preview", data.PreviewHandler),
            ("data/upload", data.UploadHandler),
            ("samples", data.SamplesHandler),
            (f"samples/{name}", data.SampleHandler),
            (".*", status.UnknownPathHandler),
        )
    ]
