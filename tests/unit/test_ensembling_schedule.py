"""Which training job of an ensembling job comes next, which models are proposed, and which mode AUTO takes."""

from __future__ import annotations

import pytest

from smstudio_ext.engine.autopilot.ensembling.portfolio import ALGORITHMS, choose_portfolio, kernels_fit
from smstudio_ext.engine.autopilot.ensembling.schedule import Bounds, Launch, State, propose

MODELS = [("lightgbm", {}), ("catboost", {}), ("xgboost", {}), ("extra-trees", {}), ("linear-learner", {})]


def bounds(candidates: int = 10, parallel: int = 2, **members: float | None) -> Bounds:
    return Bounds(candidates, parallel, **{"now": 0.0, **members})  # type: ignore[arg-type]


def run_all(models: list[tuple[str, dict[str, object]]], limits: Bounds) -> list[Launch]:
    """Every launch when each job ends before the next look, the later ones better."""
    launches: list[Launch] = []
    while True:
        scores = {one.label: float(number) for number, one in enumerate(launches)}
        fresh = propose(models, State(launches, scores, frozenset()), limits)
        if fresh is None:
            return launches
        launches += fresh


def test_models_a_stack_and_an_ensemble_in_this_order() -> None:
    launches = run_all(MODELS, bounds(candidates=7))
    assert [one.label for one in launches] == [
        "LightGBM-BAG-L1-t1",
        "CatBoost-BAG-L1-t2",
        "XGBoost-BAG-L1-t3",
        "ExtraTrees-BAG-L1-t4",
        "LinearModel-BAG-L1-t5",
        "XGBoost-BAG-L2-t6",
        "WeightedEnsemble-L3-t7",
    ]
    assert launches[-1].inputs == [one.label for one in launches[:-1]]
    assert launches[-2].inputs[0] == "LinearModel-BAG-L1-t5"


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_as_many_candidates_as_asked_for(count: int) -> None:
    launches = run_all(MODELS, bounds(candidates=count))
    assert len(launches) == count
    assert (launches[-1].step == "ensemble") == (count >= 3)


def test_one_job_more_than_run_waits() -> None:
    first = propose(MODELS, State([], {}, frozenset()), bounds())
    assert first is not None
    assert len(first) == 3
    running = frozenset(one.label for one in first)
    assert propose(MODELS, State(first, {}, running), bounds()) == []


def test_no_model_starts_when_only_the_ensemble_still_has_time() -> None:
    begun = [Launch("A-t1", "model", 1, "lightgbm"), Launch("B-t2", "model", 1, "xgboost")]
    state = State(begun, {"A-t1": 0.8, "B-t2": 0.7}, frozenset(), {"A-t1": 4.0, "B-t2": 6.0})
    late = propose(MODELS, state, bounds(candidates=100, end=60.0, now=56.5))
    assert late is not None
    assert [one.step for one in late] == ["ensemble"]


def test_models_share_the_time_and_end_before_the_ensemble() -> None:
    limits = bounds(candidates=100, end=60.0, now=4.0)
    fresh = propose(MODELS, State([], {}, frozenset()), limits)
    assert fresh is not None
    for one in fresh:
        assert one.until is not None
        assert one.until < 60.0 - limits.ensemble_seconds + 1e-9
        assert one.seconds is not None
        assert one.seconds < 30.0


def test_failed_models_are_not_ensembled() -> None:
    begun = [Launch(f"{name}-t{at}", "model", 1, "xgboost") for at, name in enumerate("ABC", 1)]
    state = State(begun, {"A-t1": 0.8, "C-t3": 0.7}, frozenset())
    fresh = propose(MODELS[:3], state, bounds(candidates=4))
    assert fresh is not None
    assert fresh[0].inputs == ["A-t1", "C-t3"]
    assert propose(MODELS[:3], State(begun, {"A-t1": 0.8}, frozenset()), bounds(candidates=4)) is None


def test_portfolio_keeps_to_what_is_allowed_and_varies_beyond_the_first_models() -> None:
    found = choose_portfolio(3000, ["xgboost", "linear-learner"], count=12, seed=1)
    assert {entry.algorithm for entry in found.models} == {"xgboost", "linear-learner"}
    assert len(found.models) == 12
    assert len({str(entry.document()) for entry in found.models}) == 12
    assert found == choose_portfolio(3000, ["xgboost", "linear-learner"], count=12, seed=1)


