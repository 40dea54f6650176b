"""Unpacks a model archive of a stranger into a folder of its own, or says what is wrong with it."""

from __future__ import annotations

import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

MOST_BYTES = 32 << 30
MOST_FILES = 100_000


class ArchiveError(Exception):
    """The file is no model archive that may be opened; the text says why."""


def unpack(archive: Path, folder: Path) -> dict[str, int]:
    """Unpacks regular files of a tar archive, gzipped or not; a file that is none is taken as the model itself.

    Args:
        archive: model.tar.gz, or a bare model file.
        folder: where to put the files; must exist and be empty.

    Returns:
        Size in bytes of each file by its name.

    Raises:
        ArchiveError: no file, an empty or broken archive, names that lead out of it, links or devices in it.
    """
    if not archive.is_file():
        raise ArchiveError(f"There is no file '{archive}'.")
    if archive.stat().st_size == 0:
        raise ArchiveError(f"'{archive.name}' is empty.")
    with archive.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    if not zipped and not tarfile.is_tarfile(archive):
        shutil.copyfile(archive, folder / archive.name)
        return {archive.name: archive.stat().st_size}
    try:
        with tarfile.open(archive, "r|*") as tar:
            files = _unpack_all(tar, folder)
    except (tarfile.TarError, EOFError, zlib.error, UnicodeDecodeError, OSError) as error:
        raise ArchiveError(f"'{archive.name}' is no gzipped tar archive (model.tar.gz): {error}") from error
    if not files:
        raise ArchiveError(f"'{archive.name}' is an archive without files.")
    return files


def _unpack_all(tar: tarfile.TarFile, folder: Path) -> dict[str, int]:
    files: dict[str, int] = {}
    total = 0
    for member in tar:
        parts = PurePosixPath(member.name).parts
        if member.name.startswith("/") or ".." in parts or "\0" in member.name:
            raise ArchiveError(
                f"The archive holds a name that leads out of its folder: {member.name!r}. Nothing of it was kept."
            )
        if member.isdir():
            continue
        if not member.isreg():
            kind = "link" if member.issym() or member.islnk() else "special file"
            raise ArchiveError(f"The archive holds a {kind}, which a model has no use for: {member.name!r}.")
        total += member.size
        if total > MOST_BYTES or len(files) >= MOST_FILES:
            raise ArchiveError("The archive unpacks to more than a model can be; it was not opened further.")
        name = "/".join(parts)
        _write(tar, member, folder.joinpath(*parts))
        files[name] = member.size
    return files


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    source = tar.extractfile(member)
    if source is None:
        raise ArchiveError(f"The archive holds a file without content: {member.name!r}.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    except (IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        raise ArchiveError(f"The archive uses a name twice: {member.name!r}.") from error
