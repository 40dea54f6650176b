"""Looking into CSV files: real bytes, real files."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest

from smstudio_ext.studio.csv_preview import count_records, read_table
from smstudio_ext.studio.data import preview_file
from smstudio_ext.studio.files import file_below
from smstudio_ext.studio.models.data import DataPreview, PreviewRequest
from smstudio_ext.studio.problems import BadInput, Missing, NotOffered
from smstudio_ext.studio.samples import sample_csv

if TYPE_CHECKING:
    from pathlib import Path


def preview(tmp_path: Path, data: bytes, name: str = "data.csv") -> DataPreview:
    path = tmp_path / name
    path.write_bytes(data)
    return preview_file(path, PreviewRequest(source=name))


def codes(found: DataPreview) -> dict[str, str]:
    return {warning.code: warning.severity for warning in found.warnings}


def rows(count: int, row: str = "a,1") -> str:
    return "".join(f"{row}\n" for _ in range(count))


def test_kinds_of_columns_are_inferred(tmp_path: Path) -> None:
    lines = ["id,when,flag,word,note,gone,price,mixed"]
    for i in range(600):
        lines.append(
            f"{i},2024-01-{i % 28 + 1:02d},{'yes' if i % 2 else 'no'},w{i % 7},text number {i},,{i}.5,{i if i else 'x'}"
        )
    found = preview(tmp_path, "\n".join(lines).encode())
    assert {column.name: column.kind for column in found.columns} == {
        "id": "numeric",
        "when": "datetime",
        "flag": "boolean",
        "word": "categorical",
        "note": "text",
        "gone": "empty",
        "price": "numeric",
        "mixed": "text",
    }
    assert (found.row_count, found.row_count_exact, found.header) == (600, True, True)
    assert found.warnings == []
    assert found.columns[5].missing == 600
    assert found.columns[3].distinct == 7


def test_samples_have_no_warnings(tmp_path: Path) -> None:
    for name in ("churn", "bank", "houses", "wheat"):
        found = preview(tmp_path, sample_csv(name))
        assert found.warnings == [], name
        assert found.header


@pytest.mark.parametrize(
    ("data", "code", "severity"),
    [
        (b"", "empty", "error"),
        (b"a,b\n", "no_rows", "error"),
        (f"1,2.5\n{rows(600, '3,4')}".encode(), "no_header", "error"),
        (f"x,y\n{rows(499)}".encode(), "few_rows", "warning"),
        (f"x,x\n{rows(600)}".encode(), "duplicate_names", "error"),
        (f"x,\n{rows(600)}".encode(), "empty_names", "warning"),
        (f"x,y\n{rows(600)}a,1,2\n".encode(), "ragged", "error"),
        (f'x,y\n{rows(600)}"two\nlines",1\n'.encode(), "quoted_newlines", "info"),
        (f"x,y\n{rows(600)}a,-inf\n".encode(), "infinities", "warning"),
        (f"x,y\n{rows(600)}é,1\n".encode("latin-1"), "encoding", "error"),
        (f"x,y\n{rows(600)}".encode("utf-16"), "encoding", "error"),
        (f"x;y\n{rows(600, 'a;1')}".encode(), "delimiter", "error"),
        (b"x\ty\n" + b"a\t1\n" * 600, "delimiter", "error"),
        (b"\x00\x01\x02" * 100, "not_csv", "error"),
        (b'x,y\n"never closed,1\n' + b"a,1\n" * 600, "not_csv", "error"),
        (
            (",".join(f"c{i}" for i in range(5000)) + "\n" + rows(3, ",".join("1" * 5000))).encode(),
            "many_columns",
            "warning",
        ),
    ],
)
def test_bad_data_is_named(tmp_path: Path, data: bytes, code: str, severity: str) -> None:
    assert codes(preview(tmp_path, data)).get(code) == severity


def test_ragged_rows_are_counted_and_located(tmp_path: Path) -> None:
    found = preview(tmp_path, f"x,y\n{rows(600)}a\nb,1,2\n".encode())
    message = next(warning.message for warning in found.warnings if warning.code == "ragged")
    assert message == "2 rows do not have 2 columns; the first is record 602."


def test_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    found = preview(tmp_path, b"\xef\xbb\xbfx,y\n" + b"a,1\n" * 600)
    assert found.columns[0].name == "x"
    assert found.warnings == []


def test_gzip_is_read_and_a_cut_one_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(sample_csv("churn"))
    found = preview(tmp_path, packed, "churn.csv.gz")
    assert (found.compression, found.row_count, found.size) == ("Gzip", 3333, len(packed))
    with pytest.raises(BadInput, match="not a whole gzip file"):
        preview(tmp_path, packed[:1000], "cut.csv.gz")
    with pytest.raises(BadInput, match="not a whole gzip file"):
        preview(tmp_path, b"x,y\n1,2\n", "no.csv.gz")


def test_large_files_are_counted_but_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smstudio_ext.studio.data.WHOLE_BYTES", 10_000)
    body = b"name,note\n" + b'a,"two\nlines, ""quoted"""\n' * 3000 + b"\n\nlast,one"
    found = preview(tmp_path, body)
    assert (found.row_count, found.row_count_exact) == (3001, True)
    assert 0 < found.rows_read < 1000
    assert found.columns[1].examples == ['two\nlines, "quoted"']


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"\n\r\n\n", 0),
        (b"a", 1),
        (b"a\nb\n", 2),
        (b"a\r\n\r\nb", 2),
        (b'"a\n\nb"\n"c"', 2),
        (b'"a ""x\n"" b",1\n2,3\n', 2),
        (b'""\n\na\n', 2),
    ],
)
def test_records_are_counted_as_a_csv_reader_does(data: bytes, expected: int) -> None:
    for size in (1, 3, 1024):
        stream = io.BytesIO(data)
        chunked = type("Chunked", (), {"read": lambda self, _, stream=stream, size=size: stream.read(size)})()
        assert count_records(chunked) == expected


def test_cut_head_leaves_the_last_record_out() -> None:
    table = read_table(b"x,y\n1a,2\n3b,4\n5c", whole=False)
    assert table.rows == [["1a", "2"], ["3b", "4"]]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.csv",
        "/../secret.csv",
        "a/../../secret.csv",
        "link.csv",
        ".hidden.csv",
        "folder",
        "x\0y",
        "n" * 300,
    ],
)
def test_paths_stay_inside_the_root(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("x\n1\n")
    (root / ".hidden.csv").write_text("x\n1\n")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises((BadInput, Missing)):
        file_below(root, path)


def test_paths_inside_the_root_are_found(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "ü.csv").write_text("x\n1\n")
    assert file_below(tmp_path, "/folder/ü.csv") == (tmp_path / "folder" / "ü.csv").resolve()
    assert file_below(tmp_path, "folder/../folder/ü.csv").name == "ü.csv"
    with pytest.raises(Missing):
        file_below(tmp_path, "folder/none.csv")
    with pytest.raises(NotOffered):
        file_below(None, "folder/ü.csv")
