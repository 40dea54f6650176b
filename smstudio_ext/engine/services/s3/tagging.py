"""Tags of objects and buckets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from smstudio_ext.engine.errors import AwsError
from smstudio_ext.engine.protocol.http import HttpResponse
from smstudio_ext.engine.protocol.payload import read_verified
from smstudio_ext.engine.services.s3.headers import check_tags
from smstudio_ext.engine.services.s3.objects import XML_LIMIT, check_version
from smstudio_ext.engine.services.s3.request import S3Request
from smstudio_ext.engine.services.s3.xml import MalformedXML, Value, answer, parse, text_of

_OBJECT_TAGS = 10
_BUCKET_TAGS = 50


async def put_object_tagging(request: S3Request) -> HttpResponse:
    """Replaces an object's tags."""
    check_version(request)
    tags = read_tags(await read_verified(request.http, XML_LIMIT), _OBJECT_TAGS)
    await _set(request, tags)
    return HttpResponse(200)


async def get_object_tagging(request: S3Request) -> HttpResponse:
    """An object's tags."""
    check_version(request)
    info = request.objects.require(request.bucket, request.key)
    return answer("Tagging", [("TagSet", _members(info.attributes.tags))])


async def delete_object_tagging(request: S3Request) -> HttpResponse:
    """Removes all tags of an object."""
    check_version(request)
    await _set(request, {})
    return HttpResponse(204)


def read_tags(body: bytes, limit: int = _BUCKET_TAGS) -> dict[str, str]:
    """Tags of a `Tagging` document.

    Raises:
        AwsError: MalformedXML, InvalidTag, BadRequest (too many).
    """
    tag_set = parse(body, "Tagging").find("TagSet")
    if tag_set is None:
        raise MalformedXML
    pairs = [(text_of(tag, "Key"), text_of(tag, "Value")) for tag in tag_set.findall("Tag")]
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise AwsError("Cannot provide multiple Tags with the same key", code="InvalidTag", status=400)
    check_tags(tags, limit)
    return tags


async def _set(request: S3Request, tags: dict[str, str]) -> None:
    await request.run(
        partial(
            request.objects.update_attributes,
            request.bucket,
            request.key,
            lambda info: replace(info.attributes, tags=tags),
        )
    )


def _members(tags: dict[str, str]) -> list[tuple[str, Value]]:
    return [("Tag", [("Key", key), ("Value", value)]) for key, value in tags.items()]