@pytest.mark.parametrize(("rows", "folds"), [(6, 3), (50_000, 5), (50_001, 3), (1_000_000, 0)])
def test_folds_by_rows(rows: int, folds: int) -> None:
    found = choose_portfolio(rows, ALGORITHMS, count=3, seed=0)
    assert found.folds == folds
    assert found.stack == (folds >= 2)


def test_many_classes_begin_with_models_that_do_not_mind_them() -> None:
    found = choose_portfolio(3000, [*ALGORITHMS, "svm"], count=12, seed=0, classes=26)
    assert [entry.algorithm for entry in found.models[:4]] == ["extra-trees", "svm", "lightgbm", "nn-torch"]
    assert "catboost" not in {entry.algorithm for entry in found.models[:10]}
    assert not found.stack
    few = choose_portfolio(3000, ALGORITHMS, count=12, seed=0, classes=26).models
    assert "svm" not in {entry.algorithm for entry in few}


@pytest.mark.parametrize(
    ("rows", "classes", "fit"),
    [(3000, 26, True), (3000, 3, False), (3000, 300, False), (60_000, 26, False)],
    ids=["many", "few", "too-many", "too-long"],
)
def test_kernel_machines_are_for_many_classes_and_short_tables(rows: int, classes: int, fit: bool) -> None:
    assert kernels_fit(rows, classes) == fit


@pytest.mark.parametrize(
    ("algorithms", "count", "first"),
    [
        (ALGORITHMS, 10, ("lightgbm", {"learning_rate": 0.2, "num_leaves": 15})),
        (["xgboost", "catboost"], 10, ("xgboost", {"eta": 0.3, "max_depth": 5})),
        (ALGORITHMS, 4, ("lightgbm", {"learning_rate": 0.05, "num_leaves": 31})),
        (["catboost"], 10, ("catboost", {"learning_rate": 0.06, "depth": 6})),
    ],
    ids=["quick", "quick-xgboost", "too-few-candidates", "no-quick-kind"],
)
def test_a_quick_model_goes_first_when_there_are_enough_candidates(
    algorithms: list[str], count: int, first: tuple[str, dict[str, float]]
) -> None:
    found = choose_portfolio(3000, algorithms, count=count, seed=0).models
    assert (found[0].algorithm, found[0].settings) == first
    assert len(found) == count


def begun(count: int, limits: Bounds, algorithm: str = "lightgbm") -> list[Launch]:
    return [
        Launch(f"M-t{at}", "model", 1, algorithm, {"number": at}, until=limits.model_end)
        for at in range(1, count + 1)
    ]


def test_cores_that_the_stack_does_not_need_go_on_with_models() -> None:
    limits = bounds(candidates=100, end=60.0, now=45.5)
    assert limits.model_end is not None
    models = begun(4, limits)
    scores, seconds = {"M-t1": 0.8, "M-t2": 0.7, "M-t3": 0.6}, {"M-t1": 3.0, "M-t2": 3.0, "M-t3": 3.0}
    # One core still learns what the stack waits for, the other begins what needs not be ready for it.
    state = State(models, scores, frozenset({"M-t4"}), seconds)
    fresh = propose(MODELS, state, limits)
    assert fresh is not None
    assert [(one.level, one.until) for one in fresh] == [(1, limits.stack_end)]
    # It does not hold up the stack.
    launches = [*models, *fresh]
    scores["M-t4"], seconds["M-t4"] = 0.75, 3.0
    state = State(launches, scores, frozenset({fresh[0].label}), seconds)
    stack = propose(MODELS, state, bounds(candidates=100, end=60.0, now=47.0))
    assert stack is not None
    assert [one.level for one in stack] == [2]
    assert fresh[0].label not in stack[0].inputs
    # Beside a running stack the next one follows; the ensemble waits for all and takes all.
    launches += stack
    state = State(launches, {**scores, fresh[0].label: 0.7}, frozenset({stack[0].label}), seconds)
    more = propose(MODELS, state, bounds(candidates=100, end=60.0, now=48.0))
    assert more is not None
    assert [(one.level, one.until) for one in more] == [(1, limits.stack_end)]
    launches += more
    done = {one.label: 0.7 for one in launches}
    last = propose(MODELS, State(launches, done, frozenset(), seconds), bounds(100, end=60.0, now=53.0))
    assert last is not None
    assert last[0].inputs == [one.label for one in launches]


