"""Autopilot's input: formats, column types, targets, weights, samples of large data, and bad files."""

from __future__ import annotations

import datetime
import gzip
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smstudio_ext.engine.autopilot import analysis as analysis_program
from smstudio_ext.engine.autopilot import wide
from smstudio_ext.engine.images.contract import AlgorithmError
from tests.unit.analysis_runs import as_csv, candidates_folder, chunk, feature_groups, run

ROWS = 200


def table(**columns: list[Any]) -> bytes:
    """A CSV file with these columns beside a number `x` and a target `y` of two classes."""
    rng = np.random.default_rng(0)
    numbers = rng.random(ROWS).round(4).tolist()
    everything = {"x": numbers, **columns, "y": ["yes" if one > 0.4 else "no" for one in numbers]}
    return as_csv(list(everything), list(zip(*everything.values(), strict=True)))


def repeated(*values: Any) -> list[Any]:
    return [values[at % len(values)] for at in range(ROWS)]


def kinds(analysis: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in analysis["Columns"]}


def column(analysis: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in analysis["Columns"] if one["Name"] == name)
    return found


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def test_numbers_in_strings_are_numbers(tmp_path: Path) -> None:
    analysis = run(
        tmp_path,
        {
            "a.csv": table(
                price=repeated("$1,234.50", "($12.00)", "$7", "n/a", "$2,000,000.25"),
                share=repeated("12%", "3.5 %", "99%"),
                euro=repeated("1.234,50", "7,25", "12", "0,5"),
                swiss=repeated("CHF 1'234.50", "CHF 7.00", "CHF 12.75"),
                spaced=repeated("1 234", "12 345", "7", "1\u202f000"),
                code=repeated("382-4657", "371-7191", "358-1921"),
            )
        },
    )
    assert kinds(analysis) == {
        "x": "numeric",
        "price": "numeric",
        "share": "numeric",
        "euro": "numeric",
        "swiss": "numeric",
        "spaced": "numeric",
        "code": "categorical",
        "y": "categorical",
    }
    price = column(analysis, "price")
    assert (price["Statistics"]["Min"], price["Statistics"]["Max"]) == (-12, 2000000.25)
    assert (price["Missing"], price["MissingSpellings"]) == (40, {"n/a": 40})
    assert column(analysis, "euro")["Statistics"]["Max"] == 1234.5
    assert column(analysis, "euro")["DecimalComma"] is True
    assert column(analysis, "swiss")["Statistics"]["Min"] == 7
    assert (
        "NumberReader(decimal_comma=["
        in (candidates_folder(tmp_path) / "generated_module/candidate_data_processors/dpp0.py").read_text()
    )


def test_a_currency_target_makes_a_regression(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    prices = [
        f"{value:,.2f} €".replace(",", "#").replace(".", ",").replace("#", ".")
        for value in rng.random(300) * 9e4
    ]
    analysis = run(tmp_path, {"a.csv": as_csv(["x", "y"], list(zip(rng.random(300), prices, strict=True)))})
    assert analysis["ProblemType"] == "Regression"
    assert 1000 < analysis["TargetStatistics"]["Max"] < 90_000
    assert analysis["InvalidTarget"] == 0


def test_dates_in_several_formats(tmp_path: Path) -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=7 * at) for at in range(ROWS)]
    forms = ["%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y"]
    analysis = run(
        tmp_path,
        {
            "a.csv": table(
                mixed=[day.strftime(forms[at % 3]) for at, day in enumerate(days)],
                digits=[day.strftime("%Y%m%d") for day in days],
                stamp=[f"{day}T12:30:00.250Z" for day in days],
                european=[day.strftime("%d/%m/%Y") for day in days],
                twelve=[f"{day:%m/%d/%Y} 03:15 PM" for day in days],
            )
        },
    )
    assert [kinds(analysis)[name] for name in ("mixed", "digits", "stamp", "european", "twelve")] == [
        "datetime"
    ] * 5
    assert sorted(column(analysis, "mixed")["DateFormat"].split("|")) == sorted(forms)
    assert column(analysis, "european")["DateFormat"] == "%d/%m/%Y"
    assert "3 formats" in column(analysis, "mixed")["Reason"]


