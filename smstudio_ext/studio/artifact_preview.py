"""How an artifact looks: tables, JSON, text, images, HTML, notebooks, folders and model archives in S3."""

from __future__ import annotations

import base64
import gzip
import json
import tempfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from smstudio_ext.studio.buckets import split_s3_uri
from smstudio_ext.studio.csv_preview import read_table
from smstudio_ext.studio.models.trial_details import (
    ArtifactPreview,
    PreviewArtifact,
    PreviewFile,
    PreviewModel,
)
from smstudio_ext.studio.problems import BadInput
from smstudio_ext.target import Target

START_BYTES = 512 * 1024
"""How much of a table or a text is read."""
WHOLE_BYTES = 8 * 1024 * 1024
"""Largest image, page, notebook or JSON that is shown."""
ARCHIVE_BYTES = 512 * 1024 * 1024
"""Largest archive that is looked into."""
_ROWS = 200
_LISTED = 500
_CELL = 500
_IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".svg": "image/svg+xml",
}
_ARCHIVES = (".tar.gz", ".tgz", ".tar")


def preview_artifact(target: Target, query: PreviewArtifact) -> ArtifactPreview:
    """The preview of an artifact in S3.

    Raises:
        BadInput: it is no S3 address.
        botocore.exceptions.ClientError: it is not there, or must not be read.
    """
    if not query.uri.lower().startswith("s3://"):
        raise BadInput(f"{query.uri[:200]!r} is no location in S3; only what lies there can be looked into.")
    bucket, key = split_s3_uri(query.uri)
    s3 = target.client("s3")
    size = _size(s3, bucket, key)
    if size is None:
        return _folder(s3, query.uri, bucket, key)
    name = key.lower()
    suffix = PurePosixPath(name.removesuffix(".gz")).suffix
    if name.endswith(_ARCHIVES):
        return _archive(s3, query.uri, bucket, key, size)
    if suffix in _IMAGES:
        return _image(s3, query.uri, bucket, key, size, _IMAGES[suffix])
    if suffix in (".html", ".htm", ".ipynb", ".json"):
        return _document(s3, query.uri, bucket, key, size, suffix)
    if suffix == ".parquet":
        return _parquet(s3, query.uri, bucket, key, size)
    return _text_or_table(s3, query.uri, bucket, key, size, suffix)


def _size(s3: Any, bucket: str, key: str) -> int | None:
    """Bytes of an object; None when there is no object of that very key."""
    from botocore.exceptions import ClientError

    if not key or key.endswith("/"):
        return None
    try:
        return int(s3.head_object(Bucket=bucket, Key=key)["ContentLength"])
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise


def _start(s3: Any, bucket: str, key: str, size: int, most: int) -> bytes:
    if size == 0:
        return b""
    answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{most - 1}")
    content: bytes = answer["Body"].read()
    if content[:2] == b"\x1f\x8b":
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, most * 4)
        except zlib.error:
            return content
    return content


def _none(uri: str, size: int | None, note: str) -> ArtifactPreview:
    return ArtifactPreview(uri=uri, kind="none", size=size, whole=False, note=note)


def _folder(s3: Any, uri: str, bucket: str, key: str) -> ArtifactPreview:
    answer = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=_LISTED)
    found = answer.get("Contents", [])
    if not found:
        return _none(uri, None, "There is nothing at this location (any more).")
    base = key if key.endswith("/") or not key else key.rpartition("/")[0] + "/"
    return ArtifactPreview(
        uri=uri,
        kind="folder",
        size=sum(each["Size"] for each in found),
        whole=not answer.get("IsTruncated"),
        note=f"The first {len(found)} objects." if answer.get("IsTruncated") else None,
        files=[
            PreviewFile(
                name=each["Key"].removeprefix(base), uri=f"s3://{bucket}/{each['Key']}", size=each["Size"]
            )
            for each in found
        ],
    )


def _image(s3: Any, uri: str, bucket: str, key: str, size: int, kind: str) -> ArtifactPreview:
    if size > WHOLE_BYTES:
        return _none(uri, size, "The image is too large to show here; download it.")
    content = base64.b64encode(_start(s3, bucket, key, size, WHOLE_BYTES)).decode()
    return ArtifactPreview(
        uri=uri, kind="image", size=size, whole=True, image=f"data:{kind};base64,{content}"
    )


