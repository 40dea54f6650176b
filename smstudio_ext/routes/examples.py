"""Routes of the gallery of example notebooks."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler
from smstudio_ext.routes.documents import DocumentsHandler


class ExamplesHandler(SmStudioHandler):
    """The gallery; it needs neither engine nor AWS."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All examples."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.examples import list_examples

            return list_examples()

        await self.answer_with("listExamples", work)


class ExampleHandler(SmStudioHandler):
    """One example."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its preview."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.examples import read_example

            return read_example(name, self.session.switch.current)

        await self.answer_with("readExample", work)


class ExampleSourcesHandler(SmStudioHandler):
    """Repositories and S3 folders with more of them."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Adds one, or reads it again."""

        def work(form: Any) -> Any:
            from smstudio_ext.studio.example_sources import add_source

            return add_source(self.session.switch.current, form)

        await self.answer_with("addExampleSource", work)


class ExampleSourceHandler(SmStudioHandler):
    """One of them."""

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Takes it out of the gallery."""

        def work(_: Any) -> Any:
            from smstudio_ext.studio.example_sources import remove_source

            return remove_source(name)

        await self.answer_with("removeExampleSource", work)


class CopyExampleHandler(DocumentsHandler):
    """Copies of an example."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes one among the files of this server."""
        self.prepare_loop()

        def work(form: Any) -> Any:
            from smstudio_ext.studio.examples import read_example
            from smstudio_ext.studio.models.snapshots import CreatedCopy
            from smstudio_ext.studio.notebook_documents import notebook_name

            file_name = notebook_name(form.file_name)
            notebook = read_example(name, self.session.switch.current).notebook
            return CreatedCopy(path=self.make_notebook(form.folder, file_name, notebook))

        await self.answer_with("copyExample", work)