def test_sequences_texts_identifiers_and_constants(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    analysis = run(
        tmp_path,
        {
            "a.csv": table(
                curve=[str(rng.random(8).round(2).tolist()) for _ in range(ROWS)],
                series=[" ".join(str(value) for value in rng.integers(0, 9, 6)) for _ in range(ROWS)],
                note=[f"the customer {at} called twice about bill {at % 7}" for at in range(ROWS)],
                customer_id=(10_000 + rng.permutation(5000)[:ROWS]).tolist(),
                nr=list(range(ROWS)),
                uuid=[f"{at:08x}-c0de" for at in range(ROWS)],
                empty=repeated("", "NA", "-"),
                flat=repeated("same"),
            )
        },
    )
    assert kinds(analysis) == {
        "x": "numeric",
        "curve": "sequence",
        "series": "sequence",
        "note": "text",
        "customer_id": "id",
        "nr": "id",
        "uuid": "id",
        "empty": "constant",
        "flat": "constant",
        "y": "categorical",
    }
    assert [one["Name"] for one in analysis["Columns"] if one["Used"]] == ["x", "curve", "series", "note"]
    assert feature_groups(tmp_path) == {
        "numeric": ["x"],
        "sequence": ["curve", "series"],
        "text": ["note"],
    }
    assert "identifier" in column(analysis, "uuid")["Reason"]
    assert column(analysis, "note")["UniqueWords"] > ROWS


def test_missing_values_in_many_spellings(tmp_path: Path) -> None:
    spellings = [
        "",
        "NA",
        "N/A",
        "n.a.",
        "#N/A",
        "NaN",
        "null",
        "None",
        "?",
        "-",
        "missing",
        "#DIV/0!",
        "\\N",
        "<NA>",
    ]
    analysis = run(tmp_path, {"a.csv": table(holes=repeated("1.5", "2", *spellings))})
    holes = column(analysis, "holes")
    assert holes["Type"] == "numeric"
    assert holes["Missing"] == ROWS - 26
    assert len(holes["MissingSpellings"]) == len(spellings) - 1


def test_none_may_be_a_class(tmp_path: Path) -> None:
    labels = repeated("none", "mild", "severe", "-")
    rows = list(zip(np.random.default_rng(0).random(ROWS), labels, strict=True))
    analysis = run(tmp_path, {"a.csv": as_csv(["x", "y"], rows)})
    assert sorted(analysis["Classes"]) == ["-", "mild", "none", "severe"]
    assert analysis["MissingTarget"] == 0


def test_missing_labels_are_named(tmp_path: Path) -> None:
    rows = list(zip(np.random.default_rng(0).random(ROWS), repeated("a", "b", "NA", ""), strict=True))
    analysis = run(tmp_path, {"a.csv": as_csv(["x", "y"], rows)})
    assert analysis["MissingTarget"] == 100
    assert (
        "100 rows without a target value (among them cells with 'NA') are left out." in analysis["Warnings"]
    )
    assert analysis["TrainRows"] + analysis["ValidationRows"] == 100


def test_parquet_of_every_offered_type(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    count = 300
    start = datetime.datetime(2020, 1, 1, 6)
    hours = [start + datetime.timedelta(hours=at) for at in range(count)]
    columns = {
        "whole": pa.array(rng.integers(0, 99, count), pa.int16()),
        "real": pa.array([None if at % 7 == 0 else at / 3 for at in range(count)], pa.float32()),
        "nan": pa.array([np.nan if at % 5 == 0 else at / 4 for at in range(count)]),
        "flag": pa.array(rng.random(count) > 0.5),
        "word": pa.array([["a", "b,c", 'd"e'][at % 3] for at in range(count)]).dictionary_encode(),
        "day": pa.array([moment.date() for moment in hours]),
        "moment": pa.array(hours, pa.timestamp("ns")),
        "zoned": pa.array(hours, pa.timestamp("us", "Europe/Berlin")),
        "money": pa.array([Decimal(at) / 4 for at in range(count)], pa.decimal128(10, 2)),
        "curve": pa.array([rng.random(5).round(3).tolist() for _ in range(count)]),
        "y": pa.array([["no", "yes"][at % 2] for at in range(count)]),
    }
    analysis = run(
        tmp_path,
        {
            "part-0.parquet": parquet(
                {name: data[:200] for name, data in columns.items()}, compression="zstd"
            ),
            "part-1.parquet": parquet({name: columns[name][200:] for name in reversed(columns)}),
        },
        ContentType="x-application/vnd.amazon+parquet",
    )
    assert kinds(analysis) == {
        "whole": "numeric",
        "real": "numeric",
        "nan": "numeric",
        "flag": "categorical",
        "word": "categorical",
        "day": "datetime",
        "moment": "datetime",
        "zoned": "datetime",
        "money": "numeric",
        "curve": "sequence",
        "y": "categorical",
    }
    assert (column(analysis, "real")["Missing"], column(analysis, "nan")["Missing"]) == (43, 60)
    assert column(analysis, "moment")["DateFormat"] == "%Y-%m-%d %H:%M:%S"
    rows = chunk(tmp_path, "train") + chunk(tmp_path, "validation")
    assert sorted(row[4] for row in rows) == sorted(["a", "b,c", 'd"e'] * 100)
    assert analysis["Warnings"] == [
        "The input has 300 rows; AWS asks for at least 500, and scores of so few rows are uncertain."
    ]


def test_files_are_what_they_are_whatever_is_said(tmp_path: Path) -> None:
    data = parquet({"x": list(range(0, 600, 3)), "y": ["a", "b"] * 100})
    assert "The input is Parquet though its ContentType is text/csv" in " ".join(
        run(tmp_path / "a", {"data": data})["Warnings"]
    )
    told = "x-application/vnd.amazon+parquet"
    assert "The input is CSV though" in " ".join(
        run(tmp_path / "b", {"a.txt": table()}, ContentType=told)["Warnings"]
    )
    with pytest.raises(AlgorithmError, match="mixes Parquet and CSV"):
        run(tmp_path / "c", {"a.csv": as_csv(["x", "y"], [(1, "a"), (2, "b")]), "b.parquet": data})


def test_parquet_that_cannot_be_used(tmp_path: Path) -> None:
    nested = parquet({"deep": [{"a": 1}, {"a": 2}], "y": ["a", "b"]})
    with pytest.raises(AlgorithmError, match="column 'deep' has the Parquet type struct<a: int64>"):
        run(tmp_path / "a", {"a.parquet": nested})
    with pytest.raises(AlgorithmError, match=r"'a\.parquet' cannot be read as Parquet"):
        run(tmp_path / "b", {"a.parquet": nested[:-20]})


def test_parts_without_header_and_in_another_order(tmp_path: Path) -> None:
    rows = [(at / 7, f"k{at % 3}", ["no", "yes"][at % 2]) for at in range(600)]
    swapped = [(row[1], row[0], row[2]) for row in rows[400:]]
    analysis = run(
        tmp_path,
        {
            "part-0.csv": as_csv(["x", "k", "y"], rows[:200]),
            "part-1.txt": as_csv(["x", "k", "y"], rows[200:400]).split(b"\r\n", 1)[1],
            "sub/part-2.csv.gz": gzip.compress(as_csv(["k", "x", "y"], swapped)),
        },
    )
    assert analysis["Rows"] == 600
    assert analysis["Warnings"] == [
        "File 'part-1.txt' has no header; its columns are taken to be those of 'part-0.csv'."
    ]
    found = chunk(tmp_path, "train") + chunk(tmp_path, "validation")
    assert sorted(found) == sorted([str(a), b, c] for a, b, c in rows)


def test_validation_channel_with_unseen_values(tmp_path: Path) -> None:
    rows = [(at / 7, f"k{at % 3}", ["no", "yes"][at % 2]) for at in range(600)]
    new = [("never seen", at / 5, ["no", "yes"][at % 2]) for at in range(60)]
    analysis = run(
        tmp_path, {"a.csv": as_csv(["x", "k", "y"], rows)}, {"v.csv": as_csv(["k", "x", "y"], new)}
    )
    assert (analysis["TrainRows"], analysis["ValidationRows"]) == (600, 60)
    assert {row[1] for row in chunk(tmp_path, "validation")} == {"never seen"}
    with pytest.raises(
        AlgorithmError, match="another header than the training channel: 2 columns instead of 3, without 'x'"
    ):
        run(
            tmp_path / "other",
            {"a.csv": as_csv(["x", "k", "y"], rows)},
            {"v.csv": as_csv(["k", "y"], [row[1:] for row in rows])},
        )


def test_rows_without_a_weight_take_no_part(tmp_path: Path) -> None:
    data = {"a.csv": table(w=repeated("1", "2.5", "", "-1", "abc"))}
    analysis = run(tmp_path, data, SampleWeightAttributeName="w")
    assert (analysis["SampleWeight"], analysis["InvalidWeight"]) == ("w", 120)
    assert "120 rows without a positive sample weight in 'w' are left out." in analysis["Warnings"]
    assert {row[1] for part in ("train", "validation") for row in chunk(tmp_path, part)} == {"1", "2.5"}
    assert not column(analysis, "w")["Used"]
    with pytest.raises(AlgorithmError, match="'v' does not exist in the header"):
        run(tmp_path / "b", data, SampleWeightAttributeName="v")
    with pytest.raises(AlgorithmError, match="'k' holds no number above zero"):
        run(tmp_path / "c", {"a.csv": table(k=repeated("a", "0"))}, SampleWeightAttributeName="k")


@pytest.mark.parametrize("packed", [False, True], ids=["csv", "parquet"])
def test_data_larger_than_memory_are_sampled(tmp_path: Path, packed: bool) -> None:
    count = 60_000
    rng = np.random.default_rng(0)
    labels = np.where(rng.random(count) < 0.5, "often", "also")
    labels[:300] = "rare"
    columns = {f"x{at}": rng.random(count).round(6) for at in range(9)} | {
        "y": labels[rng.permutation(count)]
    }
    if packed:
        files = {"a.parquet": parquet(columns)}
    else:
        rows = list(zip(*(data.tolist() for data in columns.values()), strict=True))
        files = {
            "a.csv": as_csv(list(columns), rows[:30_000]),
            "b.csv.gz": gzip.compress(as_csv(list(columns), rows[30_000:])),
        }
    analysis = run(tmp_path, files, MemoryMB=40, ProblemType="MulticlassClassification", Objective="Accuracy")
    assert analysis["TotalRows"] == count
    assert 10_000 < analysis["Rows"] < 40_000
    assert analysis["ClassCounts"]["rare"] == 300
    assert analysis["Sampled"] in analysis["Warnings"]
    assert "The input has 60,000 rows" in analysis["Sampled"]
    assert "All rows of the 1 class(es)" in analysis["Sampled"]
    assert len(chunk(tmp_path, "train")) + len(chunk(tmp_path, "validation")) == analysis["Rows"]


def test_repeated_rows_are_counted_and_warned_of(tmp_path: Path) -> None:
    rows = [(at % 50 / 3, ["no", "yes"][at % 2]) for at in range(500)]
    analysis = run(tmp_path, {"a.csv": as_csv(["x", "y"], rows)})
    assert analysis["DuplicateRows"] == 450
    assert "450 of 500 rows (90%) repeat an earlier row" in analysis["Warnings"][0]


def test_of_very_many_columns_the_telling_ones_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (analysis_program, "_WIDE", 500),
        (analysis_program, "MOST_FEATURES", 100),
        (wide, "MOST_FEATURES", 100),
    ):
        monkeypatch.setattr(module, name, value)
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 1000, (60, 1100))
    names = [f"v{at}" for at in range(1100)]
    rows = [
        [*row, "red" if row[777] > 500 else "blue", ["no", "yes"][int(row[777] > 500)]]
        for row in numbers.tolist()
    ]
    analysis = run(tmp_path, {"a.csv": as_csv([*names, "colour", "y"], rows)})
    used = [one["Name"] for one in analysis["Columns"] if one["Used"]]
    assert len(used) == 100
    assert {"v777", "colour"} < set(used)
    assert "Of 1101 columns the 100 that tell most" in " ".join(analysis["Warnings"])
    left_out = next(at for at, one in enumerate(analysis["Columns"]) if not one["Used"])
    assert {row[left_out] for row in chunk(tmp_path, "train")} == {""}


