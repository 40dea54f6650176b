"""The shortcut for small predictions, and requests answered together: the same numbers as one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from smstudio_ext.engine.images.contract import ClientError
from smstudio_ext.engine.images.xgboost import serve
from smstudio_ext.engine.images.xgboost.dense import dense_predictor

COLUMNS = 5


def train(objective: str, **parameters: object) -> tuple[xgb.Booster, np.ndarray]:
    generator = np.random.default_rng(5)
    features = generator.normal(size=(300, COLUMNS)).astype(np.float32)
    labels = (features[:, 0] > 0).astype(int) + (features[:, 1] > 1).astype(int)
    if objective == "binary:logistic":
        labels = np.minimum(labels, 1)
    matrix = xgb.DMatrix(features, labels)
    return xgb.train({"objective": objective, "nthread": 1, **parameters}, matrix, 5), features


@pytest.mark.parametrize(
    ("objective", "parameters"),
    [("binary:logistic", {}), ("reg:squarederror", {}), ("multi:softprob", {"num_class": 3})],
)
def test_shortcut_predicts_what_the_library_predicts(objective: str, parameters: dict[str, object]) -> None:
    booster, features = train(objective, **parameters)
    predict = dense_predictor(booster)
    assert predict is not None
    rows = features[:7].copy()
    rows[2, 3] = np.nan
    for part in (rows, rows[:1]):
        expected = booster.inplace_predict(part)
        found = predict(np.ascontiguousarray(part))
        assert found.shape == expected.shape
        np.testing.assert_array_equal(found, expected)


def test_requests_together_are_answered_as_alone(tmp_path: Path) -> None:
    booster, features = train("multi:softprob", num_class=3)
    (tmp_path / "xgboost-model").write_bytes(bytes(booster.save_raw("ubj")))
    predictor = serve.load(tmp_path, {})
    rows = [",".join(map(str, row)).encode() for row in features[:4]]
    bodies = [rows[0], rows[1] + b"\n" + rows[2], b"a,b", b"1,2", rows[3], b""]
    together = predictor.invoke_many(bodies, "text/csv", "text/csv")
    assert len(together) == len(bodies)
    for body, found in zip(bodies, together, strict=True):
        if isinstance(found, ClientError):
            with pytest.raises(ClientError) as caught:
                predictor.invoke(body, "text/csv", "text/csv")
            assert (found.status, str(found)) == (caught.value.status, str(caught.value))
        else:
            assert found == predictor.invoke(body, "text/csv", "text/csv")
    assert [isinstance(found, ClientError) for found in together] == [False, False, True, True, False, True]
