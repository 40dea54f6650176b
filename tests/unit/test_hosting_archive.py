"""Unpacking model archives: good ones whole, hostile ones not at all."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from smstudio_ext.engine.hosting.archive import ModelArchiveError, extract_model


def write_archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def test_files_and_folders_are_unpacked(tmp_path: Path) -> None:
    archive = write_archive(
        tmp_path / "model.tar.gz",
        (member("code", tarfile.DIRTYPE), b""),
        (member("./xgboost-model"), b"trees"),
        (member("code/inference.py"), b"print()"),
    )
    assert extract_model(archive, tmp_path / "model") == 2
    assert (tmp_path / "model" / "xgboost-model").read_bytes() == b"trees"
    assert (tmp_path / "model" / "code" / "inference.py").read_bytes() == b"print()"


def test_what_was_there_before_is_gone(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").touch()
    extract_model(write_archive(tmp_path / "a", (member("new"), b"1")), tmp_path / "model")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (member("../evil"), "leads out"),
        (member("a/../../evil"), "leads out"),
        (member("/etc/evil"), "leads out"),
        (member("soft", tarfile.SYMTYPE, "/etc/passwd"), "link"),
        (member("hard", tarfile.LNKTYPE, "good"), "link"),
        (member("device", tarfile.CHRTYPE), "special file"),
        (member("pipe", tarfile.FIFOTYPE), "special file"),
    ],
)
def test_hostile_members_are_refused_and_nothing_stays(
    tmp_path: Path, bad: tarfile.TarInfo, word: str
) -> None:
    archive = write_archive(tmp_path / "a", (member("good"), b"1"), (bad, b""))
    with pytest.raises(ModelArchiveError, match=word):
        extract_model(archive, tmp_path / "in" / "model")
    assert not (tmp_path / "in" / "model").exists()
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "in" / "evil").exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00 cut gzip"])
def test_what_is_no_archive_is_said_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ModelArchiveError, match=r"not a gzipped tar archive"):
        extract_model(tmp_path / "a", tmp_path / "model")


def test_truncated_archive_is_refused(tmp_path: Path) -> None:
    whole = write_archive(tmp_path / "a", (member("big"), bytes(range(256)) * 4000)).read_bytes()
    (tmp_path / "b").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelArchiveError):
        extract_model(tmp_path / "b", tmp_path / "model")


def test_a_name_used_as_file_and_folder_is_refused(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a", (member("x"), b"1"), (member("x/y"), b"2"))
    with pytest.raises(ModelArchiveError, match="twice"):
        extract_model(archive, tmp_path / "model")
