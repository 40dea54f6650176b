"""The channels of a training job on one host: files in File and FastFile mode, plans of FIFOs in Pipe mode."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.engine.runtime import pipes
from smstudio_ext.engine.runtime.channels import InputFile, data_source, fetch_inputs, list_inputs
from smstudio_ext.engine.runtime.cluster import Host
from smstudio_ext.engine.runtime.jobs import JobFailure, JobFolder
from smstudio_ext.engine.store.objects import NoSuchBucket, NoSuchKey, parse_s3_uri

if TYPE_CHECKING:
    from smstudio_ext.engine.store.objects import ObjectStore

Document = dict[str, Any]
COPIED_BYTES = 16 * 1024 * 1024
"""Channels up to this size are copied, so that programs may change their files as they may on AWS; larger ones are links."""
PLANS = "pipes.json"


def channel_mode(channel: Document, job_mode: str) -> str:
    """How a channel comes: its own InputMode, else the job's."""
    return str(channel.get("InputMode") or job_mode)


def channels_of_host(document: Document, host: Host) -> list[Document]:
    """The channels that a host gets: those without InstanceGroupNames, and those that name its group."""
    found = []
    for channel in document.get("InputDataConfig") or []:
        groups = channel["DataSource"]["S3DataSource"].get("InstanceGroupNames")
        if not groups or host.group in groups:
            found.append(channel)
    return found


def prepare_channels(
    objects: ObjectStore,
    document: Document,
    region: str,
    folder: JobFolder,
    hosts: Sequence[Host],
    *,
    copy_small: bool,
) -> Path | None:
    """Puts the channels of one host into its folder; returns the plans of its Pipe channels, if it has any.

    Args:
        hosts: all hosts of the job.
        copy_small: small channels are copied, not linked.

    Raises:
        JobFailure: an input is at fault.
    """
    (own,) = [host for host in hosts if host.name == folder.host]
    mode = document["AlgorithmSpecification"]["TrainingInputMode"]
    plans = []
    for channel in channels_of_host(document, own):
        sharing = _sharing(channel, hosts)
        shard = (sharing.index(own), len(sharing)) if _is_sharded(channel) else (0, 1)
        target = folder.ml / "input" / "data" / channel["ChannelName"]
        if channel_mode(channel, mode) == "Pipe":
            target.parent.mkdir(parents=True, exist_ok=True)
            plans.append(_pipe(objects, channel, region, folder, target, shard))
        else:
            _files(objects, channel, region, target, shard, copy_small)
    if not plans:
        return None
    for plan in plans:
        pipes.make_first_fifos(plan)
    path = folder.scratch / PLANS
    pipes.write_plans(path, plans)
    return path


def _sharing(channel: Document, hosts: Sequence[Host]) -> list[Host]:
    groups = channel["DataSource"]["S3DataSource"].get("InstanceGroupNames")
    return [host for host in hosts if not groups or host.group in groups]


def _is_sharded(channel: Document) -> bool:
    source = channel["DataSource"]["S3DataSource"]
    return bool(source.get("S3DataDistributionType") == "ShardedByS3Key")


def _seed(channel: Document) -> int | None:
    shuffle = channel.get("ShuffleConfig")
    return None if shuffle is None else int(shuffle["Seed"])


def _files(
    objects: ObjectStore,
    channel: Document,
    region: str,
    target: Path,
    shard: tuple[int, int],
    copy_small: bool,
) -> None:
    files = list_inputs(objects, *data_source(channel), region)
    order = pipes.shuffled(len(files), _seed(channel))
    chosen = [files[number] for number in order[shard[0] :: shard[1]]]
    gunzip = channel.get("CompressionType") == "Gzip"
    small = copy_small and sum(file.size for file in chosen) <= COPIED_BYTES
    fetch_inputs(objects, chosen, target, gunzip=gunzip, writable=small)


def _pipe(
    objects: ObjectStore,
    channel: Document,
    region: str,
    folder: JobFolder,
    target: Path,
    shard: tuple[int, int],
) -> pipes.PipePlan:
    """Links what a channel's feeder will stream, so that it stays as it is now, and writes the rows of the plan."""
    place = folder.scratch / "pipes" / channel["ChannelName"]
    place.mkdir(parents=True)
    data_type, uri = data_source(channel)
    names = channel["DataSource"]["S3DataSource"].get("AttributeNames") or []
    rows = place / "rows.jsonl"
    links = _Links(objects, place)
    with rows.open("w") as sink:
        if data_type == "AugmentedManifestFile":
            for row in _augmented_rows(objects, links, uri, names, region):
                sink.write(json.dumps(row) + "\n")
        else:
            for file in list_inputs(objects, data_type, uri, region):
                sink.write(json.dumps([links.item(file.bucket, file.key)]) + "\n")
    return pipes.PipePlan(
        fifo=str(target),
        rows=str(rows),
        gunzip=channel.get("CompressionType") == "Gzip",
        wrap=channel.get("RecordWrapperType") == "RecordIO",
        seed=_seed(channel),
        shard=shard[0],
        shards=shard[1],
    )


class _Links:
    """Hard links of objects under numbers; an object that is named twice is linked once."""

    def __init__(self, objects: ObjectStore, place: Path) -> None:
        self._objects = objects
        self._place = place
        self._made: dict[tuple[str, str], str] = {}

    def item(self, bucket: str, key: str) -> Document:
        """The plan's item for an object.

        Raises:
            NoSuchBucket, NoSuchKey: there is no such object.
        """
        path = self._made.get((bucket, key))
        if path is None:
            target = self._place / str(len(self._made))
            self._objects.link_to(bucket, key, target)
            path = self._made[(bucket, key)] = str(target)
        return {"file": path, "name": f"s3://{bucket}/{key}"}


def _augmented_rows(
    objects: ObjectStore, links: _Links, uri: str, names: Sequence[str], region: str
) -> Iterator[list[Document]]:
    """Rows of an augmented manifest: for each JSON line the named attributes, in the order named.

    Format: https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html
    """
    for manifest in list_inputs(objects, "S3Prefix", uri, region):
        with objects.open(manifest.bucket, manifest.key) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _augmented_row(links, manifest, number, line, names)


def _augmented_row(
    links: _Links, manifest: InputFile, number: int, line: bytes, names: Sequence[str]
) -> list[Document]:
    where = f"line {number} of the augmented manifest s3://{manifest.bucket}/{manifest.key}"
    try:
        entry = json.loads(line)
        values = [(name, entry[name]) for name in names]
    except (ValueError, TypeError) as error:
        raise JobFailure(f"ClientError: Data download failed: {where} is not a JSON object.") from error
    except KeyError as error:
        raise JobFailure(f"ClientError: Data download failed: {where} has no attribute {error}.") from error
    items = []
    for name, value in values:
        if not name.endswith("-ref"):
            items.append({"text": value if isinstance(value, str) else json.dumps(value)})
            continue
        try:
            location = parse_s3_uri(str(value))
            items.append(links.item(location.bucket, location.key))
        except (NoSuchBucket, NoSuchKey) as error:
            raise JobFailure(
                f"ClientError: Data download failed: {where} names {value}, which does not exist."
            ) from error
    return items
