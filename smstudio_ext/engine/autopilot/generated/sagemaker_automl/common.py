"""Steps of a candidate, run in order; names; the choice of response keys."""

from __future__ import annotations

import builtins
import json
import logging
import random
import threading
from collections.abc import Callable, Sequence
from html import escape
from time import gmtime, sleep, strftime
from typing import Any

from botocore.exceptions import ClientError

FIRST_WAIT = 1
LONGEST_WAIT = 64

_OF_THE_ALGORITHM = ("predicted_label", "probability", "probabilities")
_OF_THE_LABELS = (*_OF_THE_ALGORITHM, "labels")
_CLASSIFICATION = ("BinaryClassification", "MulticlassClassification")


class AutoMLLocalRunBaseError(RuntimeError):
    """What can go wrong in a run of a candidate."""


class AutoMLLocalCandidateNotPrepared(AutoMLLocalRunBaseError):
    """The candidate's data transformer was not prepared yet (`fit_data_transformers`)."""


class AutoMLLocalCandidateNotTrained(AutoMLLocalRunBaseError):
    """The candidate's data transformer was not fitted yet."""


class AutoMLLocalCandidateStep:
    """One step of a candidate's run.

    Args:
        name: for the log.
        action: called with the context that the steps of a candidate share.
        description: what it does.
    """

    def __init__(self, name: str, action: Callable[[dict[str, Any]], Any], description: str = "") -> None:
        self.name = name
        self.action = action
        self.description = description

    def run(self, context: dict[str, Any]) -> None:
        """Runs the step."""
        self.action(context)

    def to_dict(self) -> dict[str, str]:
        """Name and description."""
        return {"name": self.name, "description": self.description}

    def __repr__(self) -> str:
        return json.dumps(self.to_dict(), indent=4)


def uid() -> str:
    """Day and time (UTC), for names of jobs: `21-11-30-05`."""
    return strftime("%d-%H-%M-%S", gmtime())


def execute_steps(
    execution_name: str,
    steps: Sequence[AutoMLLocalCandidateStep],
    context: dict[str, Any],
    start_jitter_seconds: float = 5,
) -> None:
    """Runs steps in order.

    A throttled step is tried again after 1, 2, 4, ... 64 seconds.

    Args:
        execution_name: for the log.
        context: what the steps share.
        start_jitter_seconds: the first step starts after a random part of so many seconds, so that several candidates do
            not all ask at once.

    Raises:
        ClientError: a step failed, or was still throttled at last.
    """
    sleep(random.uniform(0, start_jitter_seconds))
    for step in steps:
        logging.info("[%s:%s]Executing step: %s", threading.current_thread().name, execution_name, step.name)
        _run_patiently(step, context)


def _run_patiently(step: AutoMLLocalCandidateStep, context: dict[str, Any]) -> None:
    wait = FIRST_WAIT
    while True:
        try:
            step.run(context)
            return
        except ClientError as error:
            if error.response["Error"]["Code"] != "ThrottlingException" or wait > LONGEST_WAIT:
                raise
            logging.info("We are getting throttled, retrying in %ss", wait)
            sleep(wait)
            wait *= 2


def select_inference_output(
    problem_type: str, model_containers: Sequence[Any], output_keys: Sequence[str] | None
) -> Sequence[Any]:
    """Chooses what a classification pipeline answers.

    Args:
        problem_type: `BinaryClassification` or `MulticlassClassification`.
        model_containers: the models of the pipeline: features, algorithm, labels. Their environment is changed.
        output_keys: `predicted_label`, `probability`, `probabilities`, `labels`, in the order wanted.

    Returns:
        `model_containers`.

    Raises:
        ValueError: another problem type, or an unknown key.
    """
    if problem_type not in _CLASSIFICATION:
        raise ValueError(f"{problem_type} does not support selective inference output.")
    wanted = [key.strip() for key in output_keys or ["predicted_label"]]
    unknown = [key for key in wanted if key not in _OF_THE_LABELS]
    if unknown:
        raise ValueError(
            f"Requested inference output keys [{', '.join(unknown)}] are unsupported. "
            f"The supported inference keys are [{', '.join(_OF_THE_LABELS)}]"
        )
    # The names of the classes are known behind the algorithm only.
    algorithm = [key for key in wanted if key in _OF_THE_ALGORITHM] or ["predicted_label"]
    model_containers[1].env.update(
        SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="text/csv",
        SAGEMAKER_INFERENCE_OUTPUT=",".join(algorithm),
        SAGEMAKER_INFERENCE_SUPPORTED=",".join(_OF_THE_ALGORITHM),
    )
    model_containers[2].env.update(
        SAGEMAKER_INFERENCE_INPUT=",".join(algorithm),
        SAGEMAKER_INFERENCE_OUTPUT=",".join(wanted),
        SAGEMAKER_INFERENCE_SUPPORTED=",".join(_OF_THE_LABELS),
    )
    return model_containers


class Table:
    """A table that a notebook shows; the first column of `rows` may hold links: (text, address)."""

    def __init__(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.header = header
        self.rows = rows

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.header)
        body = "".join(f"<tr>{''.join(map(_html_cell, row))}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def __repr__(self) -> str:
        lines = [self.header, *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(str(line[at])) for line in lines) for at in range(len(self.header))]
        return "\n".join(
            "  ".join(str(cell).ljust(width) for cell, width in zip(line, widths)).rstrip()  # noqa: B905 - Python 3.9
            for line in lines
        )


def show(thing: Any) -> None:
    """Shows something below the cell; outside of notebooks it is printed."""
    getattr(builtins, "display", print)(thing)


def _text(cell: Any) -> str:
    return str(cell[0] if isinstance(cell, tuple) else cell)


def _html_cell(cell: Any) -> str:
    text = escape(_text(cell))
    if isinstance(cell, tuple):
        text = f'<a href="{escape(cell[1], quote=True)}">{text}</a>'
    return f"<td>{text}</td>"
