"""What `%sm_tune` does: the search of a training job's hyperparameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstudio_ext.magics.failure import MagicFailure, plain_methods
from smstudio_ext.magics.pairs import pairs
from smstudio_ext.magics.runs import JobRun
from smstudio_ext.magics.show import Live, Table, progress, span

if TYPE_CHECKING:
    from smstudio_ext.magics.endpoint_magics import Endpoint
    from smstudio_ext.magics.training import TrainingRun
    from smstudio_ext.studio.models.tuning import Trial, TuneRangeForm, TuningForm, TuningJob
    from smstudio_ext.target import Target

_RUNNING = ("InProgress", "Stopping")
_SCALINGS = {"auto": "Auto", "linear": "Linear", "log": "Logarithmic", "reverselog": "ReverseLogarithmic"}


@plain_methods
class TuningRun(JobRun):
    """A tuning job as the magic returns it."""

    word = "tuning"

    def __init__(self, target: Target, name: str) -> None:
        super().__init__(target, name)
        self._job: TuningJob | None = None

    @property
    def job(self) -> TuningJob:
        """The job as its page shows it; read again until it has ended."""
        if self._job is None or self._job.status in _RUNNING:
            from smstudio_ext.studio.tuning import describe_tuning_job

            self._job = describe_tuning_job(self._target, self.name)
        return self._job

    @property
    def status(self) -> str:
        """InProgress, Stopping, Completed, Failed or Stopped."""
        return self.job.status

    @property
    def best(self) -> Trial:
        """The best trial.

        Raises:
            MagicFailure: no trial is finished.
        """
        if self.job.best is None:
            raise MagicFailure(f"{self.name} has no finished trial (it is {self.status}).")
        return self.job.best

    def trials(self) -> Any:
        """Every trial as a pandas DataFrame: a row each in order of creation, a column each tuned hyperparameter."""
        import pandas as pd

        from smstudio_ext.studio.models.tuning import ListTrials
        from smstudio_ext.studio.tuning import list_trials

        rows: list[dict[str, Any]] = []
        token: str | None = None
        while True:
            page = list_trials(self._target, self.name, ListTrials(next_token=token))
            rows += [
                {
                    "trial": each.name,
                    "status": each.status,
                    "objective": each.objective,
                    **each.hyperparameters,
                }
                for each in page.items
            ]
            token = page.next_token
            if token is None:
                return pd.DataFrame(rows)

    def best_job(self) -> TrainingRun:
        """The training job of the best trial."""
        from smstudio_ext.magics.training import TrainingRun

        return TrainingRun(self._target, self.best.name)

    def deploy(self, endpoint_name: str | None = None, **options: Any) -> Endpoint:
        """Deploys the best trial's model; see `TrainingRun.deploy`."""
        return self.best_job().deploy(endpoint_name or self.name, **options)

    def follow(self, *, quiet: bool = False) -> None:
        """Shows the progress until the job ends."""
        from smstudio_ext.studio.waiting import moments

        live = Live()
        for seconds in moments(self._target.kind):
            job = self.job
            done = job.counters.completed + job.counters.stopped + job.counters.failed
            best = job.best.objective if job.best else None
            facts = [
                job.status_text,
                f"{done} of {job.max_jobs or '?'} trials",
                f"best {job.objective} {best:.4f}" if best is not None else "",
                span(seconds),
            ]
            live.show(
                *progress(f"Tuning job {self.name}", done / job.max_jobs if job.max_jobs else None, facts)
            )
            if job.status not in _RUNNING:
                break
        if job.status == "Failed":
            raise MagicFailure(f"{self.name} failed: {job.failure_reason}")

    def _table(self) -> Table:
        frame, job = self.trials(), self.job
        title = f"{self.name}: {job.status}, objective {job.objective} ({job.direction})"
        if not len(frame):
            return Table([], [], empty=f"{title}; no trial yet.")
        ordered = frame.sort_values(
            "objective", ascending=job.direction == "Minimize", na_position="last"
        ).head(10)
        cells = ordered.astype(object).where(ordered.notna(), None).values.tolist()
        return Table(list(frame.columns), cells, title=title)


def form_of(target: Target, given: Any, names: dict[str, Any]) -> TuningForm:
    """The tuning form of a training job.

    Args:
        given: the magic's parsed arguments.
        names: the notebook's variables.
    """
    from smstudio_ext.magics.training import TrainingRun
    from smstudio_ext.studio.tuning_create import tune_training_job

    value = names.get(given.job)
    if value is not None and not isinstance(value, TrainingRun):
        raise MagicFailure(
            f"{given.job} is no training job: give the -o variable of %%sm_train, or a job's name."
        )
    job = value.name if value is not None else given.job
    form = tune_training_job(target, job)
    if given.name:
        form.name = given.name
    form.strategy = given.strategy
    form.objective = given.objective
    form.direction = "Maximize" if given.maximize else _direction(form.training.algorithm, given.objective)
    form.ranges = [_range(name, text) for name, text in pairs(given.ranges, "--range").items()]
    form.max_jobs, form.max_parallel = given.max_jobs, min(given.parallel, given.max_jobs)
    form.early_stopping = "Auto" if given.early_stopping else "Off"
    for each in form.ranges:
        form.training.hyperparameters.pop(each.name, None)
    return form


def _direction(algorithm: str | None, metric: str) -> Any:
    from smstudio_ext.studio.algorithms import catalogue

    metrics = catalogue().get(algorithm or "", {}).get("metrics", [])
    return next((each["direction"] for each in metrics if each["name"] == metric), "Minimize")


def _range(name: str, text: str) -> TuneRangeForm:
    """`0.1:0.5`, `2:10` (integers), `1e-4:0.1:log`, `a,b,c`."""
    from smstudio_ext.studio.models.tuning import TuneRangeForm

    parts = text.split(":")
    if len(parts) == 1:
        return TuneRangeForm(name=name, kind="Categorical", values=[each for each in text.split(",") if each])
    scaling = _SCALINGS.get(parts[2].lower()) if len(parts) == 3 else "Auto"
    try:
        numbers = [float(part) for part in parts[:2]]
    except ValueError:
        numbers = []
    if len(parts) > 3 or scaling is None or len(numbers) != 2:
        raise MagicFailure(
            f"--range {name}={text} is no range.",
            hint="Write NAME=0.1:0.5, NAME=2:10, NAME=1e-4:0.1:log or NAME=a,b,c.",
        )
    whole = all(part.lstrip("+-").isdigit() for part in parts[:2])
    return TuneRangeForm.model_validate(
        {
            "name": name,
            "kind": "Integer" if whole else "Continuous",
            "min": parts[0],
            "max": parts[1],
            "scaling": scaling,
        }
    )
