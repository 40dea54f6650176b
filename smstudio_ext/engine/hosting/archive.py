"""Unpacks a model.tar.gz that somebody else made, without letting it out of its folder."""

from __future__ import annotations

import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath


class ModelArchiveError(Exception):
    """The model data is not an archive that may be unpacked; the text says what is wrong with it."""


def extract_model(archive: Path, destination: Path) -> int:
    """Unpacks a gzipped tar file of regular files and folders.

    Links, devices, absolute names and names that lead out of the folder are refused, and so is everything that
    is not a gzipped tar file. Nothing of a refused archive is left behind.

    Args:
        archive: the model.tar.gz.
        destination: folder to make; what was there before is taken away.

    Returns:
        How many files were written.

    Raises:
        ModelArchiveError: the archive is broken or hostile.
    """
    shutil.rmtree(destination, ignore_errors=True)
    destination.mkdir(parents=True)
    try:
        with tarfile.open(archive, "r|gz") as tar:
            return sum(_extract_member(tar, member, destination) for member in tar)
    except ModelArchiveError:
        shutil.rmtree(destination, ignore_errors=True)
        raise
    except (tarfile.TarError, EOFError, zlib.error, UnicodeDecodeError) as error:
        shutil.rmtree(destination, ignore_errors=True)
        raise ModelArchiveError(
            f"The model data is not a gzipped tar archive (model.tar.gz): {error}"
        ) from error
    except OSError as error:
        shutil.rmtree(destination, ignore_errors=True)
        if error.errno is None:  # gzip.BadGzipFile is an OSError without a number
            raise ModelArchiveError(
                f"The model data is not a gzipped tar archive (model.tar.gz): {error}"
            ) from error
        raise


def _extract_member(tar: tarfile.TarFile, member: tarfile.TarInfo, destination: Path) -> int:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\0" in member.name:
        raise ModelArchiveError(
            f"The model archive holds a name that leads out of its folder: {member.name!r}."
        )
    target = destination.joinpath(*path.parts)
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    if not member.isreg():
        kind = "link" if member.issym() or member.islnk() else "special file"
        raise ModelArchiveError(f"The model archive holds a {kind}, which is not allowed: {member.name!r}.")
    source = tar.extractfile(member)
    if source is None:
        raise ModelArchiveError(f"The model archive holds a file without content: {member.name!r}.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    except (IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        raise ModelArchiveError(f"The model archive uses a name twice: {member.name!r}.") from error
    target.chmod(0o755 if member.mode & 0o100 else 0o644)
    return 1
