"""Models of data: preview, upload, browsing S3, samples."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, PageQuery, Request, UtcTime
from smstudio_ext.studio.samples import Sample, SampleLocation

__all__ = ["SampleLocation"]  # the answer of putting a sample into S3

ColumnKind = Literal["numeric", "boolean", "categorical", "datetime", "text", "empty"]
WarningCode = Literal[
    "no_header",
    "few_rows",
    "duplicate_names",
    "empty_names",
    "ragged",
    "quoted_newlines",
    "encoding",
    "infinities",
    "many_columns",
    "empty",
    "no_rows",
    "not_csv",
    "delimiter",
    "large",
]


class PreviewRequest(Request):
    """What to look into.

    Attributes:
        source: a path inside the Jupyter server's root, or `s3://bucket/key` (a prefix: its first object).
        data_type: what an S3 location is; of a manifest the first object that it names is looked into.
    """

    source: str = Field(min_length=1, max_length=2048)
    data_type: Literal["S3Prefix", "ManifestFile", "AugmentedManifestFile"] = "S3Prefix"
    sample_rows: int = Field(default=20, ge=1, le=200)


class Column(Answer):
    """One column as far as the rows that were read show it.

    Attributes:
        distinct: distinct values among the rows read; capped at 1000.
        missing: rows read without a value.
    """

    name: str
    kind: ColumnKind
    distinct: int
    missing: int
    examples: list[str]


class DataWarning(Answer):
    """Something to know before a job is sent; an error would make it fail."""

    code: WarningCode
    severity: Literal["info", "warning", "error"]
    message: str


class DataPreview(Answer):
    """What is in a CSV or Parquet file.

    Attributes:
        source: the one object or file that was read.
        objects: how many objects the prefix holds (1 for a file); `size` is their sum.
        rows_read: rows that kinds and warnings rest on.
        row_count: data rows without the header; `row_count_exact` says whether counted or estimated.
    """

    source: str
    format: Literal["csv", "parquet"] = "csv"
    objects: int
    size: int
    compression: Literal["None", "Gzip"]
    encoding: str
    delimiter: str
    header: bool
    columns: list[Column]
    rows: list[list[str]]
    rows_read: int
    row_count: int | None
    row_count_exact: bool
    warnings: list[DataWarning]


class UploadRequest(Request):
    """Sends a file of the Jupyter server to S3.

    Attributes:
        bucket: empty takes the default bucket, which is made when it is missing.
        key: empty makes `uploads/<file name>`; one that ends in / is a folder.
    """

    path: str = Field(min_length=1, max_length=2048)
    bucket: str | None = Field(default=None, max_length=63)
    key: str | None = Field(default=None, max_length=1024)


class Uploaded(Answer):
    """Where a file went."""

    s3_uri: str
    bucket: str
    key: str
    size: int
    created_bucket: str | None


class Bucket(Answer):
    """One bucket."""

    name: str
    created: UtcTime | None


class Buckets(Answer):
    """All buckets that the target shows, and the one that forms take when none is named."""

    items: list[Bucket]
    default_bucket: str | None


class ListObjects(PageQuery):
    """Query of the S3 browser: one folder at a time."""

    bucket: str = Field(min_length=1, max_length=63)
    prefix: str = Field(default="", max_length=1024)


class DownloadObject(Request):
    """Query of a download: the object's S3 URI."""

    uri: str = Field(min_length=1, max_length=1100)


class PeekObject(Request):
    """Query of a look into an object."""

    uri: str = Field(min_length=1, max_length=1100)


class ObjectStart(Answer):
    """How an object begins.

    Attributes:
        text: whole lines where there are any; none when it is no UTF-8 text.
        whole: nothing was left out.
    """

    s3_uri: str
    size: int
    text: str | None
    whole: bool


class S3Object(Answer):
    """One object."""

    key: str
    name: str
    s3_uri: str
    size: int
    modified: UtcTime


class ObjectPage(Answer):
    """One page of a folder: folders (keys that end in /), then objects."""

    bucket: str
    prefix: str
    prefixes: list[str]
    objects: list[S3Object]
    next_token: str | None


class Samples(Answer):
    """The sample data sets."""

    items: list[Sample]


class PutSample(Request):
    """Puts a sample into S3; without a bucket into the default one, which is made when it is missing."""

    bucket: str | None = Field(default=None, max_length=63)
