"""What an image is here, and what its programs promise to the job processes and model servers that run them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class MetricDefinition:
    """A metric that the runtime reads from an image's log.

    Attributes:
        name: metric name as AWS lists it, for example `validation:f1`.
        regex: expression with one group, searched in each log line; the last match is the final value.
    """

    name: str
    regex: str


@dataclass(frozen=True)
class Image:
    """A local implementation of what a container image URI names.

    Programs are named `module:function` and imported only in the process that runs them.

    Attributes:
        name: the algorithm here, for example `xgboost`.
        version: the version that the tag names, for example `1.7-1`.
        uri: the URI that was resolved.
        train: `function(optml: Path) -> None`. Reads `input/config/*.json` and `input/data/<channel>`, writes `model/`;
            raises AlgorithmError for what the user can mend.
        serve: `function(model_dir: Path, env: Mapping[str, str]) -> Predictor`.
        process: `function(optml: Path) -> None` for processing jobs. Reads `config/processingjobconfig.json` and
            `processing/...`; raises AlgorithmError.
        metric_definitions: metrics that training prints.
        preload: modules worth importing in the warm fork server before a job of this image starts.
        accepts: content types that the predictor reads; empty when it decides for itself.
    """

    name: str
    version: str
    uri: str
    train: str | None = None
    serve: str | None = None
    process: str | None = None
    metric_definitions: tuple[MetricDefinition, ...] = ()
    preload: tuple[str, ...] = ()
    accepts: tuple[str, ...] = field(default=())


class Predictor(Protocol):
    """A loaded model that answers requests; one instance serves one model server process."""

    def invoke(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Answers one request.

        Args:
            body: the request's bytes.
            content_type: MIME type of the body, with or without parameters.
            accept: MIME type wanted; empty or `*/*` leaves the choice to the model.

        Returns:
            The answer's bytes and their content type.

        Raises:
            ClientError: the request is at fault (answered with a 4xx status).
        """
        ...


class AlgorithmError(Exception):
    """A job fails for a reason that its owner can mend; the message goes to FailureReason."""


class ClientError(Exception):
    """A request to a model is at fault.

    Args:
        message: what is wrong, for the person who sent it.
        status: HTTP status, 400-class.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
