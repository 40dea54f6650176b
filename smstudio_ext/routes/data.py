"""Routes of data: S3 browser, preview, upload, samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class BucketsHandler(SmStudioHandler):
    """Lists buckets."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All of them."""
        await self.answer("listBuckets")


class ObjectsHandler(SmStudioHandler):
    """Browses a bucket."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """One folder."""
        await self.answer("listObjects")


class PeekHandler(SmStudioHandler):
    """How an object of S3 begins."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Its first lines."""
        await self.answer("peekObject")


class DownloadHandler(SmStudioHandler):
    """One object of S3."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Sends it as a file to keep."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.buckets import read_object

            return read_object(self.session.switch.current(), query.uri)

        name = self.get_query_argument("uri", "").rstrip("/").rpartition("/")[2]
        await self.answer_text(
            "downloadObject", work, file_name=name or "object", kind="application/octet-stream"
        )


class PreviewHandler(SmStudioHandler):
    """Looks into a CSV."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Previews a file of the Jupyter server or an S3 object."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.data import is_s3, preview_file, preview_s3

            if is_s3(request.source):
                return preview_s3(self.session.switch.current(), request)
            return preview_file(self._path(request.source), request)

        await self.answer_with("previewData", work)

    def _path(self, path: str) -> Any:
        from smstudio_ext.studio.files import file_below

        return file_below(self.session.root_dir, path, allow_hidden=self.session.allow_hidden)


class UploadHandler(SmStudioHandler):
    """Sends a file of the Jupyter server to S3."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Uploads it."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.buckets import upload_file
            from smstudio_ext.studio.files import file_below

            path = file_below(self.session.root_dir, request.path, allow_hidden=self.session.allow_hidden)
            return upload_file(self.session.switch.current(), path, request.bucket, request.key)

        await self.answer_with("uploadData", work)


class SamplesHandler(SmStudioHandler):
    """The sample data sets."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All of them."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.models.data import Samples
            from smstudio_ext.studio.samples import list_samples

            return Samples(items=list_samples())

        await self.answer_with("listSamples", work)


class SampleHandler(SmStudioHandler):
    """One sample data set."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Puts it into S3."""
        await self.answer("putSample", name)
