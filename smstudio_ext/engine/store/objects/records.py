"""What the index knows of a bucket, an object, an upload and a part."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

DEFAULT_CONTENT_TYPE = "binary/octet-stream"


@dataclass(frozen=True)
class BucketInfo:
    """A bucket.

    Attributes:
        created: seconds since the epoch.
        configuration: subresource (`tagging`, `cors` ...) -> body as it was put.
    """

    name: str
    region: str
    created: float
    configuration: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checksum:
    """An additional checksum of an object or part.

    Attributes:
        algorithm: one of `digests.CHECKSUMS`.
        value: base64; of type COMPOSITE followed by `-` and the number of parts.
        kind: FULL_OBJECT or COMPOSITE.
    """

    algorithm: str
    value: str
    kind: str = "FULL_OBJECT"


@dataclass(frozen=True)
class PartSummary:
    """A part inside a completed object."""

    size: int
    checksum: str | None = None


@dataclass(frozen=True)
class Attributes:
    """What is kept with an object beside its bytes.

    Attributes:
        headers: content headers that come back as they were sent (lower-case names): content-type,
            content-encoding, content-disposition, content-language, cache-control, expires ...
        metadata: user metadata; lower-case names without `x-amz-meta-`.
        tags: key -> value.
        parts: of an object that was uploaded in parts.
        upload_id: the upload that it came from; lets a repeated CompleteMultipartUpload succeed.
    """

    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    checksum: Checksum | None = None
    parts: tuple[PartSummary, ...] = ()
    upload_id: str | None = None

    def to_json(self) -> str:
        """Compact JSON without what is empty."""
        values: dict[str, Any] = {
            "headers": self.headers,
            "metadata": self.metadata,
            "tags": self.tags,
            "checksum": asdict(self.checksum) if self.checksum else None,
            "parts": [asdict(part) for part in self.parts],
            "upload_id": self.upload_id,
        }
        return json.dumps({name: value for name, value in values.items() if value}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Attributes:
        """The opposite of `to_json`."""
        if text == "{}":
            return cls()
        values: dict[str, Any] = json.loads(text)
        if "checksum" in values:
            values["checksum"] = Checksum(**values["checksum"])
        values["parts"] = tuple(PartSummary(**part) for part in values.get("parts", ()))
        known = {entry.name for entry in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


@dataclass(frozen=True)
class ObjectInfo:
    """One object.

    Attributes:
        size: bytes.
        etag: without quotes.
        modified: seconds since the epoch.
        blob_path: file with the bytes; read only. It may vanish when the object is overwritten: open it
            through `ObjectStore.open`, or link it with `ObjectStore.link_to`.
    """

    bucket: str
    key: str
    size: int
    etag: str
    modified: float
    blob_path: Path
    attributes: Attributes = field(default_factory=Attributes)

    @property
    def content_type(self) -> str:
        return self.attributes.headers.get("content-type", DEFAULT_CONTENT_TYPE)

    @property
    def metadata(self) -> dict[str, str]:
        return self.attributes.metadata

    @property
    def blob(self) -> str:
        """Name of the blob."""
        return self.blob_path.name

    def with_attributes(self, **changes: Any) -> ObjectInfo:
        """A copy with other attributes."""
        return replace(self, attributes=replace(self.attributes, **changes))


@dataclass(frozen=True)
class UploadInfo:
    """A multipart upload that is under way.

    Attributes:
        checksum_algorithm, checksum_kind: as asked at its creation, if at all.
    """

    upload_id: str
    bucket: str
    key: str
    created: float
    attributes: Attributes
    checksum_algorithm: str | None = None
    checksum_kind: str | None = None


@dataclass(frozen=True)
class PartInfo:
    """One uploaded part."""

    number: int
    size: int
    etag: str
    modified: float
    blob_path: Path
    checksum: Checksum | None = None
