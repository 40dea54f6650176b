"""The idle policy: what counts as activity, the warning before, keeping an instance, a file full of nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from smstudio_ext.notebooks.idle import Activity, IdleWatch, Policy, read_policy, write_policy

NAME = "ada/ml.t3.medium"
POLICY = Policy(enabled=True, timeout_minutes=60, warn_minutes=5)
QUIET = Activity(busy=False, cpu_percent=0.1)


def looks(
    watch: IdleWatch, minutes: list[float], activity: Activity = QUIET, policy: Policy = POLICY
) -> list[str]:
    """What is to be done at these minutes."""
    return [
        verdict.action for minute in minutes for verdict in watch.look(minute * 60, policy, {NAME: activity})
    ]


def test_an_idle_instance_is_warned_of_once_and_then_shut_down() -> None:
    watch = IdleWatch()
    assert looks(watch, [0, 30, 54.9]) == []
    assert looks(watch, [55, 56, 59.9]) == ["warn"]
    assert looks(watch, [60, 61]) == ["stop", "stop"]  # until it is gone
    assert watch.look(62 * 60, POLICY, {}) == []
    assert looks(watch, [63, 120]) == ["warn"]  # a new one of the same name begins anew


@pytest.mark.parametrize(
    "activity",
    [
        Activity(busy=True),
        Activity(busy=False, cpu_percent=2.1),
        Activity(busy=False, marks="something ran meanwhile"),
        Activity(busy=False, terminals=1),
    ],
    ids=["busy kernel", "CPU", "ran between two looks", "terminal"],
)
def test_activity_begins_the_idle_time_anew(activity: Activity) -> None:
    watch = IdleWatch()
    looks(watch, [0, 50])
    looks(watch, [54], activity)
    quiet = Activity(busy=False, marks=activity.marks)
    assert looks(watch, [100, 108.9], quiet) == []
    assert looks(watch, [109.1, 114.1], quiet) == ["warn", "stop"]


def test_activity_after_the_warning_is_told() -> None:
    watch = IdleWatch()
    assert looks(watch, [0, 56]) == ["warn"]
    assert looks(watch, [57], Activity(busy=True)) == ["spare"]
    assert looks(watch, [58, 116.9]) == ["warn"]


def test_a_kept_instance_is_warned_of_again_later() -> None:
    watch = IdleWatch()
    assert looks(watch, [0, 56]) == ["warn"]
    watch.keep(NAME, 57 * 60)
    assert looks(watch, [60, 111.9]) == []
    assert looks(watch, [112, 117]) == ["warn", "stop"]


def test_terminals_keep_an_instance_only_if_the_policy_says_so() -> None:
    policy = Policy(enabled=True, timeout_minutes=60, warn_minutes=0, terminals=False)
    assert looks(IdleWatch(), [0, 60], Activity(busy=False, terminals=3), policy) == ["stop"]


def test_a_policy_that_is_off_stops_nothing_but_counts() -> None:
    watch = IdleWatch()
    assert looks(watch, [0, 600], policy=Policy()) == []
    assert watch.idle_seconds(600 * 60) == {NAME: 600 * 60}


def test_the_policy_is_kept_for_all_servers(tmp_path: Path) -> None:
    assert read_policy(tmp_path) == Policy()
    policy = Policy(enabled=True, timeout_minutes=90, warn_minutes=0, terminals=False, cpu_percent=5)
    write_policy(tmp_path, policy)
    assert read_policy(tmp_path) == policy


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"enabled": true, "timeout_minutes": "soon"}'],
    ids=["empty", "half", "list", "text"],
)
def test_nonsense_in_the_file_shuts_nothing_down(tmp_path: Path, text: str) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/idle.json").write_text(text)
    assert read_policy(tmp_path) == Policy()
