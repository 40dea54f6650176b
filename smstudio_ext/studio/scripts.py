"""Packs the user's own program as the SageMaker SDK does and sends it to S3."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from smstudio_ext.studio.buckets import ensure_bucket
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

MAX_BYTES = 512 * 1024 * 1024
_SKIPPED = frozenset({".git", ".hg", ".svn", "__pycache__", ".ipynb_checkpoints", "node_modules", ".venv"})


def entry_point_of(path: Path, entry_point: str | None) -> str:
    """The program inside what is packed: the file itself, or the named one of a folder.

    Raises:
        BadInput: a folder without a program of that name.
    """
    if path.is_file():
        return path.name
    if not entry_point:
        raise BadInput(
            "Name the program inside the folder.", fields=[("script.entry_point", "is required for a folder")]
        )
    if ".." in Path(entry_point).parts or not (path / entry_point).is_file():
        text = f"the folder {path.name!r} has no file {entry_point!r}"
        raise BadInput(text, fields=[("script.entry_point", text)])
    return entry_point


def send_script(target: Target, path: Path, name: str) -> str:
    """Packs a file or folder as `sourcedir.tar.gz` and sends it to the default bucket.

    Args:
        name: the job's name; the object is `<name>/source/sourcedir.tar.gz`.

    Returns:
        The object's S3 URI.

    Raises:
        BadInput: there is more than 512 MiB to pack.
    """
    bucket, _ = ensure_bucket(target, None)
    key = f"{name}/source/sourcedir.tar.gz"
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as archive:
            _add(archive, path)
        packed.seek(0)
        target.client("s3").upload_fileobj(packed, bucket, key, ExtraArgs={"ContentType": "application/gzip"})
    return f"s3://{bucket}/{key}"


def source_location(target: Target, name: str) -> str:
    """Where `send_script` would put the archive."""
    return f"s3://{target.default_bucket()}/{name}/source/sourcedir.tar.gz"


def _add(archive: tarfile.TarFile, path: Path) -> None:
    size = 0
    members = [path] if path.is_file() else sorted(path.rglob("*"))
    root = path.parent if path.is_file() else path
    for member in members:
        relative = member.relative_to(root)
        if _SKIPPED.intersection(relative.parts) or member.is_symlink() or not member.is_file():
            continue
        size += member.stat().st_size
        if size > MAX_BYTES:
            text = f"holds more than {MAX_BYTES // 1024 // 1024} MiB; give a folder with the program alone"
            raise BadInput(f"{path.name!r} {text}.", fields=[("script.path", text)])
        archive.add(member, arcname=str(relative), recursive=False)
