"""State machines of resources, as tables that the code checks and the docs show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MACHINES: dict[str, StateMachine] = {}
"""Every state machine that a loaded module has made, by name."""


class IllegalTransition(Exception):
    """A controller tried a step that its table does not have."""


@dataclass(frozen=True)
class StateMachine:
    """A table of states and the states that may follow each.

    Args:
        name: what has these states, e.g. `TrainingJob.SecondaryStatus`.
        transitions: state -> states that may follow; a state without followers is final.
        initial: the state of a new resource.
        notes: state -> what happens in it, for the docs.
    """

    name: str
    transitions: Mapping[str, frozenset[str]]
    initial: str
    notes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        states = set(self.transitions)
        unknown = {follower for followers in self.transitions.values() for follower in followers} - states
        if unknown or self.initial not in states:
            raise ValueError(
                f"{self.name}: states without a row: {sorted(unknown | ({self.initial} - states))}"
            )
        MACHINES[self.name] = self

    @property
    def final(self) -> frozenset[str]:
        """States in which nothing follows."""
        return frozenset(state for state, followers in self.transitions.items() if not followers)

    def is_final(self, state: str) -> bool:
        """Whether nothing follows `state`."""
        return not self.transitions[state]

    def check(self, before: str, after: str) -> str:
        """Returns `after`; staying in a state is allowed.

        Raises:
            IllegalTransition: the table has no such step.
        """
        if before != after and after not in self.transitions[before]:
            raise IllegalTransition(f"{self.name}: {before} -> {after}")
        return after


def state_machine(
    name: str,
    transitions: Mapping[str, Iterable[str]],
    *,
    initial: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> StateMachine:
    """A StateMachine from plain sets; the first state is the initial one unless told otherwise."""
    table = {state: frozenset(followers) for state, followers in transitions.items()}
    return StateMachine(name, table, initial or next(iter(table)), notes or {})


if __name__ == "__main__":
    from smstudio_ext.engine.runtime.states_page import main

    main()
