"""Blob files: written aside, renamed, fsynced; one file a row of the index, so an unlink never asks who else uses it."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from smstudio_ext.engine.store.objects.failures import StorageFull

CHUNK = 1 << 20
# kept free for the data base and the logs when a body of known size arrives
_RESERVE = 16 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
# so much is handed to the disk at a time while more arrives; the fsync at the end then waits for little
_FLUSH = 8 << 20


class BlobStore:
    """The folder of blob files.

    A blob's name is `<run>-<n>`: `run` is new at each start, so the sweep of what a crash left behind never
    meets files of this run.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._aside = directory / "aside"
        self._run = f"{time.time_ns():x}"
        self._numbers = itertools.count()
        shutil.rmtree(self._aside, ignore_errors=True)
        self._aside.mkdir(parents=True, mode=0o700)
        self._shards: set[str] = set()

    def path(self, blob: str) -> Path:
        """The file of a blob."""
        return self.directory / blob[-2:] / blob

    def writer(self, expected: int | None = None) -> BlobWriter:
        """A new blob to write.

        Args:
            expected: size to come, if known.

        Raises:
            StorageFull: it cannot fit.
        """
        with full_disk_is_clear(self.directory):
            if expected and expected + _RESERVE > shutil.disk_usage(self.directory).free:
                raise StorageFull(str(self.directory))
            return BlobWriter(self, self._new_name(), self._aside)

    def link(self, path: Path) -> str:
        """A new blob with the bytes of a file that nobody changes: a hard link where the disk can, else a copy."""
        name = self._new_name()
        target = self._target(name)
        with full_disk_is_clear(self.directory):
            try:
                os.link(path, target)
            except OSError as error:
                if isinstance(error, FileNotFoundError):
                    raise
                return self.copy(path)
            _sync(target)
        return name

    def copy(self, path: Path, offset: int = 0, length: int | None = None) -> str:
        """A new blob with (part of) a file's bytes."""
        return self.concatenate([(path, offset, length)])

    def concatenate(self, pieces: Iterable[tuple[Path, int, int | None]]) -> str:
        """A new blob with the bytes of several pieces (path, offset, length) in a row."""
        with self.writer() as writer:
            for path, offset, length in pieces:
                with path.open("rb") as source:
                    size = os.fstat(source.fileno()).st_size - offset if length is None else length
                    writer.copy_from(source, offset, size)
            return writer.commit()

    def delete(self, blobs: Iterable[str]) -> None:
        """Removes blobs; open readers go on reading."""
        for blob in blobs:
            self.path(blob).unlink(missing_ok=True)

    def sweep(self, is_used: Callable[[list[str]], set[str]]) -> int:
        """Removes blobs of earlier runs that no row names (a crash came between file and row).

        Args:
            is_used: of some blob names, those that rows name.

        Returns:
            number of removed files.
        """
        removed = 0
        for names in _batches(self._old_names(), 500):
            used = is_used(names)
            unused = [name for name in names if name not in used]
            self.delete(unused)
            removed += len(unused)
        return removed

    def _old_names(self) -> Iterator[str]:
        for shard in sorted(self.directory.iterdir()):
            if shard.name == "aside" or not shard.is_dir():
                continue
            with os.scandir(shard) as entries:
                for entry in entries:
                    if not entry.name.startswith(f"{self._run}-"):
                        yield entry.name

    def _new_name(self) -> str:
        return f"{self._run}-{next(self._numbers):06x}"

    def _target(self, name: str) -> Path:
        path = self.path(name)
        if path.parent.name not in self._shards:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            self._shards.add(path.parent.name)
        return path


class BlobWriter:
    """One blob that is being written; leaves nothing behind unless `commit` was reached.

    Errors of a full disk come as `StorageFull`.
    """

    def __init__(self, blobs: BlobStore, name: str, aside: Path) -> None:
        self._blobs = blobs
        self.name = name
        self.path = aside / name
        self.size = 0
        self._flushed = 0
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._open = True
        self._committed = False

    def __enter__(self) -> BlobWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def write(self, data: bytes | memoryview) -> None:
        """Appends bytes."""
        view = memoryview(data)
        with full_disk_is_clear(self._blobs.directory):
            while view:
                written = os.write(self._descriptor, view)
                self.size += written
                view = view[written:]
        self._flush()

    def copy_from(self, source: BinaryIO, offset: int, length: int) -> None:
        """Appends part of a file, inside the kernel where it can."""
        with full_disk_is_clear(self._blobs.directory):
            while length > 0 and hasattr(os, "copy_file_range"):
                try:
                    copied = os.copy_file_range(
                        source.fileno(), self._descriptor, min(length, 8 * _FLUSH), offset
                    )
                except OSError as error:
                    if error.errno in _FULL:
                        raise
                    break  # not between these file systems
                if copied == 0:
                    break
                offset, length, self.size = offset + copied, length - copied, self.size + copied
                self._flush()
        source.seek(offset)
        while length > 0:
            data = source.read(min(CHUNK, length))
            if not data:
                raise EOFError(f"file is {length} bytes shorter than expected")
            self.write(data)
            length -= len(data)

    def commit(self) -> str:
        """Gives the blob its final name and puts it on disk; its row may then be written."""
        target = self._blobs._target(self.name)
        with full_disk_is_clear(self._blobs.directory):
            os.fchmod(self._descriptor, 0o444)
            # rename before fsync: journalling file systems then write data, inode and name in one go
            os.rename(self.path, target)
            self._committed = True
            os.fsync(self._descriptor)
        self._close()
        return self.name

    def discard(self) -> None:
        """Drops what was written, unless it was committed."""
        self._close()
        if not self._committed:
            self.path.unlink(missing_ok=True)

    def _flush(self) -> None:
        """Starts to write what is not on its way to the disk yet; does not wait."""
        if self.size - self._flushed >= _FLUSH and hasattr(os, "posix_fadvise"):
            # on pages that are dirty, Linux takes this as "write them now"; they stay in memory
            os.posix_fadvise(
                self._descriptor, self._flushed, self.size - self._flushed, os.POSIX_FADV_DONTNEED
            )
            self._flushed = self.size

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)


class full_disk_is_clear:  # reads as a statement: `with full_disk_is_clear(place):`
    """Turns the operating system's "no space left" into `StorageFull`."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise StorageFull(str(self._place)) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _batches(names: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(itertools.islice(names, size)):
        yield batch
