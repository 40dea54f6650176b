"""Helpers of the candidate definition notebook; they need nothing but the SageMaker Python SDK 2."""

from .common import (
    AutoMLLocalCandidateNotPrepared,
    AutoMLLocalCandidateNotTrained,
    AutoMLLocalCandidateStep,
    AutoMLLocalRunBaseError,
    execute_steps,
    select_inference_output,
    uid,
)
from .config import AutoMLLocalRunConfig
from .interactive_runner import AutoMLInteractiveRunner
from .local_candidate import AutoMLLocalCandidate
from .steps import AutoMLCandidateAlgoStep, AutoMLCandidateDataTransformerStep

__all__ = [
    "AutoMLCandidateAlgoStep",
    "AutoMLCandidateDataTransformerStep",
    "AutoMLInteractiveRunner",
    "AutoMLLocalCandidate",
    "AutoMLLocalCandidateNotPrepared",
    "AutoMLLocalCandidateNotTrained",
    "AutoMLLocalCandidateStep",
    "AutoMLLocalRunBaseError",
    "AutoMLLocalRunConfig",
    "execute_steps",
    "select_inference_output",
    "uid",
]
