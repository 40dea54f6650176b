"""Names that an Autopilot job gives to its parts, all derived from its own so that a repeated step finds them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

TRAINING_JOB_NAME_MAX = 63
TUNING_JOB_NAME_MAX = 32


def digest(*parts: str, length: int = 8) -> str:
    """A short hash of `parts`; the same parts give the same hash on every machine."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:length]


def seed_of(name: str) -> int:
    """A seed below 2**31 that depends on a job's name alone, so that a job can be repeated elsewhere."""
    return int(digest("seed", name), 16) % (2**31)


@dataclass(frozen=True)
class JobNames:
    """Names of the parts of one Autopilot job (spec: `<job>-dpp0-1-<hash>` and so on).

    Args:
        job: AutoMLJobName.
        region: its region; part of the hashes, as names are per region.
    """

    job: str
    region: str

    def data_builder(self) -> str:
        """Processing job that reads, checks and splits the data."""
        return self._part("db-1")

    def recommender(self) -> str:
        """Processing job that writes the candidate definitions."""
        return self._part("pr-1")

    def transformer(self, pipeline: str) -> str:
        """Training job (and model) of a data transformer, e.g. of `dpp0`."""
        return self._part(f"{pipeline}-1")

    def transform(self, pipeline: str, label: str) -> str:
        """Batch transform that applies a transformer; `label` is `csv` or `rpb`."""
        return self._part(f"{pipeline}-{label}-1")

    def tuning(self) -> str:
        """Tuning job; also the prefix of its training jobs, which are the candidates' names."""
        tail = digest(self.region, self.job, "tuning", length=10)
        return f"{self.job[: TUNING_JOB_NAME_MAX - len(tail)]}{tail}"

    def ensemble(self, label: str) -> str:
        """Training job of ensembling mode: its `features`, or a candidate such as `LightGBM-BAG-L1-t1`."""
        return self._part(label if label != "features" else "features-1")

    def report(self, part: str) -> str:
        """Processing job that writes a report on the best candidate, e.g. its `model_insights`."""
        return self._part(f"{part.replace('_', '-')}-1")

    def model(self) -> str:
        """Model of the automatic deployment."""
        return self._part("model")

    def endpoint(self) -> str:
        """Endpoint (and its configuration) of the automatic deployment."""
        return self._part("endpoint")

    def _part(self, part: str) -> str:
        tail = f"-{part}-{digest(self.region, self.job, part)}"
        return f"{self.job[: TRAINING_JOB_NAME_MAX - len(tail)].rstrip('-')}{tail}"


@dataclass(frozen=True)
class OutputTree:
    """Where things lie under `<S3OutputPath>/<job>/`.

    Args:
        root: S3 URI without a trailing slash.
    """

    root: str

    @classmethod
    def of(cls, output_path: str, job: str) -> OutputTree:
        """The tree of a job."""
        return cls(f"{output_path.rstrip('/')}/{job}")

    @property
    def preprocessed(self) -> str:
        """`header/` and `tuning_data/{train,validation}/chunk_*.csv`."""
        return f"{self.root}/preprocessed-data"

    @property
    def tuning_data(self) -> str:
        return f"{self.preprocessed}/tuning_data"

    @property
    def transformers(self) -> str:
        """S3OutputPath of the data transformers' training jobs."""
        return f"{self.root}/data-processor-models"

    @property
    def ensemble_models(self) -> str:
        """S3OutputPath of ensembling mode's candidates."""
        return f"{self.root}/sagemaker-automl-candidates/model"

    @property
    def documentation(self) -> str:
        """`explainability/output/<candidate>/` and `model_insights/<candidate>/`: the reports on the best candidate."""
        return f"{self.root}/documentation"

    def backtests(self, candidate: str) -> str:
        """What a forecasting candidate would have said of the past, and how good that was."""
        return f"{self.root}/backtest-results/{candidate}"

    def candidates(self, recommender: str) -> str:
        """`generated_module/` and `notebooks/` of the candidate definitions."""
        return f"{self.root}/sagemaker-automl-candidates/{recommender}"

    def transformed(self, pipeline: str, label: str) -> str:
        """`{train,validation}/chunk_*.csv.out` after a pipeline's transformer."""
        return f"{self.root}/transformed-data/{pipeline}/{label}"

    def tuning(self, job: str, definition: str) -> str:
        """S3OutputPath of the training jobs of one definition, e.g. `dpp0-xgb`."""
        return f"{self.root}/tuning/{job}-{definition}"
