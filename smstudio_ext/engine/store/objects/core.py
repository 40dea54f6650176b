"""The object store: buckets and objects on this disk, used by the S3 wire and by jobs alike."""

from __future__ import annotations

import io
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from smstudio_ext.engine.store.objects import index
from smstudio_ext.engine.store.objects.blobs import CHUNK, BlobWriter
from smstudio_ext.engine.store.objects.buckets import BucketStore
from smstudio_ext.engine.store.objects.digests import digest_of
from smstudio_ext.engine.store.objects.failures import (
    NoSuchBucket,
    NoSuchKey,
)
from smstudio_ext.engine.store.objects.locations import check_key
from smstudio_ext.engine.store.objects.multipart import Multipart
from smstudio_ext.engine.store.objects.records import Attributes, ObjectInfo
from smstudio_ext.engine.store.resources import Store

Condition = Callable[[ObjectInfo | None], None]
"""Looks at the object that is there (None: none) inside the transaction; raises an AwsError to refuse."""

_PAGE = 1000


class ObjectStore(BucketStore):
    """Buckets and objects. All methods are safe from any thread and may block on the disk.

    An object is there as a whole or not at all: its bytes are on disk before its row, and its row before
    the call returns. Who has opened an object reads it to its end even when it is overwritten meanwhile.

    Args:
        store: its data base holds the index.
        data_dir: blobs live in `blobs/` below it.
    """

    def __init__(self, store: Store, data_dir: Path) -> None:
        super().__init__(store, data_dir)
        self.workers = ThreadPoolExecutor(8, thread_name_prefix="s3")
        """Threads for who must not block (the S3 wire on the event loop)."""
        self.hashers = ThreadPoolExecutor(2, thread_name_prefix="s3-hash")
        """Threads that only compute; work in `workers` may wait for them."""
        self.multipart = Multipart(self, self._database, self._commits, self._blobs, self._clock)
        self._sweeper = threading.Thread(target=self.sweep, name="s3-sweep", daemon=True)
        self._sweeper.start()

    def close(self) -> None:
        """Waits for the threads."""
        self.workers.shutdown()
        self.hashers.shutdown()
        self._sweeper.join()

    def sweep(self) -> int:
        """Removes blobs that a crash left without a row; runs by itself at each start."""

        def used(names: list[str]) -> set[str]:
            with self._database.read() as connection:
                return index.used_blobs(connection, names)

        return self._blobs.sweep(used)

    # Objects: writing

    def put_file(
        self,
        bucket: str,
        key: str,
        path: Path,
        *,
        move: bool = False,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
    ) -> ObjectInfo:
        """Stores a file as an object.

        Args:
            move: the file is given away: its bytes become the object's without a copy where that is safe, and it is gone once the
                object is there. Who is interrupted finds the file or the object, and may do it again.

        Raises:
            NoSuchBucket, KeyTooLong, StorageFull: as named; then nothing has changed.
        """
        check_key(key)
        self.require_bucket(bucket)
        # bytes with a second name, or behind a link, could change under the object: those are copied
        status = os.lstat(path)
        if move and status.st_nlink == 1 and not path.is_symlink():
            with path.open("rb") as source:
                digests = digest_of(_chunks(source))
            blob, size = self._blobs.link(path), digests.size
            self._blobs.path(blob).chmod(0o444)
        else:
            with self.writer() as writer, path.open("rb") as source:
                digests = digest_of(_written(writer, source))
                blob, size = writer.commit(), writer.size
        attributes = _attributes(content_type, metadata)
        info = self.commit_blob(bucket, key, blob, size, digests.etag, attributes)
        if move:
            path.unlink()
        return info

    def put_bytes(
        self,
        bucket: str,
        key: str,
        data: bytes,
        *,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
    ) -> ObjectInfo:
        """Stores bytes as an object.

        Raises:
            NoSuchBucket, KeyTooLong, StorageFull: as named; then nothing has changed.
        """
        check_key(key)
        self.require_bucket(bucket)
        with self.writer(len(data)) as writer:
            writer.write(data)
            blob = writer.commit()
        etag = digest_of([data]).etag
        return self.commit_blob(bucket, key, blob, len(data), etag, _attributes(content_type, metadata))

    def writer(self, expected: int | None = None) -> BlobWriter:
        """Where a body that arrives piece by piece goes; `commit_blob` then makes it an object."""
        return self._blobs.writer(expected)

    def commit_blob(
        self,
        bucket: str,
        key: str,
        blob: str,
        size: int,
        etag: str,
        attributes: Attributes,
        condition: Condition | None = None,
    ) -> ObjectInfo:
        """Makes a finished blob the object of a key; the last writer wins.

        On any error the blob is removed and the earlier object stays.

        Raises:
            NoSuchBucket: the bucket is not there (any more).
        """
        info = ObjectInfo(bucket, key, size, etag, self._clock.now(), self._blobs.path(blob), attributes)

        def work(connection: Connection) -> list[str]:
            return self.replace_row(connection, info, condition)

        try:
            old = self._commits.run(work)
        except BaseException:
            self._blobs.delete([blob])
            raise
        self._blobs.delete(old)
        return info

    def replace_row(
        self, connection: Connection, info: ObjectInfo, condition: Condition | None = None
    ) -> list[str]:
        """Inside a transaction: writes the row; returns blobs to remove after the commit."""
        if index.find_bucket(connection, info.bucket) is None:
            raise NoSuchBucket(info.bucket)
        old = index.find_object(connection, self._blobs, info.bucket, info.key)
        if condition is not None:
            condition(old)
        index.put_object(connection, info, replaces=old is not None)
        return [old.blob] if old is not None else []

    def update_attributes(
        self, bucket: str, key: str, change: Callable[[ObjectInfo], Attributes]
    ) -> ObjectInfo:
        """Changes what is kept beside the bytes (tags); the object's time stays.

        Raises:
            NoSuchBucket, NoSuchKey: as named.
        """

        def work(connection: Connection) -> ObjectInfo:
            if index.find_bucket(connection, bucket) is None:
                raise NoSuchBucket(bucket)
            info = index.find_object(connection, self._blobs, bucket, key)
            if info is None:
                raise NoSuchKey(key)
            changed = replace(info, attributes=change(info))
            index.put_object(connection, changed, replaces=True)
            return changed

        return self._commits.run(work)

    def copy(
        self,
        source: ObjectInfo,
        bucket: str,
        key: str,
        attributes: Attributes,
        *,
        etag: str | None = None,
        condition: Condition | None = None,
    ) -> ObjectInfo:
        """Makes an object of another's bytes, without copying them where the disk has hard links.

        Raises:
            NoSuchBucket, NoSuchKey: the target bucket, or the source, is not there (any more).
        """
        check_key(key)
        blob = self.copy_blob(source, 0, source.size)
        return self.commit_blob(bucket, key, blob, source.size, etag or source.etag, attributes, condition)

    def open_blob(self, info: ObjectInfo) -> io.FileIO:
        """The bytes of this very version.

        Raises:
            NoSuchKey: it was overwritten or deleted meanwhile.
        """
        try:
            return io.FileIO(info.blob_path)
        except FileNotFoundError:
            raise NoSuchKey(info.key) from None

    def copy_blob(self, source: ObjectInfo, offset: int, length: int) -> str:
        """A new blob of (part of) an object's bytes.

        Raises:
            NoSuchKey: the source was overwritten or deleted meanwhile.
        """
        try:
            if (offset, length) == (0, source.size):
                return self._blobs.link(source.blob_path)
            return self._blobs.copy(source.blob_path, offset, length)
        except FileNotFoundError:
            raise NoSuchKey(source.key) from None

    def delete(self, bucket: str, key: str, condition: Condition | None = None) -> bool:
        """Removes an object; says whether there was one.

        Raises:
            NoSuchBucket: as named.
        """
        return bool(self.delete_many(bucket, [key], condition))

    def delete_many(self, bucket: str, keys: Iterable[str], condition: Condition | None = None) -> int:
        """Removes objects in one transaction; returns how many there were.

        Raises:
            NoSuchBucket: as named.
        """
        wanted = list(keys)

        def work(connection: Connection) -> list[str]:
            if index.find_bucket(connection, bucket) is None:
                raise NoSuchBucket(bucket)
            if condition is not None:
                for key in wanted:
                    condition(index.find_object(connection, self._blobs, bucket, key))
            return index.delete_objects(connection, bucket, wanted)

        old = self._commits.run(work)
        self._blobs.delete(old)
        return len(old)

    # Objects: reading

    def head(self, bucket: str, key: str) -> ObjectInfo | None:
        """The object, or None.

        Raises:
            NoSuchBucket: as named.
        """
        with self._database.read() as connection:
            info = index.find_object(connection, self._blobs, bucket, key)
            if info is None and index.find_bucket(connection, bucket) is None:
                raise NoSuchBucket(bucket)
        return info

    def require(self, bucket: str, key: str) -> ObjectInfo:
        """The object.

        Raises:
            NoSuchBucket, NoSuchKey: as named.
        """
        info = self.head(bucket, key)
        if info is None:
            raise NoSuchKey(key)
        return info

    def open(self, bucket: str, key: str) -> BinaryIO:
        """The object's bytes, open for reading.

        Raises:
            NoSuchBucket, NoSuchKey: as named.
        """
        return io.BufferedReader(self.open_object(bucket, key)[1])

    def open_object(self, bucket: str, key: str) -> tuple[ObjectInfo, io.FileIO]:
        """The object with its bytes, open for unbuffered reading: both of the same version.

        Raises:
            NoSuchBucket, NoSuchKey: as named.
        """
        while True:
            info = self.require(bucket, key)
            try:
                return info, io.FileIO(info.blob_path)
            except FileNotFoundError:
                self._check_still_named(info)

    def link_to(self, bucket: str, key: str, destination: Path, *, writable: bool = False) -> None:
        """Puts an object's bytes at a path: a hard link when it is only read, else a copy.

        Raises:
            NoSuchBucket, NoSuchKey: as named.
            FileExistsError: something is at the path.
        """
        while True:
            info = self.require(bucket, key)
            try:
                if not writable:
                    try:
                        os.link(info.blob_path, destination)
                        return
                    except (FileNotFoundError, FileExistsError):
                        raise
                    except OSError:
                        pass  # another disk, or no hard links there: copy
                _copy(info.blob_path, destination, writable)
                return
            except FileNotFoundError:
                if not destination.parent.is_dir():
                    raise
                self._check_still_named(info)

    def iterate(self, bucket: str, prefix: str = "") -> Iterator[ObjectInfo]:
        """Every object of a prefix in key order.

        Raises:
            NoSuchBucket: as named.
        """
        self.require_bucket(bucket)
        start = ""
        while True:
            found = self.page(bucket, prefix=prefix, start=start, limit=_PAGE)
            yield from found
            if len(found) < _PAGE:
                return
            start = found[-1].key

    def page(
        self, bucket: str, *, prefix: str = "", start: str = "", inclusive: bool = False, limit: int = _PAGE
    ) -> list[ObjectInfo]:
        """Up to `limit` objects of a prefix after `start` (or from it on) in key order."""
        with self._database.read() as connection:
            return index.page(
                connection, self._blobs, bucket, prefix=prefix, start=start, inclusive=inclusive, limit=limit
            )

    def totals(self, bucket: str) -> tuple[int, int]:
        """Number and bytes of a bucket's objects."""
        with self._database.read() as connection:
            return index.totals(connection, bucket)

    def _check_still_named(self, info: ObjectInfo) -> None:
        """After a missing blob: fine if the object was overwritten meanwhile, else the store is damaged."""
        now = self.head(info.bucket, info.key)
        if now is not None and now.blob == info.blob and not info.blob_path.exists():
            raise FileNotFoundError(
                f"The bytes of s3://{info.bucket}/{info.key} are missing: {info.blob_path} was removed."
            )


def _attributes(content_type: str | None, metadata: dict[str, str] | None) -> Attributes:
    headers = {"content-type": content_type} if content_type else {}
    return Attributes(headers, {name.lower(): value for name, value in (metadata or {}).items()})


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def _written(writer: BlobWriter, source: BinaryIO) -> Iterator[bytes]:
    for chunk in _chunks(source):
        writer.write(chunk)
        yield chunk


def _copy(source: Path, destination: Path, writable: bool) -> None:
    with source.open("rb") as reader, destination.open("xb") as target:
        size = os.fstat(reader.fileno()).st_size
        offset = 0
        while offset < size and hasattr(os, "copy_file_range"):
            try:
                copied = os.copy_file_range(
                    reader.fileno(), target.fileno(), min(size - offset, 1 << 30), offset, offset
                )
            except OSError:
                break  # not between these file systems
            if copied == 0:
                break
            offset += copied
        reader.seek(offset)
        target.seek(offset)
        shutil.copyfileobj(reader, target, CHUNK)
    destination.chmod(0o644 if writable else 0o444)
