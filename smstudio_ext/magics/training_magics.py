"""`%%sm_train`, `%%sm_process` and `%sm_tune`: a cell or an algorithm as a job, and the search of its hyperparameters."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, cell_magic, line_cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from smstudio_ext.magics.arguments import parsed
from smstudio_ext.magics.consent import agreed
from smstudio_ext.magics.failure import MagicFailure, plain_errors
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.runs import interruptible, kept


@magics_class
class TrainingMagics(Magics):
    """Training, processing and tuning jobs."""

    @magic_arguments()
    @argument(
        "--image",
        required=True,
        help="xgboost, sklearn, pytorch, another algorithm or framework, or an image URI.",
    )
    @argument("--version", help="Version of the image; the newest otherwise.")
    @argument("--instance", default="ml.m5.large", help="Instance type.")
    @argument("--count", type=int, default=1, help="How many instances.")
    @argument(
        "--channel", action="append", help="NAME=DATA: a DataFrame, a file, or an s3:// address. May repeat."
    )
    @argument("--target", help="Column that comes first in the CSV that an algorithm reads.")
    @argument("-p", "--set", action="append", help="NAME=VALUE: a hyperparameter. May repeat.")
    @argument(
        "-i",
        "--in",
        dest="inputs",
        action="append",
        help="Variable of the notebook that the cell finds. May repeat.",
    )
    @argument(
        "-v",
        "--out",
        dest="outputs",
        action="append",
        help="Variable of the cell that comes back. May repeat.",
    )
    @argument("--metric", action="append", help="NAME=REGEX: a metric read from the log. May repeat.")
    @argument("--name", help="Name of the job.")
    @argument("--spot", action="store_true", help="Managed spot training.")
    @argument("--max-runtime", type=int, default=86400, help="Seconds after which the job ends.")
    @argument("--no-wait", action="store_true", help="Do not wait for the end.")
    @argument("--quiet", action="store_true", help="Do not show the job's log.")
    @argument(
        "--on-interrupt", default="stop", choices=["stop", "detach"], help="What Ctrl-C does with the job."
    )
    @argument("--yes", action="store_true", help="Agree to the cost on AWS without being asked.")
    @argument("-o", "--output", help="Variable that gets the job.")
    @line_cell_magic
    @plain_errors
    def sm_train(self, line: str, cell: str | None = None) -> Any:
        """Train: the cell is the entry point of a framework's image; without a cell the algorithm of that name runs."""
        from smstudio_ext.magics import training

        given: Any = parsed(self.sm_train, line)
        if (given.inputs or given.outputs) and not (cell or "").strip():
            raise MagicFailure("--in and --out need a cell: %%sm_train with the program below it.")
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        target = PLACE.target()
        of_cell = bool((cell or "").strip())
        run = training.TrainingRun(target, given.name or training.job_name(given.image), of_cell=of_cell)
        if given.name:
            run.must_be_new()
        with agreed(given.yes), interruptible(run, given.on_interrupt):
            training.create(target, given, cell if of_cell else None, names, run.name)
            shown = kept(names, given.output, run)
            if not given.no_wait:
                run.follow(quiet=given.quiet)
                names.update(run.variables(given.outputs or []))
        return shown

    @magic_arguments()
    @argument(
        "--image", default="sklearn", help="sklearn, pytorch, xgboost, another framework, or an image URI."
    )
    @argument("--version", help="Version of the image; the newest otherwise.")
    @argument("--instance", default="ml.m5.large", help="Instance type.")
    @argument(
        "--input", action="append", help="NAME=DATA, found at /opt/ml/processing/input/NAME. May repeat."
    )
    @argument(
        "--output-folder",
        action="append",
        help="NAME: what the cell writes to /opt/ml/processing/output/NAME goes to S3. May repeat.",
    )
    @argument(
        "-i",
        "--in",
        dest="inputs",
        action="append",
        help="Variable of the notebook that the cell finds. May repeat.",
    )
    @argument(
        "-v",
        "--out",
        dest="outputs",
        action="append",
        help="Variable of the cell that comes back. May repeat.",
    )
    @argument("--name", help="Name of the job.")
    @argument("--max-runtime", type=int, default=86400, help="Seconds after which the job ends.")
    @argument("--no-wait", action="store_true", help="Do not wait for the end.")
    @argument("--quiet", action="store_true", help="Do not show the job's log.")
    @argument(
        "--on-interrupt", default="stop", choices=["stop", "detach"], help="What Ctrl-C does with the job."
    )
    @argument("--yes", action="store_true", help="Agree to the cost on AWS without being asked.")
    @argument("-o", "--output", help="Variable that gets the job.")
    @cell_magic
    @plain_errors
    def sm_process(self, line: str, cell: str) -> Any:
        """Run the cell as a processing job."""
        from smstudio_ext.magics import processing, training

        given: Any = parsed(self.sm_process, line)
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        target = PLACE.target()
        run = processing.ProcessingRun(target, given.name or training.job_name("process"))
        if given.name:
            run.must_be_new()
        with agreed(given.yes), interruptible(run, given.on_interrupt):
            processing.create(target, given, cell, names, run.name)
            shown = kept(names, given.output, run)
            if not given.no_wait:
                run.follow(quiet=given.quiet)
                names.update(run.variables(given.outputs or []))
        return shown

    @magic_arguments()
    @argument("job", help="Variable of %%sm_train, or the name of a training job: what each trial does.")
    @argument("--objective", required=True, help="Metric to optimise, e.g. validation:rmse.")
    @argument(
        "--maximize",
        action="store_true",
        help="The larger the better; smaller otherwise, unless the algorithm says so.",
    )
    @argument(
        "--range",
        dest="ranges",
        action="append",
        required=True,
        help="NAME=0.1:0.5, NAME=2:10 (integers), NAME=1e-4:0.1:log, NAME=a,b,c. May repeat.",
    )
    @argument("--max-jobs", type=int, default=10, help="How many trials.")
    @argument("--parallel", type=int, default=2, help="How many at once.")
    @argument(
        "--strategy",
        default="Bayesian",
        choices=["Bayesian", "Random", "Hyperband", "Grid"],
        help="How to search.",
    )
    @argument("--early-stopping", action="store_true", help="End trials early that will not be the best.")
    @argument("--name", help="Name of the job, at most 32 characters.")
    @argument("--no-wait", action="store_true", help="Do not wait for the end.")
    @argument(
        "--on-interrupt", default="stop", choices=["stop", "detach"], help="What Ctrl-C does with the job."
    )
    @argument("--yes", action="store_true", help="Agree to the cost on AWS without being asked.")
    @argument("-o", "--output", help="Variable that gets the job.")
    @line_magic
    @plain_errors
    def sm_tune(self, line: str) -> Any:
        """Search the hyperparameters of a training job: `.best`, `.trials()`, `.deploy()`."""
        from smstudio_ext.magics import tuning
        from smstudio_ext.studio.tuning_create import create_tuning_job

        given: Any = parsed(self.sm_tune, line)
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        target = PLACE.target()
        form = tuning.form_of(target, given, names)
        run = tuning.TuningRun(target, form.name)
        if given.name:
            run.must_be_new()
        with agreed(given.yes), interruptible(run, given.on_interrupt):
            create_tuning_job(target, form, None)
            shown = kept(names, given.output, run)
            if not given.no_wait:
                run.follow()
        return shown
