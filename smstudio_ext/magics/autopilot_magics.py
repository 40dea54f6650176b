"""`%sm_autopilot`: the best model for a table, with live progress and the leaderboard as an object."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from smstudio_ext.magics.arguments import parsed
from smstudio_ext.magics.consent import agreed, asked_before_sending
from smstudio_ext.magics.failure import MagicFailure, plain_errors, plain_methods
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.runs import JobRun, Waited, interruptible, kept
from smstudio_ext.magics.show import Live, Table, progress, span

if TYPE_CHECKING:
    from smstudio_ext.magics.endpoint_magics import Endpoint
    from smstudio_ext.studio.models.automl import AutoMLJob, Candidate
    from smstudio_ext.target import Target

_NAME_ROOM = 20


@magics_class
class AutopilotMagics(Magics):
    """Autopilot."""

    @magic_arguments()
    @argument(
        "data", help="A DataFrame (pandas, polars, pyarrow), a CSV file with a header, or an s3:// address."
    )
    @argument("--target", "-t", required=True, help="Column to predict; case-sensitive.")
    @argument("--name", help="Name of the experiment, at most 32 characters.")
    @argument(
        "--problem-type",
        default="Auto",
        choices=["Auto", "BinaryClassification", "MulticlassClassification", "Regression"],
        help="What kind of problem it is.",
    )
    @argument("--objective", help="Metric to optimise, e.g. F1, AUC, MSE, Accuracy.")
    @argument("--mode", choices=["AUTO", "ENSEMBLING", "HYPERPARAMETER_TUNING"], help="Training mode.")
    @argument("--max-candidates", type=int, default=None, help="How many candidates to try, 1 to 750.")
    @argument("--max-runtime", type=int, default=None, help="Seconds for the whole job.")
    @argument("--no-wait", action="store_true", help="Do not wait for the end.")
    @argument(
        "--on-interrupt", default="stop", choices=["stop", "detach"], help="What Ctrl-C does with the job."
    )
    @argument("--yes", action="store_true", help="Agree to the cost on AWS without being asked.")
    @argument("-o", "--output", help="Variable that gets the result.")
    @line_magic
    @plain_errors
    def sm_autopilot(self, line: str) -> Waited | None:
        """Run Autopilot on a table and return its leaderboard: `.best`, `.leaderboard()`, `.deploy()`."""
        from smstudio_ext.magics.values import looked_up

        given: Any = parsed(self.sm_autopilot, line)
        target = PLACE.target()
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        data = looked_up(given.data, names)
        run = AutopilotRun(target, given.name or name_for(given.target))
        if given.name:
            run.must_be_new()
        with agreed(given.yes), interruptible(run, given.on_interrupt):
            create(target, data, given, run.name)
            shown = kept(names, given.output, run)
            if not given.no_wait:
                run.follow()
        return shown


@plain_methods
class AutopilotRun(JobRun):
    """An Autopilot experiment as the magic returns it."""

    word = "autopilot"

    def __init__(self, target: Target, name: str) -> None:
        super().__init__(target, name)
        self._job: AutoMLJob | None = None

    @property
    def job(self) -> AutoMLJob:
        """The experiment as its page shows it; read again until it has ended."""
        if self._job is None or self._job.status in ("InProgress", "Stopping"):
            from smstudio_ext.studio.automl import describe_automl_job

            self._job = describe_automl_job(self._target, self.name)
        return self._job

    @property
    def status(self) -> str:
        """InProgress, Stopping, Completed, Failed or Stopped."""
        return self.job.status

    @property
    def best(self) -> Candidate:
        """The best candidate so far.

        Raises:
            MagicFailure: no candidate is finished.
        """
        found = self.job.best_candidate
        if found is None:
            raise MagicFailure(f"{self.name} has no finished candidate (it is {self.status}).")
        return found

    def candidates(self) -> list[Candidate]:
        """Every finished candidate, the best first."""
        from smstudio_ext.studio.automl import list_candidates
        from smstudio_ext.studio.models.automl import ListCandidates

        found: list[Candidate] = []
        token: str | None = None
        while True:
            page = list_candidates(
                self._target, self.name, ListCandidates(status="Completed", max_results=100, next_token=token)
            )
            found += page.items
            token = page.next_token
            if token is None:
                return found

    def leaderboard(self) -> Any:
        """The finished candidates as a pandas DataFrame: a row each, the best first, a column each metric."""
        import pandas as pd

        rows = []
        for each in self.candidates():
            row: dict[str, Any] = {"candidate": each.name}
            if each.objective is not None:
                row["objective"] = each.objective.value
            row |= {m.name: m.value for m in each.metrics if m.set != "Train"}
            rows.append(row | {"seconds": each.elapsed_seconds})
        return pd.DataFrame(rows)

    def follow(self, *, quiet: bool = False) -> None:
        """Shows the progress until the experiment ends."""
        from smstudio_ext.studio.waiting import moments

        live = Live()
        for seconds in moments(self._target.kind):
            job = self.job
            if job.status not in ("InProgress", "Stopping"):
                break
            live.show(*_progress_of(job, seconds))
        live.show(*_progress_of(job, job.elapsed_seconds))
        if job.status == "Failed":
            raise MagicFailure(f"{self.name} failed: {job.failure_reason}")

    def deploy(
        self,
        endpoint_name: str | None = None,
        *,
        candidate: str | None = None,
        instance_type: str = "ml.m5.large",
        instance_count: int = 1,
        response_keys: list[str] | None = None,
        wait: bool = True,
    ) -> Endpoint:
        """Deploys a candidate (the best one) to a new endpoint.

        Args:
            response_keys: what the endpoint answers, e.g. `predicted_label`, `probability`; the default otherwise.

        Raises:
            MagicFailure: it cannot be deployed.
        """
        from smstudio_ext.magics.endpoint_magics import Endpoint
        from smstudio_ext.studio.automl_deploy import deploy_candidate
        from smstudio_ext.studio.models.automl import DeployCandidate

        form = DeployCandidate(
            endpoint_name=endpoint_name or self.name,
            candidate=candidate,
            instance_type=instance_type,
            instance_count=instance_count,
            response_keys=response_keys or [],
        )
        deploy_candidate(self._target, self.name, form)
        endpoint = Endpoint(self._target, form.endpoint_name)
        return endpoint.wait() if wait else endpoint

    def _table(self) -> Table:
        from smstudio_ext.studio.automl import list_candidates
        from smstudio_ext.studio.models.automl import ListCandidates

        job = self.job
        page = list_candidates(self._target, self.name, ListCandidates(status="Completed", max_results=10))
        rows = [
            [
                "★" if each.is_best else "",
                each.name,
                each.objective.value if each.objective else None,
                f"{each.elapsed_seconds:.1f} s",
            ]
            for each in page.items
        ]
        title = f"{job.name}: {job.status}, {job.resolved_problem_type or 'problem type not known yet'}, {span(job.elapsed_seconds)}"
        return Table(
            ["", "Candidate", page.objective_metric or "Objective", "Time"],
            rows,
            title=title,
            empty=f"{title}; no candidate is finished.",
        )


def name_for(column: str) -> str:
    """A fresh name of an experiment on a target column."""
    from smstudio_ext.magics.values import key_name

    return f"{key_name(column)[:_NAME_ROOM].rstrip('-')}-{time.strftime('%m%d-%H%M%S')}"


def create(target: Target, data: Any, given: Any, name: str) -> None:
    """Asks for the cost on AWS, sends the data and creates the experiment.

    Args:
        given: the magic's parsed arguments.
        name: of the experiment.
    """
    from smstudio_ext.magics.tables import column_names, table_library
    from smstudio_ext.magics.values import PARQUET, address_in_s3, in_s3
    from smstudio_ext.studio.automl_create import checked_request, create_automl_job
    from smstudio_ext.studio.models.automl import CreateAutoMLJob

    table = table_library(data) is not None
    columns = column_names(data) if table else []
    if table and given.target not in columns:
        raise MagicFailure(
            f"The table has no column {given.target!r}.", hint=f"Its columns: {', '.join(columns[:20])}"
        )
    key = f"notebook-data/{name}"
    uri = address_in_s3(target, data, key, form="parquet")
    form = CreateAutoMLJob(
        name=name,
        input_s3_uri=uri,
        target=given.target,
        problem_type=given.problem_type,
        objective=given.objective,
        content_type=PARQUET if table or uri.endswith(".parquet") else None,
        compression="Gzip" if uri.endswith(".gz") else None,
        mode=given.mode,
        max_candidates=given.max_candidates,
        max_job_runtime_seconds=given.max_runtime,
    )
    request = checked_request(target, form)  # what AWS would refuse is told before the data is sent, too
    asked_before_sending(target, "CreateAutoMLJobV2", lambda: request)
    in_s3(target, data, key, form="parquet")
    create_automl_job(target, form)


def _progress_of(job: AutoMLJob, seconds: float) -> tuple[str, str]:
    done = sum(stage.state == "done" for stage in job.stages)
    share = 1.0 if job.status != "InProgress" else (done + 0.5) / (len(job.stages) + 1)
    best = job.best_candidate
    score = (
        f"best {best.objective.metric} {best.objective.value:.4f}"
        if best and best.objective and best.objective.value is not None
        else ""
    )
    what = job.status_text if job.status in ("InProgress", "Stopping") else job.status
    return progress(f"Autopilot {job.name}", share, [what, score, span(seconds)])
