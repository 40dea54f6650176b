"""Readers and writers of SageMaker's formats: what they read, and what they say of data that are not so."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from smstudio_ext import formats
from smstudio_ext.formats import recordio
from smstudio_ext.formats.tables import stack_tables


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys; from smstudio_ext import formats; print('numpy' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "False"
    )
    assert formats.read_csv.__name__ == "read_csv"
    with pytest.raises(AttributeError):
        formats.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2,3\n0,4,5\n", [[2, 3], [4, 5]]),
        ("1;2;3\n0;4;5", [[2, 3], [4, 5]]),
        ("1\t2\t3\r\n0\t4\t5\r\n", [[2, 3], [4, 5]]),
        ("1 2 3\n0 4 5\n", [[2, 3], [4, 5]]),
        ('"1","2","3"\n\n"0", "+4", " 5"\n', [[2, 3], [4, 5]]),
        ("1,2,\n0,,5\n", [[2, np.nan], [np.nan, 5]]),
        ("1,1e3,-inf\n0,NaN,NA\n", [[1000, -np.inf], [np.nan, np.nan]]),
        ("\ufeff1,2,3\n0,4,5\n", [[2, 3], [4, 5]]),
    ],
)
def test_csv_is_read_as_the_image_reads_it(tmp_path: Path, text: str, rows: list[list[float]]) -> None:
    for content in (text.encode(), gzip.compress(text.encode())):
        path = tmp_path / "data.csv"
        path.write_bytes(content)
        table = formats.read_csv(path)
        np.testing.assert_array_equal(table.features, np.asarray(rows, dtype=np.float32))
        np.testing.assert_array_equal(table.labels, [1, 0])
        assert table.features.dtype == np.float32


def test_csv_columns_follow_label_size_and_weights() -> None:
    data = b"1,2,3\n4,5,6\n"
    assert formats.read_csv(data, label_size=0).features.shape == (2, 3)
    assert formats.read_csv(data, label_size=0).labels.size == 0
    weighted = formats.read_csv(data, weights=True)
    assert weighted.weights is not None
    assert (weighted.weights.tolist(), weighted.features.tolist()) == ([2, 5], [[3], [6]])


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        (
            "age,job\n1,2\n",
            "Non-numeric value 'age' found in the header line 'age,job...' of CSV file 'd.csv'",
            1,
        ),
        ("1,2,3\n4,5\n7,8,9\n", "line 2: the row has 2 columns, the first row has 3", 2),
        ("1,2\n3,4\n5,6,7\n", "line 3: the row has 3 columns", 3),
        ("1,2\n\n3,x\n", "line 3, column 2 holds 'x'", 3),
        ("1\n2\n", "no feature is left beside the label", None),
        ("\n", "begins with an empty line", None),
    ],
)
def test_bad_csv_is_named_with_file_and_line(text: str, words: str, line: int | None) -> None:
    with pytest.raises(formats.FormatError, match=words) as caught:
        formats.read_csv(text.encode(), name="d.csv")
    assert caught.value.line == line


def test_csv_streams_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smstudio_ext.formats.csv_files._BLOCK", 16)
    rows = [[float(number % 2), float(number), 0.5] for number in range(50)]
    data = "".join(",".join(map(str, row)) + "\n" for row in rows).encode().rstrip(b"\n")
    tables = list(formats.read_csv_stream(io.BytesIO(data)))
    assert len(tables) > 5
    np.testing.assert_array_equal(stack_tables(tables).features, np.asarray(rows)[:, 1:])
    with pytest.raises(formats.FormatError, match="line 40"):
        list(formats.read_csv_stream(io.BytesIO(data.replace(b"39.0", b"39.0,1"))))


def test_written_csv_reads_back(tmp_path: Path) -> None:
    features = np.array([[1.5, np.nan], [-2e-7, 3]], dtype=np.float32)
    formats.write_csv(features, [0, 1], tmp_path / "out.csv")
    table = formats.read_csv(tmp_path / "out.csv")
    np.testing.assert_array_equal(table.features, features)
    np.testing.assert_array_equal(table.labels, [0, 1])


def test_libsvm_with_weights_and_groups() -> None:
    table = formats.read_libsvm(b"1:0.5 qid:1 0:1 3:2\n0:2 qid:2 1:4\n")
    assert table.features.toarray().tolist() == [[1, 0, 0, 2], [0, 4, 0, 0]]
    assert table.weights is not None
    assert table.groups is not None
    assert (table.weights.tolist(), table.groups.tolist()) == ([0.5, 2], [1, 2])
    features = sparse.random(30, 9, 0.3, format="csr", dtype=np.float32, random_state=1)
    back = formats.read_libsvm(formats.write_libsvm(features, np.arange(30)))
    back.features.resize(features.shape)
    np.testing.assert_allclose(back.features.toarray(), features.toarray(), rtol=1e-6)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"1 0:1\n0 a:b\n", "line 2 '0 a:b...' is not in LIBSVM format"),
        (b"1 3:1 2:1\n", "line 1"),
        (b"1,2,3\n", "line 1"),
        (b"1:1 0:1\n0 0:2\n", "some rows have a weight"),
    ],
)
def test_bad_libsvm_is_named(data: bytes, words: str) -> None:
    with pytest.raises(formats.FormatError, match=words):
        formats.read_libsvm(data, name="d.libsvm")


def parquet_bytes(columns: dict[str, Any], **options: Any) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def test_parquet_reads_numbers_of_every_type() -> None:
    data = parquet_bytes({"y": [1, 0, 1], "a": [1.5, None, 3], "b": [True, False, True]}, row_group_size=2)
    table = formats.read_parquet(data)
    np.testing.assert_array_equal(table.features, np.array([[1.5, 1], [np.nan, 0], [3, 1]], dtype=np.float32))
    assert table.labels.tolist() == [1, 0, 1]
    assert formats.read_parquet(data, label_size=0).features.shape == (3, 3)
    with pytest.raises(formats.FormatError, match="column 'b' is of type string"):
        formats.read_parquet(parquet_bytes({"a": [1], "b": ["x"]}))
    with pytest.raises(formats.FormatError, match="cannot be read"):
        formats.read_parquet(b"PAR1", name="x")
    with pytest.raises(formats.FormatError, match="no feature"):
        formats.read_parquet(parquet_bytes({"y": [1]}))


def test_jsonlines_names_the_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    assert formats.write_jsonlines([{"a": 1}, [2]], path) == 2
    assert list(formats.read_jsonlines(path)) == [{"a": 1}, [2]]
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert list(formats.read_jsonlines(path)) == [{"a": 1}, [2]]
    with pytest.raises(formats.FormatError, match="line 3") as caught:
        list(formats.read_jsonlines(b'{"a": 1}\n\n{"a": \n', name="x.jsonl"))
    assert caught.value.line == 3


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_recordio_streams_files_of_any_length(tmp_path: Path, kind: str) -> None:
    features: Any = np.random.default_rng(0).normal(size=(500, 7)).astype(np.float32)
    if kind == "sparse":
        features = sparse.random(500, 3000, 0.05, format="csr", dtype=np.float32, random_state=1)
    path = tmp_path / "data.pbr"
    assert formats.write_recordio(path, features, np.arange(500)) == path.stat().st_size
    tables = list(formats.iterate_recordio(path, block_bytes=4096))
    assert len(tables) > 3
    whole = stack_tables(tables)
    assert whole.labels.tolist() == list(range(500))
    mine, other = (part.toarray() if sparse.issparse(part) else part for part in (whole.features, features))
    np.testing.assert_array_equal(mine, other)
    np.testing.assert_array_equal(formats.read_recordio(path).labels, np.arange(500))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(formats.FormatError, match="end inside a record"):
        list(formats.iterate_recordio(path))


def test_recordio_answers_read_back() -> None:
    rows = [{"score": 0.25}, {"predicted_label": 1.0, "probabilities": [0.25, 0.75]}]
    back = recordio.read_labels(recordio.write_labels(rows))
    assert [{key: value.tolist() for key, value in row.items()} for row in back] == [
        {"score": [0.25]},
        {"predicted_label": [1.0], "probabilities": [0.25, 0.75]},
    ]


def test_mxnet_files_are_told_apart(tmp_path: Path) -> None:
    from smstudio_ext.formats import mxnet

    (tmp_path / "model_algo-1").write_bytes(mxnet.write([np.ones((2, 3), dtype=np.float32)]))
    found = formats.read_mxnet(tmp_path / "model_algo-1")
    assert isinstance(found, list)
    assert found[0].shape == (2, 3)
    with pytest.raises(formats.FormatError, match="the data"):
        formats.read_mxnet(b"nothing of the kind")
