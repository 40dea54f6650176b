"""Buckets: the half of the object store that knows no objects."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from smstudio_ext.engine.store.objects import index
from smstudio_ext.engine.store.objects.blobs import BlobStore
from smstudio_ext.engine.store.objects.commits import GroupCommit
from smstudio_ext.engine.store.objects.failures import BucketAlreadyOwnedByYou, BucketNotEmpty, NoSuchBucket
from smstudio_ext.engine.store.objects.locations import check_bucket_name
from smstudio_ext.engine.store.objects.multipart import drop_uploads_of
from smstudio_ext.engine.store.objects.records import BucketInfo
from smstudio_ext.engine.store.resources import Store


class BucketStore:
    """The buckets of one store. All methods are safe from any thread."""

    def __init__(self, store: Store, data_dir: Path) -> None:
        self._database = store.database
        self._clock = store.clock
        self._blobs = BlobStore(data_dir / "blobs")
        self._commits = GroupCommit(store.database, data_dir)

    def create_bucket(self, name: str, region: str) -> BucketInfo:
        """Makes a bucket.

        Raises:
            InvalidBucketName: S3 does not allow the name.
            BucketAlreadyOwnedByYou: it exists.
        """
        check_bucket_name(name)
        bucket = BucketInfo(name, region, self._clock.now())

        def work(connection: Connection) -> BucketInfo:
            if index.find_bucket(connection, name) is not None:
                raise BucketAlreadyOwnedByYou(name)
            index.insert_bucket(connection, bucket)
            return bucket

        return self._commits.run(work)

    def bucket(self, name: str) -> BucketInfo | None:
        """The bucket, or None."""
        with self._database.read() as connection:
            return index.find_bucket(connection, name)

    def require_bucket(self, name: str) -> BucketInfo:
        """The bucket.

        Raises:
            NoSuchBucket: it does not exist.
        """
        bucket = self.bucket(name)
        if bucket is None:
            raise NoSuchBucket(name)
        return bucket

    def buckets(self) -> list[BucketInfo]:
        """All buckets by name."""
        with self._database.read() as connection:
            return index.all_buckets(connection)

    def delete_bucket(self, name: str) -> None:
        """Removes an empty bucket; uploads under way in it are dropped.

        Raises:
            NoSuchBucket, BucketNotEmpty: as named.
        """

        def work(connection: Connection) -> list[str]:
            if index.find_bucket(connection, name) is None:
                raise NoSuchBucket(name)
            if index.has_objects(connection, name):
                raise BucketNotEmpty(name)
            index.delete_bucket(connection, name)
            return drop_uploads_of(connection, name)

        self._blobs.delete(self._commits.run(work))

    def configure_bucket(self, name: str, subresource: str, body: str | None) -> None:
        """Keeps the body of a subresource (`tagging`, `cors` ...), or removes it (None).

        Raises:
            NoSuchBucket: it does not exist.
        """

        def work(connection: Connection) -> None:
            bucket = index.find_bucket(connection, name)
            if bucket is None:
                raise NoSuchBucket(name)
            kept = {key: value for key, value in bucket.configuration.items() if key != subresource}
            if body is not None:
                kept[subresource] = body
            index.set_configuration(connection, name, kept)

        self._commits.run(work)
