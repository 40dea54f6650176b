"""What `%%sm_train` does: the job from a cell or an algorithm, its log while it runs, and the job as an object."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.magics.failure import MagicFailure, plain_methods
from smstudio_ext.magics.pairs import pairs, unquoted
from smstudio_ext.magics.runs import JobRun, Preface, print_lines
from smstudio_ext.magics.show import Live, Table, progress, span

if TYPE_CHECKING:
    from smstudio_ext.magics.endpoint_magics import Endpoint
    from smstudio_ext.studio.models.training import TrainingJob
    from smstudio_ext.target import Target

_RUNNING = ("InProgress", "Stopping")


@plain_methods
class TrainingRun(JobRun):
    """A training job as the magic returns it.

    Attributes:
        of_cell: a cell is its program.
    """

    word = "training"

    def __init__(self, target: Target, name: str, *, of_cell: bool = False) -> None:
        super().__init__(target, name)
        self.of_cell = of_cell
        self._job: TrainingJob | None = None

    @property
    def job(self) -> TrainingJob:
        """The job as its page shows it; read again until it has ended."""
        if self._job is None or self._job.status in _RUNNING:
            from smstudio_ext.studio.training import describe_training_job

            self._job = describe_training_job(self._target, self.name)
        return self._job

    @property
    def status(self) -> str:
        """InProgress, Stopping, Completed, Failed or Stopped."""
        return self.job.status

    @property
    def metrics(self) -> dict[str, float | None]:
        """The last value of each metric."""
        return {each.name: each.value for each in self.job.metrics}

    @property
    def model_uri(self) -> str | None:
        """S3 address of `model.tar.gz`, once it is there."""
        return self.job.model_s3_uri

    def follow(self, *, quiet: bool = False) -> None:
        """Shows the state and the log until the job ends."""
        from smstudio_ext.studio.waiting import moments

        live, log, preface = Live(), self._log(), Preface() if self.of_cell else None
        for seconds in moments(self._target.kind):
            job = self.job
            what = job.status_text if job.status in _RUNNING else job.status
            live.show(*progress(f"Training job {self.name}", None, [what, span(seconds)]))
            if not quiet:
                print_lines(log, preface)
            if job.status not in _RUNNING:
                break
        if not quiet:
            print_lines(log, preface)
            for line in preface.rest() if preface else ():
                print(line)
        if job.status == "Failed":
            raise MagicFailure(
                f"{self.name} failed: {job.failure_reason}", hint=f"The whole log: %sm_logs {self.name}"
            )

    def variables(self, names: list[str]) -> dict[str, Any]:
        """Variables that the cell made and that were asked back.

        Raises:
            MagicFailure: the job did not complete.
        """
        if not names:
            return {}
        job = self.job
        if job.status != "Completed":
            raise MagicFailure(f"{self.name} is {job.status}: there are no variables to bring back.")
        from smstudio_ext.magics.cells import of_archive

        found = of_archive(self._target, f"{job.output_s3_uri}/{self.name}/output/output.tar.gz")
        return {name: found[name] for name in names}

    def deploy(
        self,
        endpoint_name: str | None = None,
        *,
        instance_type: str = "ml.m5.large",
        instance_count: int = 1,
        wait: bool = True,
    ) -> Endpoint:
        """Deploys the model to a new endpoint.

        Raises:
            MagicFailure: there is no model, or the endpoint failed.
        """
        from smstudio_ext.magics.endpoint_magics import Endpoint
        from smstudio_ext.studio.deployment import deploy_training_job
        from smstudio_ext.studio.models.training import DeployTrainingJob

        form = DeployTrainingJob(
            endpoint_name=endpoint_name or self.name,
            instance_type=instance_type,
            instance_count=instance_count,
        )
        deploy_training_job(self._target, self.name, form)
        endpoint = Endpoint(self._target, form.endpoint_name)
        return endpoint.wait() if wait else endpoint

    def _table(self) -> Table:
        job = self.job
        title = f"{self.name}: {job.status}, {span(job.elapsed_seconds)}, {job.instance_type}"
        return Table(["Metric", "Value"], [[m.name, m.value] for m in job.metrics], title=title, empty=title)


def create(target: Target, given: Any, cell: str | None, names: dict[str, Any], name: str) -> None:
    """Asks for the cost on AWS, sends data and program and creates the job.

    Args:
        given: the magic's parsed arguments.
        cell: the program; none runs the algorithm of the image.
        names: the notebook's variables.
        name: of the job.
    """
    from smstudio_ext.magics import cells
    from smstudio_ext.magics.consent import asked_before_sending
    from smstudio_ext.studio.models.training_form import MetricDefinition, TrainingForm, TrainingScript
    from smstudio_ext.studio.training_create import checked_request, create_training_job, request_of

    if cell:
        cells.check_cell(cell)
    form = TrainingForm(
        name=name,
        hyperparameters=pairs(given.set, "--set"),
        metric_definitions=[
            MetricDefinition(name=key, regex=unquoted(value))
            for key, value in pairs(given.metric, "--metric").items()
        ],
        instance_type=given.instance,
        instance_count=given.count,
        max_runtime_seconds=given.max_runtime,
        spot=given.spot,
        further=experiment_of_jobs(),
        **image_members(target, given.image, given.version, script=bool(cell)),
    )
    data = channel_data(given, names)
    values = cells.chosen(names, given.inputs or [])
    form.channels = channels(target, data, name, script=bool(cell))
    # what AWS would refuse is told before the data is sent; of a cell's program only once it is packed
    request = request_of(target, form) if cell else checked_request(target, form)
    asked_before_sending(target, "CreateTrainingJob", lambda: request)
    send(target, data, name, first=given.target, script=bool(cell))
    if not cell:
        create_training_job(target, form, None)
        return
    with tempfile.TemporaryDirectory(prefix="smstudio-") as folder:
        cells.packed(
            Path(folder),
            cell,
            values,
            given.outputs or [],
            "$SM_OUTPUT_DATA_DIR",
        )
        form.script = TrainingScript(path=folder, entry_point=cells.ENTRY_POINT)
        create_training_job(target, form, Path(folder))


def image_members(target: Target, image: str, version: str | None, *, script: bool) -> dict[str, Any]:
    """What an image's name means in the form: an algorithm, a framework, or a URI.

    Raises:
        MagicFailure: no algorithm and no framework has this name.
    """
    from smstudio_ext.studio.algorithms import catalogue, image_of, list_frameworks

    if "/" in image or ":" in image:
        return {"source": "script" if script else "image", "image": image}
    if image_of(target, image, version, framework=script) is None:
        known = [each.name for each in list_frameworks(target)] if script else list(catalogue())
        kind = "framework's image" if script else "algorithm"
        what = f"{kind} {image!r}" + (f" of version {version}" if version else "")
        raise MagicFailure(f"There is no {what} in {target.region}.", hint=f"There are: {', '.join(known)}.")
    if script:
        return {"source": "script", "framework": image, "version": version}
    return {"source": "algorithm", "algorithm": image, "version": version}


def channel_data(given: Any, names: dict[str, Any]) -> dict[str, Any]:
    """What each channel is to hold: tables, files' names, S3 addresses.

    Raises:
        MagicFailure: there is no such variable.
    """
    from smstudio_ext.magics.values import looked_up

    return {channel: looked_up(text, names) for channel, text in pairs(given.channel, "--channel").items()}


def channels(target: Target, wanted: dict[str, Any], name: str, *, script: bool) -> list[Any]:
    """The input channels, as `send` will fill them.

    Args:
        wanted: what each is to hold.
        name: of the job.
    """
    from smstudio_ext.magics.tables import table_library
    from smstudio_ext.magics.values import address_in_s3
    from smstudio_ext.studio.models.training_form import TrainingChannel

    found = []
    for channel, data in wanted.items():
        table = table_library(data) is not None
        uri = address_in_s3(target, data, _key(name, channel), form="parquet" if script else "csv")
        csv = not script and (table or uri.endswith(".csv"))
        found.append(TrainingChannel(name=channel, s3_uri=uri, content_type="text/csv" if csv else None))
    return found


def send(target: Target, wanted: dict[str, Any], name: str, *, first: str | None, script: bool) -> None:
    """Sends the channels' data: Parquet for a program, CSV without header for an algorithm.

    Args:
        wanted: what each is to hold.
        name: of the job.
        first: column that an algorithm's CSV begins with.
    """
    from smstudio_ext.magics.tables import table_library
    from smstudio_ext.magics.values import in_s3

    for channel, data in wanted.items():
        table = table_library(data) is not None
        in_s3(
            target,
            data,
            _key(name, channel),
            form="parquet" if script else "csv",
            header=script,
            first=first if table and not script else None,
        )


def _key(job: str, channel: str) -> str:
    return f"notebook-data/{job}/{channel}"


def job_name(base: str) -> str:
    """A fresh name of a job."""
    from smstudio_ext.magics.values import key_name

    stem = key_name(base.rpartition("/")[2].partition(":")[0])
    return f"{stem[:40].rstrip('-')}-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() // 1_000_000 % 1000:03d}"


def experiment_of_jobs() -> dict[str, Any]:
    """The members of a job's request that put it into the experiment chosen by `%sm_experiment`; empty without one."""
    from smstudio_ext.magics.experiments import CHOSEN

    return {"ExperimentConfig": CHOSEN.config()} if CHOSEN.experiment else {}
