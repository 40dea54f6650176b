"""The tuner's choice of trials."""

from __future__ import annotations

import math

from smstudio_ext.engine.runtime.search import Params, Search, Space, as_text, read_ranges

RANGES = read_ranges(
    {
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "1e-3", "MaxValue": "1", "ScalingType": "Logarithmic"}
        ],
        "IntegerParameterRanges": [{"Name": "depth", "MinValue": "2", "MaxValue": "8"}],
        "CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}],
    }
)


def score(params: Params) -> float:
    return -(math.log(float(params["eta"]) / 0.05) ** 2) - abs(int(params["depth"]) - 4)


def test_read_ranges_keeps_kinds_bounds_and_scaling() -> None:
    depth, eta, booster = RANGES
    assert (eta.kind, eta.low, eta.high, eta.log) == ("continuous", 1e-3, 1.0, True)
    assert (depth.kind, depth.parse("99"), depth.parse("3.0")) == ("integer", 8, 3)
    assert booster.parse("unknown") == "gbtree"


def test_defaults_come_first_and_round_robin() -> None:
    first = (
        {"eta": "0.1", "depth": "6", "booster": "dart"},
        {"eta": "0.3", "depth": "3", "booster": "gbtree"},
    )
    search = Search([Space("a", RANGES, first), Space("b", RANGES, first[:1])], maximize=True, seed=1)
    proposals = [search.propose(number, ["a", "b"]) for number in (1, 2, 3)]
    assert [one[0] for one in proposals if one] == ["a", "b", "a"]
    assert proposals[0] is not None
    assert proposals[0][1] == {"eta": 0.1, "depth": 6, "booster": "dart"}
    assert proposals[2] is not None
    assert proposals[2][1]["eta"] == 0.3


def test_search_beats_random_and_favours_the_better_space() -> None:
    search = Search([Space("good", RANGES), Space("bad", RANGES)], maximize=True, seed=5)
    counts = {"good": 0, "bad": 0}
    best = -math.inf
    for number in range(1, 61):
        proposal = search.propose(number, ["good", "bad"])
        assert proposal is not None
        name, params = proposal
        counts[name] += 1
        value = score(params) - (5 if name == "bad" else 0)
        best = max(best, value)
        search.tell(number, value)
    assert counts["good"] > 3 * counts["bad"]
    assert best > -0.2


def test_minimize_turns_the_comparison_round() -> None:
    search = Search([Space("good", RANGES), Space("bad", RANGES)], maximize=False, seed=5)
    for number in range(1, 41):
        proposal = search.propose(number, ["good", "bad"])
        assert proposal is not None
        search.tell(number, -score(proposal[1]) + (5 if proposal[0] == "bad" else 0))
    assert "good" not in search.dropped()


def test_same_seed_and_answers_give_the_same_trials() -> None:
    def run() -> list[Params]:
        search = Search([Space("a", RANGES)], maximize=True, seed=11)
        found = []
        for number in range(1, 15):
            proposal = search.propose(number, ["a"])
            assert proposal is not None
            found.append(proposal[1])
            search.tell(number, score(proposal[1]))
        return found

    assert run() == run()


def test_only_available_spaces_are_proposed() -> None:
    search = Search([Space("a", RANGES), Space("b", RANGES)], maximize=True, seed=1)
    assert {search.propose(number, ["b"])[0] for number in range(1, 5)} == {"b"}  # type: ignore[index]
    assert search.propose(5, []) is None
    later = search.propose(6, ["a", "b"])
    assert later is not None
    assert later[0] == "a"


def test_space_whose_trials_fail_is_dropped() -> None:
    search = Search([Space("a", RANGES), Space("b", RANGES)], maximize=True, seed=1)
    for number in range(1, 10):
        proposal = search.propose(number, ["a", "b"])
        assert proposal is not None
        search.tell(number, None if proposal[0] == "a" else 1.0)
    assert search.dropped() == {"a": "its training jobs failed"}


def test_nothing_is_proposed_when_every_space_fails() -> None:
    search = Search([Space("a", RANGES)], maximize=True, seed=1)
    for number in (1, 2):
        assert search.propose(number, ["a"]) is not None
        search.tell(number, math.nan)
    assert search.propose(3, ["a"]) is None


def test_restored_trials_are_told_like_proposed_ones() -> None:
    search = Search([Space("a", RANGES, ({"eta": "0.1"},))], maximize=True, seed=2)
    search.restore(1, "a", {"eta": 0.07, "depth": 4, "booster": "dart"})
    search.restore(2, "a", {"eta": 0.5, "depth": 4, "booster": "dart"})
    search.tell(1, 0.9)
    search.tell(1, 0.1)  # told twice: the first counts
    proposal = search.propose(3, ["a"])
    assert proposal is not None
    search.tell(3, 0.8)
    search.tell(2, 0.7)


def test_space_clearly_behind_gets_no_more_trials() -> None:
    search = Search([Space("a", RANGES), Space("b", RANGES)], maximize=True, seed=2)
    for number in range(1, 9):
        search.restore(number, "a", {"eta": 0.1, "depth": 4, "booster": "dart"})
        search.tell(number, 0.8 + number / 100)
    for number in range(9, 12):
        search.restore(number, "b", {"eta": 0.1, "depth": 4, "booster": "dart"})
        search.tell(number, 0.5)
    assert search.dropped() == {"b": "clearly behind a"}


def test_values_are_written_without_loss() -> None:
    assert as_text(1e-06) == "1e-06"
    assert float(as_text(0.1 + 0.2)) == 0.1 + 0.2
    assert as_text(7) == "7"
