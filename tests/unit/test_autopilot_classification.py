"""Analyses of text and image classification jobs: what they split, plan, warn of and refuse."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smstudio_ext.engine.autopilot.classification import pictures, proposals, text
from smstudio_ext.engine.autopilot.classification.labels import inspect_labels, split
from smstudio_ext.engine.autopilot.classification.rules import check_pictures, check_text
from smstudio_ext.engine.autopilot.specification import Specification, specification_v2
from smstudio_ext.engine.errors import ValidationException
from smstudio_ext.engine.images.contract import AlgorithmError
from tests.unit.classification_runs import (
    analysed,
    data_of,
    japanese_rows,
    picture,
    picture_files,
    planned,
    text_csv,
    text_rows,
    validation_codes,
)


def stored(root: Path, part: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = pq.read_table(data_of(root) / part / "data.parquet").to_pydict()
    return found


def test_texts_are_split_by_class(tmp_path: Path) -> None:
    rows = text_rows(150)
    found = analysed(text.analyse, tmp_path, {"a.csv": text_csv(rows)})
    assert found["Classes"] == ["food", "sea", "sport"]
    assert (found["TrainRows"], found["ValidationRows"]) == (120, 30)
    train, validation = stored(tmp_path, "train"), stored(tmp_path, "validation")
    assert np.bincount(validation["label"]).tolist() == [10, 10, 10]
    assert sorted(train["text"] + validation["text"]) == sorted(one for one, _ in rows)
    truth = dict(rows)
    assert all(
        truth[one] == found["Classes"][code] for one, code in zip(train["text"], train["label"], strict=True)
    )
    facts = json.loads((data_of(tmp_path) / "classes.json").read_text())
    assert facts["Content"] == "text"
    assert facts["Spaced"] is True
    kinds = [one["Algorithm"] for one in planned(tmp_path)]
    assert len(kinds) == 10
    assert set(kinds) == {"linear", "naive-bayes", "fasttext", "boosted-trees"}


def test_parquet_and_a_validation_channel_are_read(tmp_path: Path) -> None:
    rows = text_rows(60)

    def parquet(part: list[tuple[str, str]]) -> bytes:
        stream = io.BytesIO()
        table = {"text": [one for one, _ in part], "topic": [label for _, label in part]}
        pq.write_table(pa.table(table), stream)
        return stream.getvalue()

    found = analysed(
        text.analyse,
        tmp_path,
        {"a.parquet": parquet(rows[:40])},
        {"b.parquet": parquet([*rows[40:], ("unheard of", "music")])},
        ContentType="x-application/vnd.amazon+parquet",
    )
    assert (found["TrainRows"], found["ValidationRows"]) == (40, 21)
    assert any("music" in one and "validation channel only" in one for one in found["Warnings"])


def test_unusable_rows_are_left_out_and_told(tmp_path: Path) -> None:
    rows = [*text_rows(60), ("", "food"), ("   ", "sea"), ("a text", ""), ("the only one", "rare")]
    found = analysed(text.analyse, tmp_path, {"a.csv": text_csv(rows)})
    told = " ".join(found["Warnings"])
    assert "2 training row(s) have an empty text" in told
    assert "1 training row(s) have no label" in told
    assert "1 class(es) have a single row ('rare')" in told
    assert found["TotalRows"] == 61
    assert found["Classes"].index("rare") not in stored(tmp_path, "validation")["label"]


def test_repeated_texts_do_not_validate(tmp_path: Path) -> None:
    rows = text_rows(40)
    found = analysed(text.analyse, tmp_path, {"a.csv": text_csv(rows + [rows[0]] * 20)})
    assert any("are in the training data too" in one for one in found["Warnings"])
    train = set(stored(tmp_path, "train")["text"])
    assert not train & set(stored(tmp_path, "validation")["text"])


def test_japanese_is_taken_apart_by_characters(tmp_path: Path) -> None:
    found = analysed(text.analyse, tmp_path, {"a.csv": text_csv(japanese_rows(40))})
    assert found["Spaced"] is False
    models = planned(tmp_path)
    assert all("words" not in one["Settings"].get("units", ()) for one in models)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param([("some text", "a")] * 30, "All 30 rows have the same label 'a'", id="one-class"),
        pytest.param(
            [(f"text {at}", f"label {at}") for at in range(30)], "occurs only once", id="an-identifier"
        ),
        pytest.param(
            [(f"text {at}", str(at // 2)) for at in range(10_000)], "at most 2,000 classes", id="many-classes"
        ),
        pytest.param(
            [("", "a"), (" ", "b")] * 10, "No row of the training input can be used", id="empty-texts"
        ),
        pytest.param([("x", "a"), ("y", "b")], "at least 10 are needed", id="two-rows"),
    ],
)
def test_bad_texts_are_refused(tmp_path: Path, rows: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(AlgorithmError, match=message):
        analysed(text.analyse, tmp_path, {"a.csv": text_csv(rows)})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(
            {"ContentColumn": "Text", "TargetLabelColumn": "topic"}, "Did you mean 'text'", id="content"
        ),
        pytest.param(
            {"ContentColumn": "text", "TargetLabelColumn": "topics"}, "Did you mean 'topic'", id="label"
        ),
    ],
)
def test_missing_columns_are_named(tmp_path: Path, config: dict[str, str], message: str) -> None:
    with pytest.raises(AlgorithmError, match=message):
        analysed(text.analyse, tmp_path, {"a.csv": text_csv(text_rows(20))}, Config=config)


def pictures_of(root: Path, files: dict[str, bytes], **request: Any) -> dict[str, Any]:
    return analysed(pictures.analyse, root, files, **{"Config": {}, "ContentType": "image/*", **request})


def test_pictures_are_prepared_and_split(tmp_path: Path) -> None:
    found = pictures_of(tmp_path, picture_files(60))
    assert found["Classes"] == ["circle", "square", "stripes"]
    assert (found["TrainRows"], found["ValidationRows"], found["Side"]) == (48, 12, 64)
    pixels = np.load(data_of(tmp_path) / "train/pixels.npy")
    assert pixels.shape == (48, 64, 64, 3)
    assert pixels.dtype == np.uint8
    assert np.bincount(validation_codes(tmp_path)).tolist() == [4, 4, 4]


def test_broken_and_other_files_are_left_out(tmp_path: Path) -> None:
    files = picture_files(30) | {"circle/broken.png": b"\x89PNG no picture", "notes.txt": b"hello"}
    found = pictures_of(tmp_path, files)
    told = " ".join(found["Warnings"])
    assert "1 of 31 picture(s)" in told
    assert "'circle/broken.png'" in told
    assert "1 file(s) of the training input are no pictures" in told
    assert found["TotalRows"] == 30


@pytest.mark.parametrize(
    ("files", "content_type", "message"),
    [
        pytest.param({"readme.txt": b"x"}, "image/*", "holds no .png, .jpg or .jpeg file", id="no-pictures"),
        pytest.param({"1.png": b"x"}, "image/*", "lie in no folder", id="no-folders"),
        pytest.param({"a/1.png": b"x", "b/2.png": b"y"}, "image/*", "2 of 2 picture", id="all-broken"),
        pytest.param({"a/1.png": b"x", "b/2.jpg": b"y"}, "image/png", "Use image/\\*", id="other-type"),
    ],
)
def test_bad_pictures_are_refused(
    tmp_path: Path, files: dict[str, bytes], content_type: str, message: str
) -> None:
    with pytest.raises(AlgorithmError, match=message):
        pictures_of(tmp_path, files, ContentType=content_type)


def test_one_folder_is_one_class(tmp_path: Path) -> None:
    source = random.Random(1)
    files = {f"all/{at}.png": picture("circle", source) for at in range(12)}
    with pytest.raises(AlgorithmError, match="have the same label 'all'"):
        pictures_of(tmp_path, files)


def test_classes_that_are_numbers_have_their_order() -> None:
    labels = inspect_labels(["10", "9", "10", "9", "2", "2"] * 2, "column 'y'", [])
    assert labels.classes == ["2", "9", "10"]
    train, validation = split(labels, len(labels.codes), 0.25, 1, [])
    assert sorted([*train.tolist(), *validation.tolist()]) == list(range(12))
    assert np.bincount(labels.codes[validation]).tolist() == [1, 1, 1]


def test_networks_are_planned_where_they_can_run() -> None:
    without = proposals.picture_candidates(classes=3, network=False)
    assert "network" not in {one["Algorithm"] for one in without}
    with_one = proposals.picture_candidates(classes=3, network=True)
    assert [one["Algorithm"] for one in with_one].count("network") == 2
    many = proposals.text_candidates(rows=1000, classes=500, spaced=True)
    assert "boosted-trees" not in {one["Algorithm"] for one in many}


def specification(config: dict[str, Any], **channel: Any) -> Specification:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://data/x/", **channel.pop("source", {})}
    return specification_v2(
        {
            "AutoMLJobName": "x",
            "AutoMLJobInputDataConfig": [{"DataSource": {"S3DataSource": source}, **channel}],
            "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
            "AutoMLProblemTypeConfig": config,
            "RoleArn": "arn:aws:iam::000000000000:role/x",
        }
    )


def test_requests_are_checked() -> None:
    good = {"TextClassificationJobConfig": {"ContentColumn": "text", "TargetLabelColumn": "y"}}
    check_text(specification(good))
    for config, message in (
        ({"TargetLabelColumn": "y"}, "ContentColumn must be given"),
        ({"ContentColumn": "y", "TargetLabelColumn": "y"}, "must be different columns"),
    ):
        with pytest.raises(ValidationException, match=message):
            check_text(specification({"TextClassificationJobConfig": config}))
    images: dict[str, Any] = {"ImageClassificationJobConfig": {}}
    spec = specification(images)
    check_pictures(spec)
    assert spec.training.content_type == "image/*"
    with pytest.raises(ValidationException, match="CompressionType Gzip"):
        check_pictures(specification(images, CompressionType="Gzip"))
    with pytest.raises(ValidationException, match="AugmentedManifestFile is not offered"):
        check_pictures(specification(images, source={"S3DataType": "AugmentedManifestFile"}))