def _document(s3: Any, uri: str, bucket: str, key: str, size: int, suffix: str) -> ArtifactPreview:
    if size > WHOLE_BYTES:
        return _none(uri, size, "The file is too large to show here; download it.")
    text = _start(s3, bucket, key, size, WHOLE_BYTES).decode(errors="replace")
    if suffix == ".json":
        return ArtifactPreview(uri=uri, kind="json", size=size, whole=True, text=_pretty(text))
    if suffix == ".ipynb":
        page = _notebook_page(text)
        if page is None:
            return ArtifactPreview(
                uri=uri, kind="text", size=size, whole=True, text=text, note="It is no valid notebook."
            )
        text = page
    return ArtifactPreview(uri=uri, kind="html", size=size, whole=True, text=text)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return text


def _notebook_page(text: str) -> str | None:
    """A notebook as an HTML page; its scripts do not run where the page is shown."""
    from importlib import import_module

    # Neither has types, and both take seconds to load.
    nbformat: Any = import_module("nbformat")
    exporters: Any = import_module("nbconvert.exporters")

    try:
        notebook = nbformat.reads(text, as_version=4)
        exporter = exporters.HTMLExporter(template_name="basic", sanitize_html=True)
        body, _ = exporter.from_notebook_node(notebook)
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError):
        return None
    return str(body)


def _text_or_table(s3: Any, uri: str, bucket: str, key: str, size: int, suffix: str) -> ArtifactPreview:
    content = _start(s3, bucket, key, size, START_BYTES)
    whole = size <= START_BYTES
    table = read_table(content, whole=whole)
    tabular = suffix in (".csv", ".tsv") or (suffix in ("", ".txt", ".out") and _looks_like_table(table))
    if tabular and table.problem is None and table.rows:
        return ArtifactPreview(
            uri=uri,
            kind="table",
            size=size,
            whole=whole and len(table.rows) <= _ROWS,
            columns=table.names,
            rows=[[cell[:_CELL] for cell in row] for row in table.rows[:_ROWS]],
            note=None if whole else "The first rows.",
        )
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        if whole or len(content) - error.start > 4:
            return _none(uri, size, "It is no text, and of no kind that is shown here.")
        text = content[: error.start].decode()
    return ArtifactPreview(
        uri=uri, kind="text", size=size, whole=whole, text=text, note=None if whole else "The beginning."
    )


def _looks_like_table(table: Any) -> bool:
    return (
        len(table.names) > 1
        and len(table.rows) > 1
        and {len(row) for row in table.rows} == {len(table.names)}
    )


def _parquet(s3: Any, uri: str, bucket: str, key: str, size: int) -> ArtifactPreview:
    if size > ARCHIVE_BYTES:
        return _none(uri, size, "The file is too large to look into; download it.")
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(prefix="smstudio-preview-") as folder:
        path = Path(folder) / "file.parquet"
        s3.download_file(bucket, key, str(path))
        try:
            file = pq.ParquetFile(path)
            batch = next(file.iter_batches(batch_size=_ROWS), None)
        except (pa.ArrowException, OSError) as error:
            return _none(uri, size, f"It is no Parquet file that can be read: {error}")
        columns = list(file.schema_arrow.names)
        rows = (
            []
            if batch is None
            else [[str(row[name])[:_CELL] for name in columns] for row in batch.to_pylist()]
        )
        total = file.metadata.num_rows
    return ArtifactPreview(
        uri=uri,
        kind="table",
        size=size,
        whole=total <= _ROWS,
        columns=columns,
        rows=rows,
        note=None if total <= _ROWS else f"The first {len(rows)} of {total} rows.",
    )


def _archive(s3: Any, uri: str, bucket: str, key: str, size: int) -> ArtifactPreview:
    from smstudio_ext.inspection.archive import ArchiveError
    from smstudio_ext.inspection.inspector import inspect_archive

    if size > ARCHIVE_BYTES:
        return _none(uri, size, "The archive is too large to look into; download it.")
    with tempfile.TemporaryDirectory(prefix="smstudio-preview-") as folder:
        path = Path(folder) / PurePosixPath(key).name
        s3.download_file(bucket, key, str(path))
        try:
            report = inspect_archive(path, uri)
        except (ArchiveError, gzip.BadGzipFile) as error:
            return _none(uri, size, str(error))
    return ArtifactPreview(
        uri=uri,
        kind="archive",
        size=size,
        whole=True,
        note=" ".join(report.notes) or None,
        files=[
            PreviewFile(name=name, uri=None, size=bytes_) for name, bytes_ in sorted(report.files.items())
        ],
        models=[
            PreviewModel(
                file=model.file,
                kind=model.kind,
                algorithm=model.algorithm,
                facts={
                    fact: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                    for fact, value in model.facts.items()
                },
                load=model.load,
                warning=model.warning,
            )
            for model in report.models
        ],
    )
