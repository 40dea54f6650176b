"""`%sm_experiment`, `%%sm_run` and `%sm_chart`: what a cell did, kept as a trial component, and drawn."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from smstudio_ext.magics.arguments import parsed
from smstudio_ext.magics.failure import MagicFailure, plain_errors
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.show import Shown, Table


@magics_class
class ExperimentMagics(Magics):
    """Experiments."""

    @magic_arguments()
    @argument(
        "name", nargs="?", help="Experiment for the runs and jobs that follow; made when it is not there."
    )
    @argument(
        "--trial", help="Trial in it; made when it is not there. Without one, each kernel gets its own."
    )
    @argument("--off", action="store_true", help="Runs and jobs that follow belong to no experiment.")
    @line_magic
    @plain_errors
    def sm_experiment(self, line: str) -> Shown:
        """Choose the experiment of the runs and jobs that follow, or show it."""
        from smstudio_ext.magics.experiments import CHOSEN

        given: Any = parsed(self.sm_experiment, line)
        if given.off:
            CHOSEN.experiment = CHOSEN.trial = None
            return Table([], [], empty="Runs and jobs that follow belong to no experiment.")
        if given.name:
            CHOSEN.choose(PLACE.target(), given.name, given.trial)
        elif given.trial:
            raise MagicFailure("Name the experiment, too: %sm_experiment NAME --trial TRIAL")
        return Table(
            ["Experiment", "Trial"],
            [[CHOSEN.experiment, CHOSEN.trial]] if CHOSEN.experiment else [],
            empty="No experiment is chosen: %sm_experiment NAME",
        )

    @magic_arguments()
    @argument("name", nargs="?", help="Name of the run; made from the time by default.")
    @argument("--no-auto", action="store_true", help="Keep only what the cell itself logs by `run`.")
    @argument("-o", "--output", help="Variable that gets the run.")
    @cell_magic
    @plain_errors
    def sm_run(self, line: str, cell: str) -> Any:
        """Run the cell and keep its parameters, metrics, figures and DataFrames as a trial component.

        Constants that the cell assigns (`eta = 0.2`) are parameters; numbers that it computes are metrics; figures that it
        shows and DataFrames that it assigns are artifacts. In the cell, `run.log_metric(name, value, step=...)` and
        `run.log_parameter(name, value)` add to them.
        """
        from smstudio_ext.magics.experiments import run_cell

        given: Any = parsed(self.sm_run, line)
        if self.shell is None:
            raise MagicFailure("%%sm_run needs IPython.")
        run = run_cell(PLACE.target(), self.shell, cell, name=given.name, auto=not given.no_auto)
        if given.output:
            self.shell.user_ns[given.output] = run
            return None
        return run

    @magic_arguments()
    @argument("what", nargs="*", help="Variables of runs and jobs, or names of trial components.")
    @argument("--experiment", help="Every trial component of this experiment; the chosen one by default.")
    @argument("--metric", help="A line for each component: this metric over time.")
    @argument("--x", help="Column for a histogram, or for a scatter with --y, e.g. Parameters.eta.")
    @argument("--y", help="Column for a scatter, e.g. Metrics.validation:rmse.last.")
    @argument(
        "--dimension", default="Epoch", choices=["Epoch", "Time", "Periods"], help="X of a metric's lines."
    )
    @line_magic
    @plain_errors
    def sm_chart(self, line: str) -> Any:
        """Draw a metric of trial components over time, two columns of theirs against each other, or one's histogram."""
        from smstudio_ext.magics.charts import chart

        given: Any = parsed(self.sm_chart, line)
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        return chart(PLACE.target(), given, names)
