"""Jobs and endpoints as magics return them, and what the kernel's interrupt does while one is waited for."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from smstudio_ext.magics.failure import MagicFailure, failure_of, plain_methods
from smstudio_ext.magics.show import Tabled

if TYPE_CHECKING:
    from smstudio_ext.studio.jobs import JobKind, JobWord
    from smstudio_ext.target import Target

W = TypeVar("W", bound="Waited")

_LOOKS_FOR_IT = 3
_LOOK_PAUSE = 0.5


@plain_methods
class Waited(Tabled):
    """Something on a target that a magic makes and waits for.

    Attributes:
        name: of it.
    """

    def __init__(self, target: Target, name: str) -> None:
        self._target = target
        self.name = name

    def wait(self: W, *, quiet: bool = False) -> W:
        """Shows how it goes until it ends; an interrupt leaves it as it is, and says so.

        Args:
            quiet: do not show its log.

        Raises:
            MagicFailure: it failed, or the wait was interrupted.
        """
        try:
            self.follow(quiet=quiet)
        except KeyboardInterrupt:
            raise self._goes_on() from None
        return self

    def must_be_new(self) -> None:
        """Looks whether its name is free: before data is sent, and so that an interrupt never ends another one.

        Raises:
            MagicFailure: it is not.
        """
        state = self._state()
        if state is not None:
            raise MagicFailure(
                f"There is already one named {self.name!r}: it is {state}.", hint="Choose another --name."
            )

    @abstractmethod
    def follow(self, *, quiet: bool = False) -> None:
        """As `wait`, where the caller sees to interrupts."""

    @abstractmethod
    def stop(self) -> None:
        """Ends it."""

    @abstractmethod
    def _state(self) -> str | None:
        """Its state on the target; None when it is not there."""

    @abstractmethod
    def _still_changes(self, state: str) -> bool:
        """Whether it would go on by itself."""

    @abstractmethod
    def _stopped(self) -> MagicFailure:
        """What to tell when an interrupt has ended it."""

    def _goes_on(self) -> MagicFailure:
        return MagicFailure(
            f"{self.name} goes on without this cell.",
            hint=f"See how it goes with .wait() or %sm_jobs; end it with: %sm_stop {self.name}",
        )

    def interrupted(self, choice: str) -> MagicFailure:
        """Does what shall be done at an interrupt, and tells it.

        Args:
            choice: `stop` or `detach`.
        """
        try:
            state = self._state()
            for _ in range(_LOOKS_FOR_IT):  # its creation may be on the way while the interrupt comes
                if state is not None:
                    break
                time.sleep(_LOOK_PAUSE)
                state = self._state()
            if state is None:
                return MagicFailure(f"Interrupted before {self.name} was created: nothing runs.")
            if not self._still_changes(state):
                return MagicFailure(f"Interrupted; {self.name} had ended before: it is {state}.")
            if choice == "detach":
                return self._goes_on()
            self.stop()
        except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - whatever it is, the job must not be forgotten
            told = failure_of(error) if isinstance(error, Exception) else None
            why = told.message if told else str(error) or "it was interrupted again"
            return MagicFailure(
                f"{self.name} may still run, as it could not be stopped: {why}",
                hint=f"Stop it with: %sm_stop {self.name}",
            )
        return self._stopped()


@plain_methods
class JobRun(Waited):
    """A job."""

    word: ClassVar[JobWord]
    """Its kind."""

    @property
    def kind(self) -> JobKind:
        """How AWS's calls name its kind."""
        from smstudio_ext.studio.jobs import kind_named

        return kind_named(self.word)

    def stop(self) -> None:
        """Asks the job to stop; what it finished is kept.

        Raises:
            MagicFailure: it does not run.
        """
        from smstudio_ext.studio.jobs import stop_job

        stop_job(self._target, self.kind, self.name)

    def logs(self) -> str:
        """The whole log.

        Raises:
            MagicFailure: jobs of this kind have none of their own.
        """
        from smstudio_ext.studio.jobs import log_lines

        return "\n".join(next(log_lines(self._target, self.kind, self.name)))

    def _log(self) -> Iterator[list[str]]:
        from smstudio_ext.studio.jobs import log_lines

        return log_lines(self._target, self.kind, self.name)

    def _state(self) -> str | None:
        from smstudio_ext.studio.jobs import status_of

        return status_of(self._target, self.kind, self.name)

    def _still_changes(self, state: str) -> bool:
        from smstudio_ext.studio.jobs import RUNNING

        return state in RUNNING

    def _stopped(self) -> MagicFailure:
        return MagicFailure(f"{self.name} was asked to stop; what it finished is kept.")


@contextmanager
def interruptible(run: Waited, choice: str) -> Iterator[None]:
    """The kernel's interrupt (Ctrl-C) while something is created and waited for: stops it or leaves it, and says which.

    Args:
        choice: `stop` or `detach`.

    Raises:
        MagicFailure: in the place of KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise run.interrupted(choice) from None


class Preface:
    """Holds back what a framework's container says before it starts the program: a page of settings in each cell's output.

    `%sm_logs` shows it, and so does a job whose program never started.
    """

    _MARK = "Invoking script with the following command:"

    def __init__(self) -> None:
        self._held: list[str] = []
        self._steps = iter(("mark", "command", "program"))
        self._until = next(self._steps)
        self._shows = False

    def after(self, lines: list[str]) -> list[str]:
        """The lines that the program itself wrote."""
        shown: list[str] = []
        for line in lines:
            if self._until == "program":
                if shown or self._shows or line.strip():
                    self._shows = True
                    shown.append(line)
                continue
            self._held.append(line)
            if self._MARK in line if self._until == "mark" else line.strip():
                self._until = next(self._steps)
        return shown

    def rest(self) -> list[str]:
        """All of it, when the program never started."""
        return self._held if self._until == "mark" else []


def print_lines(log: Iterator[list[str]], preface: Preface | None = None) -> None:
    """Prints what is new in a log, after its preface."""
    lines = next(log)
    for line in lines if preface is None else preface.after(lines):
        print(line)


def kept(names: dict[str, Any], variable: str | None, run: Waited) -> Waited | None:
    """What a magic returns: nothing where a variable got it."""
    if variable:
        names[variable] = run
        return None
    return run
