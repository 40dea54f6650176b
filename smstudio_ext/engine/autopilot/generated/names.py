"""Names by which the controller and the program that writes the notebooks know each other."""

from __future__ import annotations

CANDIDATE_NOTEBOOK = "SageMakerAutopilotCandidateDefinitionNotebook.ipynb"
EXPLORATION_NOTEBOOK = "SageMakerAutopilotDataExplorationNotebook.ipynb"

NOTEBOOKS = {
    "CandidateDefinitionNotebookLocation": CANDIDATE_NOTEBOOK,
    "DataExplorationNotebookLocation": EXPLORATION_NOTEBOOK,
}
"""Member of AutoMLJobArtifacts -> file under `notebooks/`."""

# Variables of the processing job.
JOB = "AUTOML_JOB_NAME"
OUTPUT = "AUTOML_OUTPUT_PATH"
MODULE = "AUTOML_CANDIDATES_URI"
TRANSFORMER_VERSION = "AUTOML_TRANSFORMER_VERSION"
REGION = "AUTOML_REGION"
SEED = "AUTOML_SEED"
