"""Multipart uploads: parts are blobs of their own until the upload is completed."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select

from smstudio_ext.engine.clock import Clock
from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.database import Database
from smstudio_ext.engine.store.objects import index
from smstudio_ext.engine.store.objects.blobs import BlobStore
from smstudio_ext.engine.store.objects.commits import GroupCommit
from smstudio_ext.engine.store.objects.digests import combined_etag, composite_checksum, full_object_crc
from smstudio_ext.engine.store.objects.failures import (
    BadDigest,
    EntityTooSmall,
    InvalidPart,
    InvalidPartOrder,
    NoSuchBucket,
    NoSuchUpload,
)
from smstudio_ext.engine.store.objects.records import (
    Attributes,
    Checksum,
    ObjectInfo,
    PartInfo,
    PartSummary,
    UploadInfo,
)

if TYPE_CHECKING:
    from smstudio_ext.engine.store.objects.core import Condition, ObjectStore

MIN_PART = 5 << 20
_UPLOADS = tables.multipart_uploads
_PARTS = tables.multipart_parts


class CompletedPart:
    """A part as CompleteMultipartUpload names it."""

    def __init__(self, number: int, etag: str, checksums: dict[str, str] | None = None) -> None:
        self.number = number
        self.etag = etag
        self.checksums = checksums or {}


class Multipart:
    """The uploads of one store. All methods are safe from any thread."""

    def __init__(
        self,
        store: ObjectStore,
        database: Database,
        commits: GroupCommit,
        blobs: BlobStore,
        clock: Clock,
    ) -> None:
        self._store = store
        self._database = database
        self._commits = commits
        self._blobs = blobs
        self._clock = clock

    def create(
        self,
        bucket: str,
        key: str,
        attributes: Attributes,
        checksum_algorithm: str | None = None,
        checksum_kind: str | None = None,
    ) -> UploadInfo:
        """Starts an upload.

        Raises:
            NoSuchBucket: as named.
        """
        upload = UploadInfo(
            uuid.uuid4().hex + uuid.uuid4().hex[:16],
            bucket,
            key,
            self._clock.now(),
            attributes,
            checksum_algorithm,
            checksum_kind,
        )
        kept = {
            "object": attributes.to_json(),
            "algorithm": checksum_algorithm,
            "kind": checksum_kind,
        }

        def work(connection: Connection) -> UploadInfo:
            if index.find_bucket(connection, bucket) is None:
                raise NoSuchBucket(bucket)
            connection.execute(
                insert(_UPLOADS).values(
                    upload_id=upload.upload_id,
                    bucket=bucket,
                    key=key,
                    created=upload.created,
                    attributes=json.dumps(kept),
                )
            )
            return upload

        return self._commits.run(work)

    def require(self, bucket: str, key: str, upload_id: str) -> UploadInfo:
        """The upload.

        Raises:
            NoSuchUpload: it is not there (any more).
        """
        with self._database.read() as connection:
            upload = _find(connection, bucket, key, upload_id)
        if upload is None:
            raise NoSuchUpload(upload_id)
        return upload

    def put_part(
        self,
        upload: UploadInfo,
        number: int,
        blob: str,
        size: int,
        etag: str,
        checksum: Checksum | None,
    ) -> PartInfo:
        """Makes a finished blob the part of a number; an earlier one is replaced.

        Raises:
            NoSuchUpload: completed or aborted meanwhile; the blob is removed.
        """
        part = PartInfo(number, size, etag, self._clock.now(), self._blobs.path(blob), checksum)

        def work(connection: Connection) -> list[str]:
            if _find(connection, upload.bucket, upload.key, upload.upload_id) is None:
                raise NoSuchUpload(upload.upload_id)
            this = and_(_PARTS.c.upload_id == upload.upload_id, _PARTS.c.number == number)
            old = connection.execute(select(_PARTS.c.blob).where(this)).first()
            connection.execute(delete(_PARTS).where(this))
            connection.execute(
                insert(_PARTS).values(
                    upload_id=upload.upload_id,
                    number=number,
                    blob=blob,
                    size=size,
                    etag=etag,
                    modified=part.modified,
                    attributes=json.dumps({"checksum": asdict(checksum)} if checksum else {}),
                )
            )
            return [old.blob] if old else []

        try:
            self._blobs.delete(self._commits.run(work))
        except BaseException:
            self._blobs.delete([blob])
            raise
        return part

    def parts(self, upload_id: str, after: int = 0, limit: int | None = None) -> list[PartInfo]:
        """Uploaded parts by number."""
        query = (
            select(_PARTS)
            .where(_PARTS.c.upload_id == upload_id, _PARTS.c.number > after)
            .order_by(_PARTS.c.number)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [self._part(row) for row in connection.execute(query)]

    def uploads(
        self, bucket: str, prefix: str = "", key_marker: str = "", id_marker: str = "", limit: int = 1000
    ) -> list[UploadInfo]:
        """Uploads under way, by key and time."""
        where = [_UPLOADS.c.bucket == bucket]
        if prefix:
            where.append(_UPLOADS.c.key >= prefix)
            end = index.after_prefix(prefix)
            if end is not None:
                where.append(_UPLOADS.c.key < end)
        if key_marker:
            beyond = _UPLOADS.c.key > key_marker
            same = and_(_UPLOADS.c.key == key_marker, _UPLOADS.c.upload_id > id_marker)
            where.append(or_(beyond, same) if id_marker else beyond)
        query = select(_UPLOADS).where(*where).order_by(_UPLOADS.c.key, _UPLOADS.c.upload_id).limit(limit)
        with self._database.read() as connection:
            return [_upload(row) for row in connection.execute(query)]

    def abort(self, upload: UploadInfo) -> None:
        """Drops an upload with its parts."""

        def work(connection: Connection) -> list[str]:
            return _drop(connection, upload.upload_id)

        self._blobs.delete(self._commits.run(work))

    def complete(
        self,
        bucket: str,
        key: str,
        upload_id: str,
        named: Sequence[CompletedPart],
        *,
        expected: Checksum | None = None,
        check_size: Callable[[int], None] | None = None,
        condition: Condition | None = None,
    ) -> ObjectInfo:
        """Makes an object of the named parts. Repeating a completed call gives the same object.

        Args:
            expected: full-object checksum that the client computed.
            check_size: refuses a wrong total size.

        Raises:
            NoSuchUpload, InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest: as named.
        """
        try:
            upload = self.require(bucket, key, upload_id)
        except NoSuchUpload:
            return self._completed_before(bucket, key, upload_id)
        chosen = self._choose(upload, named)
        size = sum(part.size for part in chosen)
        if check_size is not None:
            check_size(size)
        checksum = _checksum_of_parts(upload, chosen)
        if expected is not None and checksum is not None and expected.value != checksum.value:
            raise BadDigest(expected.algorithm, expected.value, checksum.value)
        try:
            if len(chosen) == 1:
                blob = self._blobs.link(chosen[0].blob_path)
            else:
                blob = self._blobs.concatenate([(part.blob_path, 0, part.size) for part in chosen])
        except FileNotFoundError:  # another call completed it while this one copied
            return self._completed_before(bucket, key, upload_id)
        info = ObjectInfo(
            bucket,
            key,
            size,
            combined_etag([part.etag for part in chosen]),
            self._clock.now(),
            self._blobs.path(blob),
            replace(
                upload.attributes,
                checksum=checksum,
                upload_id=upload_id,
                parts=tuple(
                    PartSummary(part.size, part.checksum.value if part.checksum else None) for part in chosen
                ),
            ),
        )

        def work(connection: Connection) -> list[str]:
            if _find(connection, bucket, key, upload_id) is None:
                raise NoSuchUpload(upload_id)
            old = self._store.replace_row(connection, info, condition)
            return old + _drop(connection, upload_id)

        try:
            old = self._commits.run(work)
        except NoSuchUpload:
            self._blobs.delete([blob])
            return self._completed_before(bucket, key, upload_id)
        except BaseException:
            self._blobs.delete([blob])
            raise
        self._blobs.delete(old)
        return info

    def _completed_before(self, bucket: str, key: str, upload_id: str) -> ObjectInfo:
        info = self._store.head(bucket, key)
        if info is None or info.attributes.upload_id != upload_id:
            raise NoSuchUpload(upload_id)
        return info

    def _choose(self, upload: UploadInfo, named: Sequence[CompletedPart]) -> list[PartInfo]:
        numbers = [part.number for part in named]
        if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
            raise InvalidPartOrder(upload.upload_id)
        found = {part.number: part for part in self.parts(upload.upload_id)}
        chosen: list[PartInfo] = []
        for wanted in named:
            part = found.get(wanted.number)
            if part is None or part.etag != wanted.etag.strip('"').lower():
                raise InvalidPart(upload.upload_id, wanted.number, wanted.etag)
            if part.checksum and wanted.checksums.get(part.checksum.algorithm, part.checksum.value) != (
                part.checksum.value
            ):
                raise InvalidPart(upload.upload_id, wanted.number, wanted.etag)
            chosen.append(part)
        for part in chosen[:-1]:
            if part.size < MIN_PART:
                raise EntityTooSmall(part.number, part.size, part.etag)
        return chosen

    def _part(self, row: Row[Any]) -> PartInfo:
        checksum = json.loads(row.attributes).get("checksum")
        return PartInfo(
            row.number,
            row.size,
            row.etag,
            row.modified,
            self._blobs.path(row.blob),
            Checksum(**checksum) if checksum else None,
        )


def drop_uploads_of(connection: Connection, bucket: str) -> list[str]:
    """Inside a transaction: drops all uploads of a bucket; returns blobs to remove after the commit."""
    rows = connection.execute(select(_UPLOADS.c.upload_id).where(_UPLOADS.c.bucket == bucket)).fetchall()
    return [blob for row in rows for blob in _drop(connection, row.upload_id)]


def _find(connection: Connection, bucket: str, key: str, upload_id: str) -> UploadInfo | None:
    row = connection.execute(
        select(_UPLOADS).where(
            _UPLOADS.c.upload_id == upload_id, _UPLOADS.c.bucket == bucket, _UPLOADS.c.key == key
        )
    ).first()
    return None if row is None else _upload(row)


def _drop(connection: Connection, upload_id: str) -> list[str]:
    blobs = [
        row.blob for row in connection.execute(select(_PARTS.c.blob).where(_PARTS.c.upload_id == upload_id))
    ]
    connection.execute(delete(_PARTS).where(_PARTS.c.upload_id == upload_id))
    connection.execute(delete(_UPLOADS).where(_UPLOADS.c.upload_id == upload_id))
    return blobs


def _upload(row: Row[Any]) -> UploadInfo:
    kept = json.loads(row.attributes)
    return UploadInfo(
        row.upload_id,
        row.bucket,
        row.key,
        row.created,
        Attributes.from_json(kept.get("object", "{}")),
        kept.get("algorithm"),
        kept.get("kind"),
    )


def _checksum_of_parts(upload: UploadInfo, parts: Sequence[PartInfo]) -> Checksum | None:
    """The object's checksum when every part has one of the same algorithm."""
    algorithm = upload.checksum_algorithm
    values = [
        (part.checksum.value, part.size)
        for part in parts
        if part.checksum is not None and algorithm in (None, part.checksum.algorithm)
    ]
    if len(values) != len(parts) or not parts:
        return None
    algorithms = {part.checksum.algorithm for part in parts if part.checksum is not None}
    if len(algorithms) != 1:
        return None
    algorithm = algorithms.pop()
    whole = upload.checksum_kind == "FULL_OBJECT" or algorithm == "CRC64NVME"
    if whole:
        return Checksum(algorithm, full_object_crc(algorithm, values), "FULL_OBJECT")
    return Checksum(algorithm, composite_checksum(algorithm, [value for value, _ in values]), "COMPOSITE")
