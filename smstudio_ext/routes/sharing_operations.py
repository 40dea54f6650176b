"""The REST API's operations on shared notebooks and on examples."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

SHARING_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "sharing",
        "getSharingOptions",
        "Whether and how a notebook can be shared",
        "snapshots.SharingOptions",
        query="snapshots.SharingQuery",
    ),
    Operation(
        "GET",
        "snapshots",
        "listSnapshots",
        "One's own snapshots of notebooks",
        "snapshots.SnapshotPage",
        query="snapshots.ListSnapshots",
        runs="snapshots.list_snapshots",
    ),
    Operation(
        "POST",
        "snapshots",
        "createSnapshot",
        "Create a shareable snapshot of a notebook",
        "snapshots.Snapshot",
        body="snapshots.CreateSnapshot",
        status=201,
    ),
    Operation(
        "GET",
        "snapshots/{name}",
        "describeSnapshot",
        "A snapshot with its notebook",
        "snapshots.SnapshotView",
        runs="snapshots.describe_snapshot",
    ),
    Operation(
        "DELETE",
        "snapshots/{name}",
        "deleteSnapshot",
        "Delete one's own snapshot",
        "base.Accepted",
        runs="snapshots.delete_snapshot",
    ),
    Operation(
        "POST",
        "snapshots/{name}/copy",
        "copySnapshot",
        "Copy a snapshot to the files of this server",
        "snapshots.CreatedCopy",
        body="snapshots.CreateCopy",
        status=201,
    ),
    Operation(
        "GET",
        "examples",
        "listExamples",
        "The example notebooks",
        "examples.Examples",
    ),
    Operation(
        "POST",
        "example-sources",
        "addExampleSource",
        "Add a Git repository or S3 folder to the gallery, or read it again",
        "examples.ExampleSource",
        body="examples.AddExampleSource",
        status=201,
    ),
    Operation(
        "DELETE",
        "example-sources/{name}",
        "removeExampleSource",
        "Take a source out of the gallery",
        "base.Accepted",
    ),
    Operation(
        "GET",
        "examples/{name}",
        "readExample",
        "An example notebook",
        "examples.ExampleView",
    ),
    Operation(
        "POST",
        "examples/{name}/copy",
        "copyExample",
        "Copy an example to the files of this server",
        "snapshots.CreatedCopy",
        body="snapshots.CreateCopy",
        status=201,
    ),
)
