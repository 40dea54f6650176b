"""Bagged models, honest scores and weighted ensembles of the ensembling image."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVC

from smstudio_ext.engine.images.automl_ensemble import (
    archive,
    calibration,
    combining,
    decisions,
    kinds,
    learning,
)
from smstudio_ext.engine.images.automl_ensemble.archive import Ensemble, Index, Member
from smstudio_ext.engine.images.automl_ensemble.decisions import Decision
from smstudio_ext.engine.images.automl_ensemble.kernels import KernelKind
from smstudio_ext.engine.images.automl_ensemble.table import Outline, Table
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.folds import make_folds
from smstudio_ext.engine.images.scores import auc

QUICK: dict[str, dict[str, Any]] = {
    "xgboost": {"eta": 0.3, "max_depth": 3},
    "lightgbm": {"learning_rate": 0.3, "num_leaves": 7},
    "catboost": {"learning_rate": 0.3, "depth": 3},
    "extra-trees": {"min_samples_leaf": 5},
    "randomforest": {"min_samples_leaf": 5},
    "linear-learner": {"ranks": True},
    "nn-torch": {"hidden": 32, "depth": 2, "epochs": 8, "frequencies": 2},
    "svm": {},
}
CLASSES = {"Regression": 0, "BinaryClassification": 2, "MulticlassClassification": 3}


def table(problem: str, rows: int = 240, *, noise: bool = False, objective: str = "") -> Table:
    """Two numbers and a category; missing values in the first number."""
    draw = np.random.default_rng(5)
    x = draw.normal(size=(rows, 3)).astype(np.float32)
    x[:, 2] = draw.integers(2, 6, rows)
    signal = draw.normal(size=rows) if noise else x[:, 0] + 2 * np.sin(2 * x[:, 1]) + (x[:, 2] > 3)
    x[::17, 0] = np.nan
    classes = CLASSES[problem]
    y = signal if not classes else np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes))
    folds = make_folds(y.astype(np.int64) if classes else y, 3, stratified=bool(classes), seed=1)
    objective = objective or {0: "RMSE", 2: "AUC", 3: "Accuracy"}[classes]
    return Table(Outline(problem, classes, objective, {2: 6}), x, y.astype(float), folds)  # type: ignore[arg-type]


def fitted(algorithm: str, data: Table) -> learning.Bag:
    return learning.bag(
        kinds.kind_of(algorithm),
        data,
        QUICK[algorithm],
        seconds=3600,
        threads=1,
        seed=1,
        say=lambda text: None,
    )


@pytest.mark.parametrize("problem", sorted(CLASSES))
@pytest.mark.parametrize("algorithm", sorted(QUICK))
def test_every_kind_learns_is_kept_and_answers_alike(algorithm: str, problem: str, tmp_path: Path) -> None:
    if algorithm == "svm" and problem != "MulticlassClassification":
        pytest.skip("support vector machines are for many classes")
    if not kinds.installed(algorithm):
        pytest.skip(f"{kinds.NEEDS[algorithm][0]} is not installed")
    data = table(problem)
    found = fitted(algorithm, data)
    assert found.held.shape == (240, data.outline.width)
    assert np.isfinite(found.held).all()
    if data.outline.regression:
        assert np.corrcoef(found.held[:, 0], data.y)[0, 1] > 0.3
    else:
        labels = decisions.decide(data.outline, data.y.astype(np.int64), found.held).labels(found.held)
        assert (labels == data.y).mean() > 1.2 / data.outline.classes
    member = archive.save_bag(tmp_path, "one", algorithm, {}, found)
    Index(data.outline, ["a", "b", "c"][: data.outline.classes], Decision(), [member], 3).write(tmp_path)
    again = Ensemble(tmp_path).predict(data.x)
    assert np.allclose(again, found.predict(data.x), rtol=1e-4, atol=1e-4)
    assert np.allclose(Ensemble(tmp_path).predict(data.x[:1]), again[:1], rtol=1e-4, atol=1e-4)


def test_noise_is_reported_as_chance() -> None:
    data = table("BinaryClassification", 1200, noise=True, objective="AUC")
    held = [fitted(name, data).held for name in ("xgboost", "linear-learner")]
    mixed = combining.crossfitted(data.outline, data.y, held, data.folds)
    # The standard error of an AUC of 0.5 with 600 rows of each class is 0.0167.
    for scored in (*held, mixed):
        assert auc(data.y.astype(np.int64), scored[:, 0]) < 0.5 + 3 * 0.0167


def test_the_length_of_a_fold_s_model_is_chosen_by_the_other_folds() -> None:
    asked: list[int] = []

    class Fixed:
        def __init__(self, rounds: int) -> None:
            self.rounds = rounds

        def predict(self, x: Any, rounds: int = 0) -> Any:
            asked.append(rounds)
            return np.zeros((len(x), 1))

        def save(self, path: Path, rounds: int) -> None:
            raise AssertionError

    class Kind:
        suffix = ""

        def fit(self, outline: Outline, part: learning.Part, settings: Any) -> Fixed:
            return Fixed(10 ** (part.seed - 7))

        def load(self, path: Path, outline: Outline) -> Fixed:
            raise AssertionError

    found = learning.bag(
        Kind(), table("Regression"), {}, seconds=3600, threads=1, seed=7, say=lambda text: None
    )
    assert asked == [55, 50, 5]
    assert found.rounds == 10


def test_weights_prefer_what_is_right_and_add_up_to_one() -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 2, 500).astype(float)
    outline = Outline("BinaryClassification", 2, "AUC", {})
    good = np.clip(truth * 0.6 + 0.2 + draw.normal(0, 0.1, 500), 0.01, 0.99)[:, None]
    bad = draw.uniform(0.01, 0.99, (500, 1))
    weights = combining.weigh(outline, truth, [good, bad])
    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 0.9
    numbers = Outline("Regression", 0, "RMSE", {})
    left, right = truth + draw.normal(0, 1, 500), truth + draw.normal(0, 1, 500)
    weights = combining.weigh(numbers, truth, [left[:, None], right[:, None], np.full((500, 1), 9.0)])
    assert weights.sum() == pytest.approx(1, abs=1e-3)
    assert weights[0] == pytest.approx(0.5, abs=0.1)
    assert weights[2] < 0.05


def test_an_ensemble_goes_without_what_would_make_its_answers_slow() -> None:
    draw = np.random.default_rng(3)
    truth = draw.normal(size=400)
    outline = Outline("Regression", 0, "RMSE", {})

    def candidate(error: float) -> np.ndarray[Any, Any]:
        return np.asarray((truth + draw.normal(0, error, 400))[:, None])

    held = [candidate(0.3), candidate(0.31), candidate(0.32), candidate(0.6)]
    limit = combining.ANSWER_SECONDS
    quick = [{str(at): limit / 5} for at in range(4)]
    assert combining.affordable(outline, truth, held, quick) == [0, 1, 2, 3]
    # Of two that are nearly as good the one goes that takes longer; what says least for its time goes first.
    slow = [{"a": 0.3 * limit}, {"b": 0.9 * limit}, {"c": 0.3 * limit}, {"d": 0.5 * limit}]
    assert combining.affordable(outline, truth, held, slow) == [0, 2]
    # A stack asks the others' bags anyway: they cost nothing beside it.
    shared = [{"a": 0.2 * limit}, {"b": 0.2 * limit}, {"a": 0.2 * limit, "b": 0.2 * limit, "s": 0.5 * limit}]
    assert combining.affordable(outline, truth, held[:3], shared) == [0, 1, 2]
    # A single one is left even if it is slow; earlier versions left no times.
    assert len(combining.affordable(outline, truth, held[:2], [{"a": 1.0}, {"b": 2.0}])) == 1
    assert combining.affordable(outline, truth, held, [{}, {}, {}, {}]) == [0, 1, 2, 3]


def test_the_time_of_each_member_is_told_and_kept(tmp_path: Path) -> None:
    data = table("Regression")
    members = [
        archive.save_bag(tmp_path, name, "xgboost", {}, fitted("xgboost", data)) for name in ("one", "two")
    ]
    Index(data.outline, [], Decision(), members, 3).write(tmp_path)
    taken: dict[str, float] = {}
    Ensemble(tmp_path).predict(data.x[:1], taken)
    assert list(taken) == ["one", "two"]
    assert min(taken.values()) > 0
    archive.save_costs(tmp_path / "output", taken)
    assert archive.load_costs(tmp_path / "output") == taken
    assert archive.load_costs(tmp_path) == {}


def test_labels_of_a_fold_are_decided_without_it() -> None:
    # In fold 0 the classes part at 0.3, in fold 1 at 0.7: each fold is judged by the other's threshold.
    truth = np.array([0, 1] * 40)
    folds = np.array([0] * 40 + [1] * 40)
    predicted = np.where(folds == 0, 0.2 + 0.2 * truth, 0.6 + 0.2 * truth)[:, None].astype(float)
    outline = Outline("BinaryClassification", 2, "Accuracy", {})
    labels = decisions.honest_labels(outline, truth, predicted, folds)
    assert (labels == truth).mean() == 0.5


def test_stacks_and_weighted_members_answer_together(tmp_path: Path) -> None:
    data = table("BinaryClassification")
    base = fitted("xgboost", data)
    stacked = Table(data.outline, archive.stacked(data.x, [base.held], data.outline), data.y, data.folds)
    top = fitted("linear-learner", stacked)
    first = archive.save_bag(tmp_path, "base", "xgboost", {}, base)
    second = archive.save_bag(tmp_path, "top", "linear-learner", {}, top)
    members = [
        Member(**{**vars(first), "weight": 0.25}),
        Member(**{**vars(second), "weight": 0.75, "inputs": ["base"]}),
    ]
    Index(data.outline, ["no", "yes"], Decision(), members, 3).write(tmp_path)
    own = base.predict(data.x)
    expected = 0.25 * own + 0.75 * top.predict(archive.stacked(data.x, [own], data.outline))
    assert np.allclose(Ensemble(tmp_path).predict(data.x), expected, atol=1e-5)


def test_no_time_says_so() -> None:
    with pytest.raises(learning.OutOfTime):
        learning.bag(
            kinds.kind_of("xgboost"), table("Regression"), {}, seconds=0.0, threads=1, seed=1, say=print
        )


def test_an_algorithm_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds.NEEDS, "lightgbm", ("no_such_module", "trees"))
    with pytest.raises(AlgorithmError, match=r"pip install 'smstudio-ext\[trees\]'"):
        kinds.kind_of("lightgbm")


def test_partial_bags_are_mixed_on_the_rows_that_all_have_seen_none_of(tmp_path: Path) -> None:
    held = np.full((10, 1), np.nan)
    held[[1, 4, 7]] = [[0.25], [0.5], [0.75]]
    archive.save_held(tmp_path, held)
    again = archive.load_held(tmp_path, 10)
    assert np.array_equal(np.isnan(again), np.isnan(held))
    assert np.array_equal(again[[1, 4, 7]], held[[1, 4, 7]])


def test_rows_that_some_members_have_seen_are_answered_by_the_others() -> None:
    gone = np.nan
    held = [np.array([[1.0], [gone], [3.0], [gone]]), np.array([[5.0], [6.0], [gone], [gone]])]
    found = combining.filled(held, np.array([0.6, 0.4]))
    assert np.allclose(found[:3, 0], [0.6 + 2.0, gone, 3.0], equal_nan=True)
    assert np.isnan(found[3, 0])


def test_a_bag_whose_time_ends_is_kept_when_it_holds_out_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        suffix = ""

        def fit(self, outline: Outline, part: learning.Part, settings: Any) -> Any:
            if part.seed > 1:
                raise learning.OutOfTime("over")
            return kinds.kind_of("linear-learner").fit(outline, part, settings)

        def load(self, path: Path, outline: Outline) -> Any:
            raise AssertionError

    data = table("Regression")
    with pytest.raises(learning.OutOfTime, match="1 of 3 folds"):
        learning.bag(Slow(), data, {}, seconds=3600, threads=1, seed=1, say=lambda text: None)
    monkeypatch.setattr(learning, "FEWEST_ROWS", 50)
    found = learning.bag(Slow(), data, {}, seconds=3600, threads=1, seed=1, say=lambda text: None)
    assert len(found.models) == 1
    assert np.isfinite(found.held[:, 0]).sum() == 80


def test_a_network_learns_without_pytorchs_compiler() -> None:
    pytest.importorskip("torch")
    program = (
        "import sys\n"
        "from tests.unit.test_images_automl_ensemble import fitted, table\n"
        "fitted('nn-torch', table('Regression'))\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


def test_probabilities_become_as_sure_as_they_are_right() -> None:
    draw = np.random.default_rng(3)
    truth = draw.integers(0, 3, 1500)
    scores = draw.normal(size=(1500, 3)) + 3 * np.eye(3)[truth]
    outline = Outline("MulticlassClassification", 3, "Accuracy", {})
    sure = np.exp(3 * scores)
    predicted = sure / sure.sum(axis=1, keepdims=True)  # the likelihood of these is greatest at 3 * scores
    flat = calibration.apply(outline, predicted, 8.0)
    folds, codes = np.arange(1500) % 5, truth.astype(float)

    def loss(found: np.ndarray[Any, np.dtype[np.float64]]) -> float:
        return float(-np.log(found[np.arange(1500), truth]).mean())

    assert calibration.fit(outline, codes, predicted) == pytest.approx(1.0, rel=0.15)
    assert calibration.fit(outline, codes, flat) == pytest.approx(1 / 8, rel=0.2)
    honest = calibration.crossfitted(outline, codes, flat, folds)
    assert loss(honest) == pytest.approx(loss(predicted), rel=0.02)
    assert loss(flat) > 1.5 * loss(honest)
    assert (honest.argmax(axis=1) == flat.argmax(axis=1)).all()
    two = Outline("BinaryClassification", 2, "AUC", {})
    chance = draw.random((1500, 1))
    assert calibration.fit(two, (truth > 1).astype(float), chance) > 1.5
    numbers = Outline("Regression", 0, "MSE", {})
    assert calibration.apply(numbers, scores, calibration.fit(numbers, codes, scores)) is scores


def test_lightgbm_is_held_back_where_classes_are_many() -> None:
    pytest.importorskip("lightgbm")
    for problem, given in (("MulticlassClassification", 1.0), ("BinaryClassification", None)):
        (model, *_) = fitted("lightgbm", table(problem)).models
        assert model.booster.params.get("lambda_l2") == given  # type: ignore[attr-defined]


@pytest.mark.parametrize("known", [(0, 1, 2, 3, 4), (1, 3)], ids=["all-classes", "a-fold-with-two"])
def test_kernel_machines_answer_as_scikit_learn_s(known: tuple[int, ...]) -> None:
    draw = np.random.default_rng(4)
    y = np.array(known)[np.arange(300) % len(known)]
    x = (draw.normal(size=(5, 4))[y] + draw.normal(size=(300, 4))).astype(np.float32)
    outline = Outline("MulticlassClassification", 5, "Accuracy", {})
    part = learning.Part(x, y.astype(float), None, x[:5], y[:5].astype(float), 1, 1, 3600.0)
    found = KernelKind().fit(outline, part, {})
    predicted = found.predict(x)
    assert np.allclose(predicted.sum(axis=1), 1)
    encoded = found.encoder.transform(x)
    peer = SVC(C=10.0, gamma=found.gamma).fit(encoded, y)
    # Votes and the product of the chances differ where the vote is close.
    assert (predicted.argmax(axis=1) == peer.predict(encoded)).mean() > 0.97
    assert np.allclose(found.predict(x[:1]), predicted[:1], atol=1e-5)
