"""`%sm_jobs`, `%sm_logs`, `%sm_stop` and `%sm_cost`: what runs, what it says, and its end."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from smstudio_ext.magics.arguments import parsed
from smstudio_ext.magics.failure import MagicFailure, plain_errors
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.show import Shown, Table, span

if TYPE_CHECKING:
    from smstudio_ext.studio.jobs import JobKind
    from smstudio_ext.target import Target


@magics_class
class JobMagics(Magics):
    """Jobs of every kind."""

    @magic_arguments()
    @argument(
        "kind",
        nargs="?",
        choices=["autopilot", "tuning", "training", "processing", "transform"],
        help="Only jobs of this kind.",
    )
    @argument("--running", action="store_true", help="Only jobs that run.")
    @argument("-n", type=int, default=20, help="How many, the newest first.")
    @line_magic
    @plain_errors
    def sm_jobs(self, line: str) -> Shown:
        """List jobs, the newest first."""
        from smstudio_ext.studio.jobs import newest_jobs

        given: Any = parsed(self.sm_jobs, line)
        if given.n < 1:
            raise MagicFailure("-n takes a number of 1 or more.")
        found = newest_jobs(PLACE.target(), given.n, kind=given.kind, running=given.running)
        rows = [[job.kind.title, job.name, job.status, _ago(job.created), span(job.seconds)] for job in found]
        return Table(["Kind", "Name", "Status", "Created", "Duration"], rows, empty="There are no jobs.")

    @magic_arguments()
    @argument("job", help="Variable of a job, or its name (training, processing, transform).")
    @argument(
        "-f", "--follow", action="store_true", help="Go on until the job ends; Ctrl-C leaves it running."
    )
    @argument("-n", "--tail", type=int, help="Only the last lines.")
    @line_magic
    @plain_errors
    def sm_logs(self, line: str) -> None:
        """Print a job's log."""
        from smstudio_ext.studio.jobs import followed_log, log_lines

        given: Any = parsed(self.sm_logs, line)
        if given.tail is not None and given.tail < 1:
            raise MagicFailure("--tail takes a number of 1 or more.")
        target = PLACE.target()
        kind, name = self._job(target, given.job)
        try:
            log = followed_log(target, kind, name) if given.follow else log_lines(target, kind, name)
            lines = next(log)
            _print(lines[-given.tail :] if given.tail else lines)
            for lines in log if given.follow else ():
                _print(lines)
        except KeyboardInterrupt:
            print(f"{name} goes on; this cell no longer follows it.")

    @magic_arguments()
    @argument("job", nargs="?", help="Variable or name of a job or an endpoint.")
    @argument("--all", action="store_true", help="Every job that runs, of every kind; endpoints stay.")
    @line_magic
    @plain_errors
    def sm_stop(self, line: str) -> Shown:
        """Stop a job (it keeps what it has finished), or delete an endpoint."""
        from smstudio_ext.studio.jobs import KINDS, newest_jobs, stop_job

        given: Any = parsed(self.sm_stop, line)
        target = PLACE.target()
        if bool(given.job) == given.all:
            raise MagicFailure("Name one job or endpoint, or say --all.")
        if not given.all:
            return Table(["Stopped"], [[self._stop(target, given.job)]])
        stopped = []
        for kind in KINDS:
            for job in newest_jobs(target, 100, kind=kind.word, running=True):
                stop_job(target, kind, job.name)
                stopped.append([f"{kind.title} {job.name}"])
        return Table(["Stopped"], stopped, empty="Nothing runs.")

    @magic_arguments()
    @argument("--days", type=int, help="Show hours and cost of the last days instead, today included.")
    @argument(
        "--by", default="type", choices=["type", "day"], help="With --days: a row for each type, or each day."
    )
    @line_magic
    @plain_errors
    def sm_cost(self, line: str) -> Shown:
        """Show what runs, and what it has cost or would cost on AWS; or what ran in the last days."""
        from smstudio_ext.magics.cost import cost_table, history_table

        given: Any = parsed(self.sm_cost, line)
        if given.days is None:
            return cost_table(PLACE.target())
        if not 1 <= given.days <= 366:
            raise MagicFailure("--days takes a number from 1 to 366.")
        return history_table(PLACE.target(), given.days, by_day=given.by == "day")

    def _job(self, target: Target, text: str) -> tuple[JobKind, str]:
        from smstudio_ext.studio.jobs import kind_of

        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        name = getattr(names.get(text), "name", None) or text
        return kind_of(target, name), name

    def _stop(self, target: Target, text: str) -> str:
        from smstudio_ext.magics.endpoint_magics import Endpoint
        from smstudio_ext.studio.jobs import kind_of, stop_job
        from smstudio_ext.studio.problems import Missing
        from smstudio_ext.studio.waiting import endpoint_status

        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        value = names.get(text)
        name = getattr(value, "name", None) or text
        if not isinstance(value, Endpoint):
            try:
                kind = kind_of(target, name)
                stop_job(target, kind, name)
            except Missing:
                value = Endpoint(target, name)
            else:
                return f"{kind.title} {name} was asked to stop"
        if endpoint_status(target, name) is None:
            raise MagicFailure(f"There is no job and no endpoint named {name!r}.")
        value.delete()
        return f"Endpoint {name} is being deleted"


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line)


def _ago(moment: datetime) -> str:
    return f"{span((datetime.now(timezone.utc) - moment).total_seconds())} ago"
