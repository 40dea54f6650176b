"""The data transformer image: each kind of column, labels, both modes, bad rows."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.autopilot.generated.module import PROCESSORS, write_generated_module
from smstudio_ext.engine.images.contract import AlgorithmError, ClientError
from smstudio_ext.engine.images.sklearn_automl import blocks, cells, serve
from smstudio_ext.engine.images.sklearn_automl.labels import LabelEncoder, order_classes
from smstudio_ext.engine.images.sklearn_automl.specification import Specification
from smstudio_ext.engine.images.sklearn_automl.train import train
from smstudio_ext.engine.images.sklearn_automl.transformer import Transformer
from smstudio_ext.formats import recordio
from tests.unit.jobfolders import job_folder

COLUMNS = ["age", "city", "Churn?", "when", "note", "pay day", "pay eve", "pay night"]
RECORDIO = "application/x-recordio-protobuf"


def specification(**changes: Any) -> Specification:
    given: dict[str, Any] = {
        "name": "dpp0",
        "description": "",
        "problem": "BinaryClassification",
        "target": "Churn?",
        "columns": COLUMNS,
        "classes": ["False.", "True."],
        "numeric": ["age", "pay day", "pay eve", "pay night"],
        "categorical": ["city"],
        "dates": {"when": "%Y-%m-%d"},
        "text": ["note"],
        "min_count": 2,
    }
    return Specification(**(given | changes))


def rows(count: int = 40) -> list[list[str]]:
    rng = np.random.default_rng(0)
    made = []
    for at in range(count):
        label = "True." if at % 4 == 0 else "False."
        note = "calls often, very angry" if at % 4 == 0 else "pays in time and likes it"
        age = "" if at % 10 == 3 else str(20 + at)
        pay = [f"{value:.2f}" for value in rng.random(3) * 10]
        made.append([age, "Oslo, NO" if at % 2 else "Rome", label, f"2020-{at % 12 + 1:02d}-11", note, *pay])
    return made


def as_csv(table: list[list[str]]) -> bytes:
    return "".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in table
    ).encode()


def fitted(root: Path, spec: Specification, table: list[list[str]] | None = None) -> Path:
    job = job_folder(
        root,
        {"processor_module": "dpp0"},
        {
            "train": ("text/csv", as_csv(table or rows())),
            "header": ("text/csv", ",".join(spec.columns).encode() + b"\n"),
            "processors": ("text/x-python", b""),
        },
    )
    write_generated_module(root / "generated_module", [spec])
    shutil.rmtree(job / "input/data/processors")
    shutil.copytree(root / "generated_module" / PROCESSORS, job / "input/data/processors")
    train(job)
    return job / "model"


def features_only(table: list[list[str]]) -> list[list[str]]:
    return [[cell for at, cell in enumerate(row) if at != 2] for row in table]


def test_labelled_rows_put_the_code_first_and_plain_rows_do_not(tmp_path: Path) -> None:
    predictor = serve.load(
        fitted(tmp_path, specification()), {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": RECORDIO}
    )
    body, kind = predictor.invoke(as_csv(rows()), "text/csv", "*/*")
    assert kind == RECORDIO
    records = recordio.read(body)
    assert records.labels is not None
    assert records.labels[:5].tolist() == [1, 0, 0, 0, 1]
    plain, kind = predictor.invoke(as_csv(features_only(rows()[:3])), "text/csv", "text/csv")
    assert kind == "text/csv"
    first = [float(cell or "nan") for cell in plain.decode().splitlines()[0].split(",")]
    np.testing.assert_allclose(first, records.features[0], rtol=1e-6)
    labelled = predictor.invoke(as_csv(rows()[:1]), "text/csv", "text/csv")[0].decode()
    assert labelled.startswith("1.0,")


def test_one_row_is_transformed_like_the_same_row_in_a_batch(tmp_path: Path) -> None:
    for name, changes in {
        "plain": {},
        "linear": {"impute": True, "indicators": True, "extremes": "quantile", "standardise": True},
        "pca": {"impute": True, "extremes": "log", "standardise": True, "components": 4},
        "pairs": {
            "encoding": "ordinal",
            "pairs": 3,
            "families": {"pay": ["pay day", "pay eve", "pay night"]},
        },
        "frequency": {"encoding": "frequency"},
    }.items():
        transformer = Transformer(specification(**changes))
        columns = [list(column) for column in zip(*features_only(rows()), strict=True)]
        transformer.fit(columns, transformer.labels.encode([row[2] for row in rows()]))
        batch = transformer.transform(columns)
        single = transformer.transform([column[5:6] for column in columns])
        np.testing.assert_allclose(single[0], batch[5], rtol=1e-5, err_msg=name)
        if changes.get("impute"):
            assert np.isfinite(batch).all()


def test_sparse_records_hold_the_same_values(tmp_path: Path) -> None:
    model = fitted(tmp_path, specification(impute=True))
    dense = recordio.read(serve.load(model, {}).invoke(as_csv(rows()), "text/csv", RECORDIO)[0])
    env = {"AUTOML_SPARSE_ENCODE_RECORDIO_PROTOBUF": "1"}
    sparse = recordio.read(serve.load(model, env).invoke(as_csv(rows()), "text/csv", RECORDIO)[0])
    np.testing.assert_allclose(sparse.features.toarray(), np.nan_to_num(dense.features))


def test_unknown_categories_and_missing_cells_pass(tmp_path: Path) -> None:
    predictor = serve.load(fitted(tmp_path, specification(impute=True)), {})
    strange = ["n/a", "Nowhere", "not a date", "", "inf", "x", "-1e400"]
    body, _ = predictor.invoke(as_csv([strange]), "text/csv", "text/csv")
    assert len(body.decode().strip().split(",")) > 10


def test_rows_without_known_label_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = rows()
    table[0][2] = ""
    table[1][2] = "Maybe"
    records = recordio.read(
        serve.load(fitted(tmp_path, specification()), {}).invoke(as_csv(table), "text/csv", RECORDIO)[0]
    )
    assert len(records.features) == 38
    assert "2 rows without a known label are left out" in caplog.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"1,2,3\n", "The rows have 3 columns; expected 7 features"),
        (as_csv(features_only(rows()[:1])) + b"1,2\n", "row 2: 2 columns where 7 are expected"),
        (b"\xe9,1,2,3,4,5,6", "not UTF-8"),
    ],
)
def test_bad_rows_are_the_clients_fault(tmp_path: Path, body: bytes, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        serve.load(fitted(tmp_path, specification()), {}).invoke(body, "text/csv", "")


def test_unsupported_types_and_modes_are_refused(tmp_path: Path) -> None:
    model = fitted(tmp_path, specification())
    with pytest.raises(ClientError, match="not supported") as caught:
        serve.load(model, {}).invoke(b"{}", "application/json", "")
    assert caught.value.status == 415
    with pytest.raises(ClientError) as caught:
        serve.load(model, {}).invoke(as_csv(features_only(rows()[:1])), "text/csv", "image/png")
    assert caught.value.status == 406
    with pytest.raises(ValueError, match="AUTOML_TRANSFORM_MODE is 'sideways'"):
        serve.load(model, {"AUTOML_TRANSFORM_MODE": "sideways"})


def test_inverse_label_gives_class_names(tmp_path: Path) -> None:
    model = fitted(tmp_path, specification())
    base = {"AUTOML_TRANSFORM_MODE": "inverse-label-transform"}
    plain = serve.load(
        model,
        base
        | {"SAGEMAKER_INFERENCE_INPUT": "predicted_label", "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label"},
    )
    assert plain.invoke(b"1\n0\n", "text/csv", "*/*") == (b"True.\nFalse.\n", "text/csv")
    every = serve.load(
        model,
        base
        | {
            "SAGEMAKER_INFERENCE_INPUT": "predicted_label,probability,probabilities",
            "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability,probabilities,labels",
        },
    )
    body, _ = every.invoke(b'1,0.9,"[0.1, 0.9]"\n', "text/csv", "")
    assert body == b'True.,0.9,"[0.1, 0.9]","[""False."", ""True.""]"\n'
    as_json = json.loads(every.invoke(b'0,0.2,"[0.8, 0.2]"\n', "text/csv", "application/json")[0])
    assert as_json["predictions"][0]["labels"] == ["False.", "True."]
    assert plain.invoke(b"7\n", "text/csv", "")[0] == b"<unseen_label>\n"
    with pytest.raises(ClientError, match="Bad predicted_label"):
        plain.invoke(b"yes\n", "text/csv", "")
    with pytest.raises(ValueError, match="which SAGEMAKER_INFERENCE_INPUT lacks"):
        serve.load(model, base | {"SAGEMAKER_INFERENCE_OUTPUT": "probability"})


def test_bad_jobs_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(AlgorithmError, match="dpp0: part-0, row 2: 2 columns where 8 are expected"):
        fitted(tmp_path / "a", specification(), [rows()[0], ["1", "2"]])
    nameless = [[*row[:2], "", *row[3:]] for row in rows()]
    with pytest.raises(AlgorithmError, match="No row has a known label in the target column"):
        fitted(tmp_path / "b", specification(), nameless)
    job = job_folder(
        tmp_path / "c",
        {"processor_module": "dpp9"},
        {"train": ("text/csv", as_csv(rows())), "processors": ("text/x-python", b"")},
    )
    with pytest.raises(AlgorithmError, match="processor_module: 'dpp9' is not in the processors channel"):
        train(job)


def test_classes_are_ordered_with_the_positive_one_last() -> None:
    assert order_classes({"True.": 5, "False.": 95}) == ["False.", "True."]
    assert order_classes({"yes": 90, "no": 10}) == ["no", "yes"]
    assert order_classes({"1": 90, "0": 10}) == ["0", "1"]
    assert order_classes({">50K": 10, "<=50K": 30}) == ["<=50K", ">50K"]
    assert order_classes({"10": 1, "9": 2, "2": 3}) == ["2", "9", "10"]
    assert LabelEncoder(["0", "1"]).encode(["1.0", "0", "x"]).tolist()[:2] == [1, 0]


def test_dates_and_numbers_are_recognised() -> None:
    assert cells.find_date_format(["2020-01-31", "1999-12-01"]) == "%Y-%m-%d"
    assert cells.find_date_format(["31/12/2020", "01/02/2020"]) == "%d/%m/%Y"
    assert cells.find_date_format(["382-4657", "371-7191"]) is None
    parts = blocks.date_features(["1970-01-02", "soon"], "%Y-%m-%d")
    assert parts[0, 0] == 1
    assert np.isnan(parts[1]).all()
    assert np.isnan(cells.numbers(["inf", "x", "", "1e3"]))[:3].all()


def test_one_row_takes_a_few_milliseconds(tmp_path: Path) -> None:
    predictor = serve.load(
        fitted(tmp_path, specification()), {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": RECORDIO}
    )
    body = as_csv(features_only(rows()[:1]))
    times = []
    for _ in range(200):
        start = time.perf_counter()
        predictor.invoke(body, "text/csv", "")
        times.append(time.perf_counter() - start)
    assert min(times) < 0.01
