"""The transformers under the names of AWS's scikit-learn extension: what its documentation promises."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.images.sklearn_automl import extension

extension.load()

from sagemaker_sklearn_extension import decomposition, externals, impute, preprocessing  # noqa: E402
from sagemaker_sklearn_extension.contrib import smstudio  # noqa: E402
from sagemaker_sklearn_extension.feature_extraction import date_time, sequences, text  # noqa: E402


def cells(*rows: list[Any]) -> Any:
    return np.array(rows, dtype=object)


def test_robust_imputer_fills_what_is_no_finite_number() -> None:
    table = cells(["1", "x"], ["", "4"], ["3", "inf"], ["nan", "2"])
    np.testing.assert_allclose(
        impute.RobustImputer().fit(table).transform(table), [[1, 3], [2, 4], [3, 3], [2, 2]]
    )
    kept = impute.RobustImputer(strategy="constant", fill_values=np.nan).fit_transform(table)
    assert np.isnan(kept).sum() == 4
    each = impute.RobustImputer(strategy="constant", fill_values=[-1, -2]).fit_transform(table)
    np.testing.assert_allclose(each[:, 0], [1, -1, 3, -1])
    with pytest.raises(ValueError, match="'fill_values' should have length equal"):
        impute.RobustImputer(strategy="constant", fill_values=[1]).fit(table)
    texts = impute.RobustImputer(
        dtype=np.dtype("O"), strategy="most_frequent", mask_function=np.vectorize(lambda cell: cell != "")
    )
    assert texts.fit_transform(cells(["a"], ["a"], [""], ["b"])).ravel().tolist() == ["a", "a", "a", "b"]
    gaps = impute.RobustMissingIndicator(features="missing-only").fit(cells(["1", "2"], ["", "3"]))
    assert gaps.transform(cells(["x", "2"])).tolist() == [[True]]
    assert impute.is_finite_numeric(cells(["1", "a", None])).tolist() == [[True, False, False]]


def test_encoders_keep_what_is_frequent() -> None:
    column = cells(*[["a"]] * 5, *[["b"]] * 3, ["c"])
    onehot = preprocessing.ThresholdOneHotEncoder(threshold=3, sparse=False).fit(column)
    assert onehot.transform(cells(["a"], ["b"], ["c"], ["z"])).tolist() == [[1, 0], [0, 1], [0, 0], [0, 0]]
    assert onehot.get_feature_names_out(["city"]).tolist() == ["city_a", "city_b"]
    assert preprocessing.ThresholdOneHotEncoder(threshold=1, max_categories=1).fit(column).categories_[
        0
    ].tolist() == ["a"]
    with pytest.warns(UserWarning, match="do not have any categories"):
        rare = preprocessing.ThresholdOneHotEncoder(threshold=50, sparse=False).fit(column)
    assert not rare.transform(column).any()
    ordinal = preprocessing.RobustOrdinalEncoder().fit(cells(["Male", 1], ["Female", 3], ["Female", 2]))
    assert ordinal.transform(cells(["Female", 3], ["Other", 15])).tolist() == [[0, 2], [2, 3]]
    assert ordinal.inverse_transform([[1, 0], [2, 3]]).tolist() == [["Male", 1], [None, None]]
    unseen = preprocessing.RobustOrdinalEncoder(unknown_as_nan=True).fit(column)
    assert np.isnan(unseen.transform(cells(["z"]))).all()


def test_label_encoders() -> None:
    known = preprocessing.RobustLabelEncoder(labels=["0"], fill_label_value="1", include_unseen_class=True)
    assert known.fit_transform(np.array(["0", "1", "0"], dtype=object)).tolist() == [0, 1, 0]
    assert known.inverse_transform(np.array([0.0, 1.0])) == ["0", "1"]
    assert list(known.get_classes()) == ["0", "1"]
    left_out = preprocessing.RobustLabelEncoder(labels=["no", "yes"], fill_encoded_label_value=np.nan)
    assert np.isnan(left_out.fit_transform(np.array(["no", "maybe"], dtype=object))).tolist() == [False, True]
    with pytest.raises(ValueError, match="previously unseen labels"):
        preprocessing.RobustLabelEncoder(labels=["a"], fill_unseen_labels=False).fit_transform(["b"])
    ordered = smstudio.OrderedLabelEncoder(labels=["2", "10"])
    assert ordered.fit_transform(np.array(["10", "2.0", "2"], dtype=object)).tolist() == [1, 0, 0]
    numbers = preprocessing.NALabelEncoder().fit_transform(np.array(["1.5", "x"], dtype=object))
    assert numbers[0] == 1.5
    assert np.isnan(numbers[1])
    assert smstudio.NumberLabelEncoder().fit_transform(["$1,200.50"]).tolist() == [1200.5]


def test_extreme_columns_are_tamed_and_the_others_stay() -> None:
    rng = np.random.default_rng(0)
    table = np.column_stack([rng.normal(size=500), rng.normal(size=500)])
    table[:15, 1] = 1e6
    log = preprocessing.LogExtremeValuesTransformer(threshold_std=3.0).fit(table)
    assert log.cols_to_transform_ == [1]
    np.testing.assert_allclose(log.transform(table)[:, 0], table[:, 0])
    assert log.transform(table)[0, 1] == pytest.approx(np.log1p(1e6))
    ranks = preprocessing.QuantileExtremeValuesTransformer(threshold_std=3.0).fit_transform(table)
    assert 0 <= ranks[:, 1].min() <= ranks[:, 1].max() <= 1
    scaled = preprocessing.RobustStandardScaler().fit_transform(np.array([[1.0, 0], [3, 0], [5, 0], [7, 8]]))
    assert scaled[:, 0].mean() == pytest.approx(0)
    assert scaled[0, 1] == 0  # mostly zero: not centred
    assert preprocessing.QuadraticFeatures().fit_transform(np.array([[1, 2, 3], [4, 5, 6]]))[0].tolist() == [
        *[1, 2, 3],
        *[1, 4, 9],
        *[2, 3, 6],
    ]
    assert preprocessing.RemoveConstantColumnsTransformer().fit_transform([[0, 1.0], [0, 2.0]]).tolist() == [
        [1],
        [2],
    ]


def test_components_texts_dates_and_sequences() -> None:
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(50, 6))
    assert decomposition.RobustPCA(n_components=2, random_state=0).fit_transform(wide).shape == (50, 2)
    assert decomposition.RobustPCA(n_components=9).fit_transform(wide) is wide
    words = text.MultiColumnTfidfVectorizer(vocabulary_sizes=[4, 1])
    assert words.fit_transform(cells(["calls often", "no"], ["pays in time", "no"])).shape == (2, 5)
    dates = date_time.DateTimeVectorizer(mode="ordinal", default_datetime=datetime(1970, 1, 1))
    found = dates.fit_transform(cells(["Jan 3 2018, 1:34am"], ["Feb 11 2012, 11:34pm"], ["soon"]))
    assert found[:2, 1].tolist() == [2018, 2012]
    assert np.isnan(found[2]).all()
    flat = sequences.TSFlattener().transform(cells(["1,, 3, 44"]))[0]
    assert np.isnan(flat[1])
    assert sequences.TSFeatureExtractor(extraction_type="minimal").fit_transform(
        cells(["1,2,3", "4"], ["5", "x"])
    ).shape == (2, 20)


def test_a_header_knows_places_with_and_without_the_target() -> None:
    header = externals.Header(column_names=["a", "b", "c"], target_column_name="b")
    assert header.as_column_indices(["a", "c"]) == [0, 2]
    assert header.as_feature_indices(["a", "c"]) == [0, 1]
    assert header.feature_column_indices == [0, 2]
    for names, target, words in (
        (["a", "b"], "z", "not a valid column name"),
        (["a", "a", "b"], "b", "Duplicate column names"),
    ):
        with pytest.raises(ValueError, match=words):
            externals.Header(names, target)
    with pytest.raises(ValueError, match="is the target column name"):
        header.as_feature_indices(["b"])


def test_csv_is_read_as_texts_with_and_without_the_target(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text('3,"x, y",no\n')
    (tmp_path / "a.csv").write_text("1,,yes\n2,z,no\n")
    X, y = externals.read_csv_data(str(tmp_path), target_column_index=2)
    assert X.tolist() == [["1", ""], ["2", "z"], ["3", "x, y"]]
    assert y.tolist() == ["yes", "no", "no"]
    assert externals.read_csv_data(b"1,2\n").tolist() == [["1", "2"]]
    with pytest.raises(ValueError, match="row 2: 1 columns where 2 are expected"):
        externals.read_csv_data(b"1,2\n3\n")


def test_notebook_kernels_find_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from smstudio_ext.companion.hook import _OldFinder

    spec = _OldFinder().find_spec("sagemaker_sklearn_extension")
    assert spec is not None
    assert spec.origin == sys.modules["sagemaker_sklearn_extension"].__file__
