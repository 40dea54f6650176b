"""Models of an endpoint's captured data."""

from __future__ import annotations

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime


class CaptureQuery(Request):
    """Query of what was captured last.

    Attributes:
        records: how many records at most.
    """

    variant: str | None = Field(default=None, max_length=63)
    records: int = Field(default=50, ge=1, le=500)


class CaptureFile(Answer):
    """One file of captured data."""

    s3_uri: str
    variant: str
    size: int
    modified: UtcTime


class CapturedPart(Answer):
    """A request or an answer.

    Attributes:
        data: text; base64 when the data is none and `is_base64`.
        truncated: it is longer; the file has all of it.
    """

    content_type: str | None
    data: str
    is_base64: bool
    truncated: bool


class CaptureRecord(Answer):
    """One captured invocation; a part that was not captured is none."""

    event_id: str
    time: UtcTime | None
    variant: str
    inference_id: str | None
    custom_attributes: str | None
    input: CapturedPart | None
    output: CapturedPart | None
    file: str


class CapturedData(Answer):
    """What an endpoint captured last, newest first.

    Attributes:
        prefix: folder of the endpoint in S3; none when it captures nothing.
        unread: lines that are no records of AWS's form.
    """

    prefix: str | None
    variants: list[str]
    files: list[CaptureFile]
    records: list[CaptureRecord]
    unread: int
