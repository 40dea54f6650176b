"""The tables of the engine's data base. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

resources = Table(
    "resources",
    metadata,
    Column("kind", String(64), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("name", String(256), primary_key=True),
    Column("arn", String(512), nullable=False, unique=True),
    Column("status", String(64), nullable=False),
    Column("created", Float, nullable=False),
    Column("modified", Float, nullable=False),
    Column("parent", String(320), nullable=True),
    Column("finished", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("internal", Text, nullable=False),
    Index("ix_resources_created", "kind", "region", "created", "name"),
    Index("ix_resources_status", "kind", "region", "status", "created"),
    Index("ix_resources_modified", "kind", "region", "modified", "name"),
    Index("ix_resources_parent", "parent", "kind", "created"),
    Index("ix_resources_unfinished", "finished", "kind"),
)

tags = Table(
    "tags",
    metadata,
    Column("arn", String(512), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("value", String(256), nullable=False),
    Index("ix_tags_key", "key", "value"),
)

buckets = Table(
    "buckets",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("region", String(32), nullable=False),
    Column("created", Float, nullable=False),
    # subresources (tagging, policy, cors, encryption, versioning ...) as a JSON object of raw bodies
    Column("configuration", Text, nullable=False, server_default="{}"),
)

# Keys are compared as UTF-8 bytes (S3 lists in that order); SQLite's BINARY collation does so for text.
objects = Table(
    "objects",
    metadata,
    Column("bucket", String(63), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("blob", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("etag", String(80), nullable=False),
    Column("modified", Float, nullable=False),
    # content type, user metadata, checksums, tags, storage class ... as JSON
    Column("attributes", Text, nullable=False, server_default="{}"),
    Index("ix_objects_blob", "blob"),
)

multipart_uploads = Table(
    "multipart_uploads",
    metadata,
    Column("upload_id", String(64), primary_key=True),
    Column("bucket", String(63), nullable=False),
    Column("key", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("attributes", Text, nullable=False, server_default="{}"),
    Index("ix_multipart_bucket", "bucket", "key"),
)

multipart_parts = Table(
    "multipart_parts",
    metadata,
    Column("upload_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("blob", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("etag", String(80), nullable=False),
    Column("modified", Float, nullable=False),
    Column("attributes", Text, nullable=False, server_default="{}"),
)

# Log groups and streams; events of jobs live in files, those put by PutLogEvents in log_events.
log_groups = Table(
    "log_groups",
    metadata,
    Column("region", String(32), primary_key=True),
    Column("name", String(512), primary_key=True),
    Column("created", Float, nullable=False),
    Column("attributes", Text, nullable=False, server_default="{}"),
)

log_streams = Table(
    "log_streams",
    metadata,
    Column("region", String(32), primary_key=True),
    Column("group", String(512), primary_key=True),
    Column("name", String(512), primary_key=True),
    Column("created", Float, nullable=False),
    # absolute path of the file with the events, or empty when they are in log_events
    Column("path", Text, nullable=False, server_default=""),
    Column("last_event", Float, nullable=True),
)

log_events = Table(
    "log_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("region", String(32), nullable=False),
    Column("group", String(512), nullable=False),
    Column("stream", String(512), nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("ingested", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Index("ix_log_events_stream", "region", "group", "stream", "timestamp", "id"),
)

# Metric points by time series: training metrics, endpoint metrics, PutMetricData.
metric_points = Table(
    "metric_points",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("region", String(32), nullable=False),
    Column("namespace", String(256), nullable=False),
    # dimensions as canonical JSON (sorted keys)
    Column("dimensions", Text, nullable=False),
    Column("name", String(256), nullable=False),
    Column("timestamp", Float, nullable=False),
    Column("value", Float, nullable=False),
    # how many equal (or nearly equal) values this point stands for
    Column("count", Integer, nullable=False, server_default="1"),
    Column("unit", String(32), nullable=True),
    Index("ix_metric_points", "region", "namespace", "name", "dimensions", "timestamp"),
)

# Small engine-wide facts (identity, when made) and IAM/ECR documents: key -> JSON.
documents = Table(
    "documents",
    metadata,
    Column("family", String(64), primary_key=True),
    Column("key", String(512), primary_key=True),
    Column("value", Text, nullable=False),
    Column("blob", LargeBinary, nullable=True),
)
