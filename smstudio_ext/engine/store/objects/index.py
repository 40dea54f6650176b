"""The index of buckets and objects in the data base."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, union, update

from smstudio_ext.engine.store import tables
from smstudio_ext.engine.store.objects.blobs import BlobStore
from smstudio_ext.engine.store.objects.records import Attributes, BucketInfo, ObjectInfo

_OBJECTS = tables.objects
_BUCKETS = tables.buckets
_PARTS = tables.multipart_parts

# built once: to put a statement together and to find it in SQLAlchemy's cache costs more than to run it
_ONE = and_(_OBJECTS.c.bucket == bindparam("in_bucket"), _OBJECTS.c.key == bindparam("of_key"))
_FIND_BUCKET = select(_BUCKETS).where(_BUCKETS.c.name == bindparam("bucket_name"))
_FIND = select(_OBJECTS).where(_ONE)
_FIND_BLOB = select(_OBJECTS.c.blob).where(_ONE)
_INSERT = insert(_OBJECTS)
_COLUMNS = ("blob", "size", "etag", "modified", "attributes")
_UPDATE = update(_OBJECTS).where(_ONE).values({name: bindparam(f"new_{name}") for name in _COLUMNS})
_DELETE = delete(_OBJECTS).where(_ONE)


def find_bucket(connection: Connection, name: str) -> BucketInfo | None:
    """The bucket, or None."""
    row = connection.execute(_FIND_BUCKET, {"bucket_name": name}).first()
    return None if row is None else _bucket(row)


def all_buckets(connection: Connection) -> list[BucketInfo]:
    """All buckets by name."""
    return [_bucket(row) for row in connection.execute(select(_BUCKETS).order_by(_BUCKETS.c.name))]


def insert_bucket(connection: Connection, bucket: BucketInfo) -> None:
    """Writes a new bucket."""
    connection.execute(
        insert(_BUCKETS).values(
            name=bucket.name,
            region=bucket.region,
            created=bucket.created,
            configuration=json.dumps(bucket.configuration),
        )
    )


def delete_bucket(connection: Connection, name: str) -> None:
    """Takes a bucket away."""
    connection.execute(delete(_BUCKETS).where(_BUCKETS.c.name == name))


def set_configuration(connection: Connection, name: str, configuration: dict[str, str]) -> None:
    """Replaces a bucket's subresources."""
    connection.execute(
        update(_BUCKETS).where(_BUCKETS.c.name == name).values(configuration=json.dumps(configuration))
    )


def has_objects(connection: Connection, bucket: str) -> bool:
    """Whether the bucket holds any object."""
    return (
        connection.execute(select(_OBJECTS.c.key).where(_OBJECTS.c.bucket == bucket).limit(1)).first()
        is not None
    )


def find_object(connection: Connection, blobs: BlobStore, bucket: str, key: str) -> ObjectInfo | None:
    """The object, or None."""
    row = connection.execute(_FIND, _is(bucket, key)).first()
    return None if row is None else to_object(row, blobs)


def put_object(connection: Connection, info: ObjectInfo, *, replaces: bool) -> None:
    """Writes an object's row; `replaces` says that one is there."""
    values = {
        "blob": info.blob,
        "size": info.size,
        "etag": info.etag,
        "modified": info.modified,
        "attributes": info.attributes.to_json(),
    }
    if replaces:
        new = {f"new_{name}": value for name, value in values.items()}
        connection.execute(_UPDATE, {**_is(info.bucket, info.key), **new})
    else:
        connection.execute(_INSERT, {"bucket": info.bucket, "key": info.key, **values})


def delete_objects(connection: Connection, bucket: str, keys: Iterable[str]) -> list[str]:
    """Takes objects away; returns the blobs to remove after the commit."""
    blobs: list[str] = []
    for key in keys:
        row = connection.execute(_FIND_BLOB, _is(bucket, key)).first()
        if row is not None:
            blobs.append(row.blob)
            connection.execute(_DELETE, _is(bucket, key))
    return blobs


def page(
    connection: Connection,
    blobs: BlobStore,
    bucket: str,
    *,
    prefix: str,
    start: str,
    inclusive: bool,
    limit: int,
) -> list[ObjectInfo]:
    """Objects of a prefix in key order (UTF-8 bytes), from `start` on."""
    where = [_OBJECTS.c.bucket == bucket]
    if prefix:
        where.append(_OBJECTS.c.key >= prefix)
        end = after_prefix(prefix)
        if end is not None:
            where.append(_OBJECTS.c.key < end)
    if start:
        where.append(_OBJECTS.c.key >= start if inclusive else _OBJECTS.c.key > start)
    query = select(_OBJECTS).where(*where).order_by(_OBJECTS.c.key).limit(limit)
    return [to_object(row, blobs) for row in connection.execute(query)]


def used_blobs(connection: Connection, names: list[str]) -> set[str]:
    """Of some blob names, those that an object or a part has."""
    query = union(
        select(_OBJECTS.c.blob).where(_OBJECTS.c.blob.in_(names)),
        select(_PARTS.c.blob).where(_PARTS.c.blob.in_(names)),
    )
    return {str(row[0]) for row in connection.execute(query)}


def totals(connection: Connection, bucket: str) -> tuple[int, int]:
    """Number and bytes of a bucket's objects."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(_OBJECTS.c.size), 0)).where(_OBJECTS.c.bucket == bucket)
    ).one()
    return int(row[0]), int(row[1])


def after_prefix(prefix: str) -> str | None:
    """The first text after all that start with `prefix`, in UTF-8 order; None when there is none."""
    for index in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[index])
        if point < 0x10FFFF:
            # surrogates are not in UTF-8
            following = 0xE000 if point + 1 == 0xD800 else point + 1
            return prefix[:index] + chr(following)
    return None


def to_object(row: Row[Any], blobs: BlobStore) -> ObjectInfo:
    """An object from its row."""
    path: Path = blobs.path(row.blob)
    return ObjectInfo(
        row.bucket, row.key, row.size, row.etag, row.modified, path, Attributes.from_json(row.attributes)
    )


def _bucket(row: Row[Any]) -> BucketInfo:
    return BucketInfo(row.name, row.region, row.created, json.loads(row.configuration))


def _is(bucket: str, key: str) -> dict[str, str]:
    return {"in_bucket": bucket, "of_key": key}
