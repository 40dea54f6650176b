"""Autopilot's analysis: what it infers, what it writes, and what it says about bad input."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smstudio_ext.engine.autopilot.algorithms import offered_algorithms
from smstudio_ext.engine.autopilot.analysis import analyse
from smstudio_ext.engine.images.contract import AlgorithmError
from tests.unit.analysis_runs import feature_groups

HEADER = ["id", "State", "Day Charge", "Eve Charge", "Night Charge", "note", "since", "flat", "Churn?"]


def rows(count: int = 600) -> list[list[str]]:
    rng = np.random.default_rng(0)
    words = [
        "likes it a lot",
        "calls too often these days",
        "pays late and then complains",
        "never heard of since May",
    ]
    made = []
    for at in range(count):
        charges = rng.random(3) * 20
        label = "True." if charges.sum() > 38 else "False."
        made.append(
            [
                f"c-{at:05d}",
                ["KS", "OH", "NJ"][at % 3],
                *(f"{charge:.2f}" for charge in charges),
                f"{words[at % 4]} {at}",
                f"20{at % 20:02d}-0{at % 9 + 1}-1{at % 10}",
                "x",
                label,
            ]
        )
    return made


def as_csv(table: list[list[str]], header: list[str] | None = None) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADER if header is None else header, *table])
    return stream.getvalue().encode()


def prepare(root: Path, files: dict[str, bytes], validation: bytes | None = None, **request: Any) -> Path:
    given = root / "processing/input"
    for folder in ("request", "train"):
        (given / folder).mkdir(parents=True)
    (given / "request/request.json").write_text(json.dumps({"TargetAttributeName": "Churn?"} | request))
    for name, content in files.items():
        (given / "train" / name).write_bytes(content)
    if validation is not None:
        (given / "validation").mkdir()
        (given / "validation/v.csv").write_bytes(validation)
    return root


def run(
    root: Path, files: dict[str, bytes], validation: bytes | None = None, **request: Any
) -> tuple[Any, Any, Path]:
    analyse(prepare(root, files, validation, **request))
    output = root / "processing/output"
    return (
        json.loads((output / "candidates/analysis.json").read_text()),
        json.loads((output / "candidates/candidates.json").read_text()),
        output,
    )


def read_chunk(output: Path, part: str) -> list[list[str]]:
    with (output / f"preprocessed-data/tuning_data/{part}/chunk_0.csv").open(newline="") as stream:
        return list(csv.reader(stream))


def test_types_problem_and_split(tmp_path: Path) -> None:
    analysis, _, output = run(tmp_path, {"a.csv": as_csv(rows())})
    assert {column["Name"]: column["Type"] for column in analysis["Columns"]} == {
        "id": "id",
        "State": "categorical",
        "Day Charge": "numeric",
        "Eve Charge": "numeric",
        "Night Charge": "numeric",
        "note": "text",
        "since": "datetime",
        "flat": "constant",
        "Churn?": "categorical",
    }
    assert (analysis["ProblemType"], analysis["Objective"], analysis["Classes"]) == (
        "BinaryClassification",
        "F1",
        ["False.", "True."],
    )
    assert analysis["Warnings"] == []
    train, validation = read_chunk(output, "train"), read_chunk(output, "validation")
    assert sorted(train + validation) == sorted(rows())
    assert len(validation) == pytest.approx(120, abs=1)
    share = [sum(row[-1] == "True." for row in part) / len(part) for part in (train, validation)]
    assert share[0] == pytest.approx(share[1], abs=0.01)
    assert (output / "preprocessed-data/header/headers.csv").read_text().strip() == ",".join(HEADER)


def lies_within(value: str, entry: dict[str, Any]) -> bool:
    if "Values" in entry:
        return value in entry["Values"]
    return float(entry["MinValue"]) <= float(value) <= float(entry["MaxValue"])


def test_candidates_are_complete(tmp_path: Path) -> None:
    _, candidates, output = run(tmp_path, {"a.csv": as_csv(rows())})
    assert candidates["ObjectiveType"] == "Maximize"
    assert len(candidates["Strategies"]) >= 4
    algorithms = {candidate["Algorithm"] for candidate in candidates["Candidates"]}
    assert algorithms == set(offered_algorithms())
    assert sum(candidate["Share"] for candidate in candidates["Candidates"]) == pytest.approx(1, abs=0.01)
    for candidate in candidates["Candidates"]:
        used = feature_groups(tmp_path, candidate["Strategy"])
        assert used["numeric"] == ["Day Charge", "Eve Charge", "Night Charge"]
        assert "id" not in [name for names in used.values() for name in names]
        entries = [entry for kind in candidate["ParameterRanges"].values() for entry in kind]
        names = {entry["Name"] for entry in entries}
        assert not names & candidate["StaticHyperparameters"].keys()
        for first in candidate["WarmStart"]:
            assert first.keys() == names
            assert all(lies_within(first[entry["Name"]], entry) for entry in entries)
        assert {"F1", "AUC", "LogLoss", "InferenceLatency"} < candidate["StandardMetrics"].keys()
    quick = candidates["Candidates"][0]["WarmStart"][0]
    assert (quick["num_round"], quick["eta"]) == ("64", "0.3")  # the first of all is there to be early
    source = (output / "candidates/generated_module/candidate_data_processors/dpp0.py").read_text()
    assert "FamilyFeatures(families={'charge': [0, 1, 2]})" in source


def test_max_candidates_and_algorithms_limit_the_strategies(tmp_path: Path) -> None:
    _, candidates, _ = run(tmp_path / "a", {"a.csv": as_csv(rows())}, MaxCandidates=1)
    assert [candidate["Name"] for candidate in candidates["Candidates"]] == ["dpp0-xgboost"]
    _, candidates, _ = run(tmp_path / "b", {"a.csv": as_csv(rows())}, Algorithms=["linear-learner"])
    assert {candidate["Algorithm"] for candidate in candidates["Candidates"]} == {"linear-learner"}


def test_gzip_prefix_and_bom_are_read(tmp_path: Path) -> None:
    files = {
        "part-1.csv.gz": gzip.compress(as_csv(rows()[:300])),
        "part-2.csv": b"\xef\xbb\xbf" + as_csv(rows()[300:]),
        "_SUCCESS": b"",
        "part-3.csv": b"",
    }
    assert run(tmp_path, files)[0]["Rows"] == 600


def test_quoted_newlines_are_one_row(tmp_path: Path) -> None:
    table = rows()
    table[7][5] = 'two\nlines, and a "quote"'
    analysis, _, output = run(tmp_path, {"a.csv": as_csv(table)})
    assert analysis["Rows"] == 600
    found = [
        row for part in ("train", "validation") for row in read_chunk(output, part) if row[0] == "c-00007"
    ]
    assert found[0][5] == 'two lines, and a "quote"'
    raw = b"".join(
        (output / f"preprocessed-data/tuning_data/{part}/chunk_0.csv").read_bytes()
        for part in ("train", "validation")
    )
    assert raw.count(b"\n") == 600


def test_validation_channel_is_used_as_it_is(tmp_path: Path) -> None:
    analysis, _, output = run(tmp_path, {"a.csv": as_csv(rows()[:500])}, as_csv(rows()[500:]))
    assert (analysis["TrainRows"], analysis["ValidationRows"]) == (500, 100)
    assert sorted(read_chunk(output, "validation")) == sorted(rows()[500:])
    with pytest.raises(AlgorithmError, match="another header"):
        run(tmp_path / "b", {"a.csv": as_csv(rows())}, as_csv(rows(), ["idx", *HEADER[1:]]))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([str(at % 2) for at in range(600)], "BinaryClassification"),
        ([["a", "b", "c"][at % 3] for at in range(600)], "MulticlassClassification"),
        ([str(at % 5) for at in range(600)], "MulticlassClassification"),
        ([str(at / 7) for at in range(600)], "Regression"),
        ([str(at % 40) for at in range(600)], "Regression"),
        (["1" if at % 2 else "1.0" if at % 3 else "2" for at in range(600)], "BinaryClassification"),
    ],
)
def test_problem_type_is_inferred(tmp_path: Path, values: list[str], problem: str) -> None:
    table = [[*row[:-1], value] for row, value in zip(rows(), values, strict=True)]
    analysis, candidates, _ = run(tmp_path, {"a.csv": as_csv(table)})
    assert analysis["ProblemType"] == candidates["ProblemType"] == problem
    assert "'Churn?'" in analysis["ProblemTypeReason"]


def test_infinities_count_as_missing_and_few_rows_warn(tmp_path: Path) -> None:
    table = rows(100)
    table[3][2], table[4][2], table[5][-1] = "inf", "-Infinity", ""
    analysis, _, _ = run(tmp_path, {"a.csv": as_csv(table)})
    text = " ".join(analysis["Warnings"])
    assert "'Day Charge' (2)" in text
    assert "AWS asks for at least 500" in text
    assert "1 rows without a target value are left out" in text
    assert (analysis["TrainRows"], analysis["ValidationRows"]) == (79, 20) or analysis[
        "TrainRows"
    ] + analysis["ValidationRows"] == 99


def test_five_thousand_columns_work(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 50, size=(30, 5000)).astype(str).tolist()
    table = [[*row, str(at % 2)] for at, row in enumerate(values)]
    analysis, _, _ = run(tmp_path, {"a.csv": as_csv(table, [*(f"V{at}" for at in range(5000)), "Churn?"])})
    assert len(analysis["Columns"]) == 5001


def test_feature_specification_holds(tmp_path: Path) -> None:
    request = {
        "FeatureAttributeNames": ["State", "Day Charge"],
        "FeatureDataTypes": {"Day Charge": "categorical"},
    }
    run(tmp_path, {"a.csv": as_csv(rows())}, **request)
    assert feature_groups(tmp_path) == {"categorical": ["State", "Day Charge"]}


def changed(column: int, *values: str) -> bytes:
    return as_csv(
        [[*row[:column], values[at % len(values)], *row[column + 1 :]] for at, row in enumerate(rows())]
    )


ONE_OF_A_CLASS = as_csv([[*row[:-1], "True." if at == 0 else "False."] for at, row in enumerate(rows())])


@pytest.mark.parametrize(
    ("data", "request_members", "words"),
    [
        (b"", {}, "input file 'a.csv' is empty"),
        (as_csv([]), {}, "a header but no row"),
        (
            as_csv(rows()[1:], rows()[0]).replace(b"c-00000", b"1.5"),
            {},
            "no header: its first line holds data",
        ),
        (
            as_csv(rows()),
            {"TargetAttributeName": "churn?"},
            "'churn\\?' does not exist .* Did you mean 'Churn\\?'",
        ),
        (as_csv(rows()), {"TargetAttributeName": "zzz"}, "'zzz' does not exist .* Columns: id, State"),
        (changed(8, "True."), {}, "same value 'True.' in every row"),
        (changed(8, "", "NA", "nan"), {}, "All values of the target attribute 'Churn\\?' are missing"),
        (ONE_OF_A_CLASS, {}, "Class 'True.' of target attribute 'Churn\\?' has one row only"),
        (
            as_csv(rows()).decode().replace("KS", "Köln").encode("latin-1"),
            {},
            "not encoded in UTF-8: byte 0xf6 in line 2",
        ),
        (as_csv(rows()).decode().encode("utf-16"), {}, "UTF-16"),
        (
            as_csv(rows()) + b"1,2\n",
            {},
            "1 row\\(s\\) whose number of columns differs from the header's 9: line 602 has 2",
        ),
        (as_csv([*rows(), [*rows()[0], "more"]]), {}, "line 602 has 10"),
        (as_csv(rows(), [*HEADER[:2], "State", *HEADER[3:]]), {}, "duplicate column names: State"),
        (as_csv(rows()).replace(b",", b";"), {}, "separated by ';'"),
        (b"PAR1" + b"x" * 100, {}, "Parquet"),
        (b"\x1f\x8b" + b"x" * 100, {}, "cannot be unpacked"),
        (as_csv(rows()), {"ProblemType": "Regression"}, "needs a numeric target"),
        (
            changed(8, "a", "b", "c"),
            {"ProblemType": "BinaryClassification"},
            "exactly two different target values",
        ),
        (as_csv(rows()), {"ProblemType": "BinaryClassification", "Objective": "MSE"}, "MSE does not fit"),
        (
            as_csv(rows()),
            {"TargetAttributeName": "id"},
            "Unable to infer the problem type .* with high enough confidence",
        ),
        (as_csv(rows()), {"FeatureDataTypes": {"nope": "text"}}, "columns that the data do not have: nope"),
        (
            as_csv([[row[0], row[-1]] for row in rows()], ["id", "Churn?"]),
            {},
            "No column is left to learn from",
        ),
    ],
)
def test_bad_input_is_explained(
    tmp_path: Path, data: bytes, request_members: dict[str, Any], words: str
) -> None:
    with pytest.raises(AlgorithmError, match=words):
        run(tmp_path, {"a.csv": data}, **request_members)
    assert not (tmp_path / "processing/output").exists()


def test_files_of_one_input_must_agree(tmp_path: Path) -> None:
    with pytest.raises(
        AlgorithmError, match=r"'b\.csv' has another header than 'a\.csv': column 1 is 'nr' instead of 'id'"
    ):
        run(tmp_path, {"a.csv": as_csv(rows()), "b.csv": as_csv(rows(), ["nr", *HEADER[1:]])})