BAD = {
    "identifier": (
        as_csv(["x", "y"], [(at % 9, f"name-{at}") for at in range(300)]),
        {},
        "Unable to infer the problem type of target attribute 'y' with high enough confidence",
    ),
    "classes of one row": (
        as_csv(["x", "y"], [(at % 9, f"name-{at}") for at in range(300)]),
        {"ProblemType": "MulticlassClassification"},
        "has one row only",
    ),
    "ten thousand classes": (
        as_csv(["x", "y"], [(at % 9, f"name-{at % 10_000}") for at in range(20_000)]),
        {"ProblemType": "MulticlassClassification"},
        "has 10000 classes; at most 2000",
    ),
    "ten thousand classes inferred": (
        as_csv(["x", "y"], [(at % 9, f"name-{at % 10_000}") for at in range(50_000)]),
        {},
        "holds text with 10000 different values in 50000 rows",
    ),
    "mixed encodings": (
        as_csv(["x", "y"], [(1, "ä"), (2, "b")]) + "3,é\r\n".encode("latin-1"),
        {},
        "byte 0xe9 in line 4",
    ),
    "nul bytes": (as_csv(["x", "y"], [(1, "a"), (2, "b\0")]), {}, "NUL bytes in line 3"),
    "broken off gzip": (gzip.compress(table())[:-30], {}, "looks gzipped but cannot be unpacked"),
    "workbook": (b"PK\x03\x04" + b"x" * 99, {}, "zip archive or an Excel workbook"),
    "open quote": (
        as_csv(["x", "y"], [(1, "a"), (2, "b")]) + b'3,"c\r\n4,d\r\n',
        {},
        "the quote that opens in line 4 is never closed",
    ),
    "no such weight": (table(), {"SampleWeightAttributeName": "y"}, "cannot be the target too"),
    "lists asked of a word": (
        table(),
        {"FeatureDataTypes": {"x": "vector"}},
        "type 'vector' of column 'x' is not offered",
    ),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_bad_input_is_explained(tmp_path: Path, case: str) -> None:
    data, request, words = BAD[case]
    with pytest.raises(AlgorithmError, match=words.replace("(", r"\(").replace(")", r"\)")):
        run(tmp_path, {"a.csv": data}, **request)
    assert not (tmp_path / "processing/output").exists()


def test_types_that_do_not_fit_are_warned_of(tmp_path: Path) -> None:
    given = {"state": "numeric", "x": "datetime", "k": "categorical"}
    analysis = run(
        tmp_path, {"a.csv": table(state=repeated("KS", "OH"), k=repeated(1, 2, 3))}, FeatureDataTypes=given
    )
    assert kinds(analysis) == {"x": "numeric", "state": "categorical", "k": "categorical", "y": "categorical"}
    warned = " ".join(analysis["Warnings"])
    assert "Column 'state': It was given as numeric, but none of its values is a number." in warned
    assert "Column 'x': It was given as datetime, but its values are dates in no known format." in warned


def test_all_text_rows_work(tmp_path: Path) -> None:
    words = ["good phone", "bad service and long waits", "never again", "very happy with it all"]
    rows = [(f"{words[at % 4]} number {at}", ["bad", "good"][at % 2]) for at in range(400)]
    analysis = run(tmp_path, {"a.txt": as_csv(["review", "y"], rows)})
    assert kinds(analysis)["review"] == "text"
    assert feature_groups(tmp_path)["text"] == ["review"]


def test_a_target_that_numbers_the_rows_is_warned_of(tmp_path: Path) -> None:
    rows = [(at % 9 / 7, at) for at in range(300)]
    analysis = run(tmp_path, {"a.csv": as_csv(["x", "y"], rows)})
    assert analysis["ProblemType"] == "Regression"
    assert "numbers the rows" in analysis["Warnings"][0]