def test_a_stack_learns_from_what_answers_quickly() -> None:
    limits = bounds(candidates=7)
    models = begun(5, limits)
    scores = {"M-t1": 0.9, "M-t2": 0.8, "M-t3": 0.7, "M-t4": 0.6, "M-t5": 0.5}
    answers = {"M-t1": 0.005, "M-t2": 0.004, "M-t3": 0.002, "M-t4": 0.001, "M-t5": 0.001}
    stack = propose(MODELS, State(models, scores, frozenset(), answers=answers), limits)
    assert stack is not None
    assert stack[0].inputs == ["M-t1", "M-t3"]  # two of a kind at most
    # The best one is taken even if it alone is slow.
    stack = propose(MODELS, State(models, scores, frozenset(), answers={"M-t1": 1.0}), limits)
    assert stack is not None
    assert stack[0].inputs[0] == "M-t1"


def test_one_core_keeps_to_the_stack() -> None:
    limits = bounds(100, 1, end=60.0, now=45.5)
    state = State(begun(4, limits), {"M-t1": 0.8, "M-t2": 0.7}, frozenset({"M-t4"}), {"M-t1": 3.0})
    assert propose(MODELS, state, limits) == []


def test_a_kind_without_enough_time_makes_way_for_a_quicker_one() -> None:
    limits = bounds(candidates=100, end=60.0, now=44.0, stacks=False)
    models = [Launch("Slow-t1", "model", 1, "lightgbm"), Launch("Quick-t2", "model", 1, "linear-learner")]
    state = State(models, {"Slow-t1": 0.8, "Quick-t2": 0.7}, frozenset(), {"Slow-t1": 30.0, "Quick-t2": 2.0})
    left = [("lightgbm", {"number": 2}), ("linear-learner", {"number": 3})]
    fresh = propose([("lightgbm", {}), ("linear-learner", {}), *left], state, limits)
    assert fresh is not None
    assert [one.algorithm for one in fresh] == ["linear-learner"]


@pytest.mark.parametrize(
    ("archives", "crowd", "seconds"),
    [(None, 1.0, 6.0), (0, 1.0, 2.0), (20_000_000, 1.0, 3.0), (0, 2.0, 4.0), (900_000_000, 1.0, 6.0)],
    ids=["unknown", "small", "middle", "crowded", "large"],
)
def test_the_ensemble_s_time_follows_from_its_files(
    archives: int | None, crowd: float, seconds: float
) -> None:
    found = Bounds(100, 2, 0.0, end=60.0, archives=archives, crowd=crowd).ensemble_seconds
    assert found == pytest.approx(seconds)


def test_nothing_is_queued_that_could_begin_too_late() -> None:
    seconds = {"M-t1": 5.0, "M-t2": 5.0}
    scores = {"M-t1": 0.8, "M-t2": 0.7}
    for now, count in ((20.0, 2), (43.0, 1)):
        limits = bounds(candidates=100, end=60.0, now=now, stacks=False)
        state = State(begun(3, limits), scores, frozenset({"M-t3"}), seconds)
        fresh = propose(MODELS, state, limits)
        assert fresh is not None
        assert len(fresh) == count, now
        assert [one.label.rpartition("-t")[2] for one in fresh] == ["4", "5"][:count]


def test_autogluon_needs_a_minute_of_its_own() -> None:
    left = [("autogluon", {}), ("linear-learner", {})]
    for end, kinds in ((60.0, ["linear-learner"]), (300.0, ["autogluon", "linear-learner"])):
        fresh = propose(left, State([], {}, frozenset()), bounds(candidates=100, end=end))
        assert fresh is not None
        assert [one.algorithm for one in fresh] == kinds
