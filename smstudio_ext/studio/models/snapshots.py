"""Models of shared notebooks: what may be shared, snapshots, copies."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, PageQuery, Request, UtcTime


class SharingQuery(Request):
    """Which notebook is to be shared, as a path of the Jupyter server."""

    path: str = Field(default="", max_length=4096)


class GitInformation(Answer):
    """Where a notebook lies in a Git repository.

    Attributes:
        url: the remote `origin` without any name or password in it; None for a repository without one.
        branch: None when no branch is checked out.
        commit: the last commit; None before the first one.
        path: of the notebook, from the repository's root.
        changed: the notebook differs from that commit, or is not part of it.
    """

    url: str | None
    branch: str | None
    commit: str | None
    path: str
    changed: bool


class SharingOptions(Answer):
    """What the dialog "Create shareable snapshot" offers.

    Attributes:
        enabled: snapshots can be made here.
        reason: why not.
        hint: what to do about it.
        s3_uri: where the domain keeps snapshots.
        output_allowed: cell outputs may be shared.
        git: of the notebook that the query names; None when it is in no repository, or Git is not installed.
    """

    enabled: bool
    reason: str | None = None
    hint: str | None = None
    domain: str | None = None
    user: str | None = None
    s3_uri: str | None = None
    output_allowed: bool = False
    git: GitInformation | None = None


class CreateSnapshot(Request):
    """The dialog "Create shareable snapshot"."""

    path: str = Field(min_length=1, max_length=4096)
    include_git: bool = False
    include_output: bool = False


class Snapshot(Answer):
    """What is known of a snapshot without its notebook.

    Attributes:
        name: in links and paths of the API: the user profile, a dot and a random part that cannot be guessed.
        user: profile of who made it.
        own: made by the asking user.
        size: of the notebook, bytes.
        kernel: as the notebook names it, e.g. `Python 3 (Data Science)`.
        image: part of the kernel's name that names the image, e.g. `datascience-1.0`.
    """

    name: str
    file_name: str
    user: str
    own: bool
    created: UtcTime
    size: int
    cells: int
    include_output: bool
    git: GitInformation | None
    instance_type: str | None
    kernel: str | None
    image: str | None
    s3_uri: str


class SnapshotView(Answer):
    """A snapshot with its notebook, in the format of Jupyter notebooks (nbformat 4)."""

    snapshot: Snapshot
    notebook: dict[str, Any]


class ListSnapshots(PageQuery):
    """One's own snapshots, the newest first."""

    search: str | None = Field(default=None, max_length=256)


class SnapshotPage(Answer):
    """A page of the list."""

    items: list[Snapshot]
    next_token: str | None


class CreateCopy(Request):
    """Where a copy goes.

    Attributes:
        folder: of the Jupyter server; empty for its root.
        file_name: must not be taken; `.ipynb` is added when it is missing.
    """

    folder: str = Field(default="", max_length=4096)
    file_name: str = Field(min_length=1, max_length=255)


class CreatedCopy(Answer):
    """A copy that was made."""

    path: str
