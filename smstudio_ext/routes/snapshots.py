"""Routes of shared notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.documents import DocumentsHandler


class _SharedFileHandler(DocumentsHandler):
    """What handlers of a notebook's file share."""

    def git_of(self, path: str) -> Any:
        """What Git says of a Jupyter path; None for one that is no file of this machine."""
        from smstudio_ext.studio.files import file_below
        from smstudio_ext.studio.git_information import git_information
        from smstudio_ext.studio.problems import StudioProblem

        try:
            found: Path = file_below(self.session.root_dir, path, allow_hidden=self.session.allow_hidden)
        except StudioProblem:
            return None
        return git_information(found)


class SharingHandler(_SharedFileHandler):
    """What the dialog "Create shareable snapshot" offers."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """For one notebook."""

        def work(query: Any) -> Any:
            from smstudio_ext.studio.sharing import sharing_options

            git = self.git_of(query.path) if query.path else None
            return sharing_options(self.session.switch.current(), git)

        await self.answer_with("getSharingOptions", work)


class SnapshotsHandler(_SharedFileHandler):
    """One's own snapshots."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One page of the list."""
        await self.answer("listSnapshots")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Makes one of a notebook of this server."""
        self.prepare_loop()

        def work(form: Any) -> Any:
            from smstudio_ext.studio.snapshots import create_snapshot

            made = create_snapshot(
                self.session.switch.current(),
                self.read_notebook(form.path),
                form.path.rpartition("/")[2],
                git=self.git_of(form.path) if form.include_git else None,
                include_output=form.include_output,
            )
            self._made = made.name
            return made

        await self.answer_with("createSnapshot", work)
        self.announce("Snapshot", getattr(self, "_made", ""), "Created")


class SnapshotHandler(DocumentsHandler):
    """One snapshot."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its preview."""
        await self.answer("describeSnapshot", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteSnapshot", name)
        self.announce("Snapshot", name, "Deleted")


class CopySnapshotHandler(DocumentsHandler):
    """Copies of a snapshot."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes one among the files of this server."""
        self.prepare_loop()

        def work(form: Any) -> Any:
            from smstudio_ext.studio.models.snapshots import CreatedCopy
            from smstudio_ext.studio.notebook_documents import notebook_name
            from smstudio_ext.studio.snapshots import describe_snapshot

            file_name = notebook_name(form.file_name)
            view = describe_snapshot(self.session.switch.current(), name)
            return CreatedCopy(path=self.make_notebook(form.folder, file_name, view.notebook))

        await self.answer_with("copySnapshot", work)
