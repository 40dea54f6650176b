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

# Artifacts, contexts and actions of the lineage graph.
lineage_entities = Table(
    "lineage_entities",
    metadata,
    Column("arn", String(256), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("region", String(32), nullable=False),
    Column("name", String(120), nullable=False),
    # ArtifactType, ContextType or ActionType
    Column("type", String(256), nullable=False),
    Column("source_uri", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("modified", Float, nullable=False),
    # members of the Describe output
    Column("document", Text, nullable=False),
    Index("ix_lineage_created", "kind", "region", "created", "arn"),
    Index("ix_lineage_name", "kind", "region", "name", "arn"),
    Index("ix_lineage_type", "kind", "region", "type", "created", "arn"),
    Index("ix_lineage_source", "source_uri", "kind", "region"),
)

# Directed edges of the lineage graph; an end is a lineage entity or an experiment entity.
lineage_associations = Table(
    "lineage_associations",
    metadata,
    Column("source_arn", String(256), primary_key=True),
    Column("destination_arn", String(256), primary_key=True),
    Column("region", String(32), nullable=False),
    Column("type", String(32), nullable=True),
    Column("created", Float, nullable=False),
    Index("ix_lineage_destination", "destination_arn", "source_arn"),
    Index("ix_lineage_association_created", "region", "created"),
)

# Trial components as Search filters and sorts them; their documents are in `resources`.
trial_components = Table(
    "trial_components",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("region", String(32), nullable=False),
    Column("name", String(120), nullable=False),
    Column("display_name", String(120), nullable=False),
    Column("created", Float, nullable=False),
    Column("modified", Float, nullable=False),
    Column("started", Float, nullable=True),
    Column("ended", Float, nullable=True),
    Column("status", String(32), nullable=True),
    Column("message", Text, nullable=True),
    Column("source_arn", String(256), nullable=True),
    Column("source_type", String(128), nullable=True),
    Index("ix_trial_components_name", "region", "name", unique=True),
    Index("ix_trial_components_created", "region", "created", "id"),
    Index("ix_trial_components_modified", "region", "modified", "id"),
    Index("ix_trial_components_source", "region", "source_arn"),
)

# Which trials (and so which experiments) a component is in.
trial_members = Table(
    "trial_members",
    metadata,
    Column("component", Integer, primary_key=True),
    Column("trial", String(120), primary_key=True),
    Column("region", String(32), nullable=False),
    Column("experiment", String(120), nullable=False),
    Column("associated", Float, nullable=False),
    Index("ix_trial_members_trial", "region", "trial", "component"),
    Index("ix_trial_members_experiment", "region", "experiment", "component"),
    sqlite_with_rowid=False,
)

# Names of parameters, artifacts (with their family: `Parameters.eta`) and metrics (`Metrics.loss`), as numbers.
property_names = Table(
    "property_names",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(320), nullable=False, unique=True),
)

# Parameters and artifacts. All of one name lie together: a filter or sort reads one stretch of the table.
component_properties = Table(
    "component_properties",
    metadata,
    Column("name", Integer, primary_key=True),
    Column("component", Integer, primary_key=True),
    Column("text", Text, nullable=True),
    Column("number", Float, nullable=True),
    Index("ix_component_properties_component", "component"),
    sqlite_with_rowid=False,
)

# Metric summaries, by name for the same reason. `spread` is the sum of squared distances from the mean (Welford);
# `points` counts those in `component_points`, `count` also what a job's log gave.
component_metrics = Table(
    "component_metrics",
    metadata,
    Column("name", Integer, primary_key=True),
    Column("component", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("minimum", Float, nullable=False),
    Column("maximum", Float, nullable=False),
    Column("mean", Float, nullable=False),
    Column("spread", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("last_time", Float, nullable=False),
    Column("last_step", Integer, nullable=True),
    Column("points", Integer, nullable=False),
    Index("ix_component_metrics_component", "component"),
    sqlite_with_rowid=False,
)

# Every point that BatchPutMetrics brought, in the order it came, many to a row: little-endian doubles timestamp, value,
# step (NaN for none). `number` is that of the first point in the row.
component_points = Table(
    "component_points",
    metadata,
    Column("component", Integer, primary_key=True),
    Column("name", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("points", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
