"""Folders of running jobs that are kept in S3: checkpoints, TensorBoard files, tensors of the debugger hook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smstudio_ext.engine.runtime.artifacts import store_file
from smstudio_ext.engine.store.objects import NoSuchBucket

if TYPE_CHECKING:
    from smstudio_ext.engine.store.objects import ObjectStore, S3Location

_Facts = tuple[int, int]  # size, mtime_ns


class FolderSync:
    """Stores the files of one folder under a prefix, each time they have changed.

    Args:
        folder: files below it are stored; deleting one does not delete its object (as AWS's agent does it).
        location: prefix of the objects.
    """

    def __init__(self, objects: ObjectStore, folder: Path, location: S3Location) -> None:
        self._objects = objects
        self._folder = folder
        self._location = location
        self._seen: dict[Path, _Facts] = {}
        self._stored: dict[Path, _Facts] = {}

    def look(self) -> int:
        """Stores files that have changed but did not since the last look, so are probably whole; returns how many.

        Raises:
            JobFailure: the bucket is gone.
        """
        now = self._files()
        ripe = [path for path, facts in now.items() if self._seen.get(path) == facts]
        self._seen = now
        return self._store(ripe, now)

    def finish(self) -> int:
        """Stores every file that has changed; for a job that has ended.

        Raises:
            JobFailure: the bucket is gone.
        """
        now = self._files()
        return self._store(list(now), now)

    def _files(self) -> dict[Path, _Facts]:
        found: dict[Path, _Facts] = {}
        for path in sorted(self._folder.rglob("*")):
            try:
                if path.is_file() and not path.is_symlink():
                    facts = path.stat()
                    found[path] = (facts.st_size, facts.st_mtime_ns)
            except OSError:  # deleted meanwhile
                continue
        return found

    def _store(self, paths: list[Path], facts: dict[Path, _Facts]) -> int:
        count = 0
        for path in paths:
            if self._stored.get(path) == facts[path]:
                continue
            place = self._location.child(path.relative_to(self._folder).as_posix())
            if path not in self._stored and self._is_stored(place, facts[path]):
                self._stored[path] = facts[path]
                continue
            try:
                store_file(self._objects, path, place, move=False)
            except FileNotFoundError:  # deleted meanwhile
                continue
            self._stored[path] = facts[path]
            count += 1
        return count

    def _is_stored(self, place: S3Location, facts: _Facts) -> bool:
        """Whether an engine before this one stored the file as it is."""
        try:
            info = self._objects.head(place.bucket, place.key)
        except NoSuchBucket:
            return False
        return info is not None and info.size == facts[0] and info.modified * 1e9 > facts[1]
