"""Routes of start-up scripts and own images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler

if TYPE_CHECKING:
    from smstudio_ext.studio.models.studio_assets import AttachImage


class ScriptsHandler(SmStudioHandler):
    """Lists and creates start-up scripts."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All of the region."""
        await self.answer("listScripts")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates one."""
        await self.answer("createScript")


class ScriptHandler(SmStudioHandler):
    """One start-up script."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its text."""
        await self.answer("describeScript", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteScript", name)


class DomainScriptsHandler(SmStudioHandler):
    """Start-up scripts of a domain."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Those of the domain itself and of its users."""
        await self.answer("listDomainScripts", name)


class AttachScriptHandler(SmStudioHandler):
    """Where a start-up script is attached."""

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Attaches it, or detaches it."""
        await self.answer("attachScript", name)


class OwnImagesHandler(SmStudioHandler):
    """Lists and attaches own images."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All of the region."""
        await self.answer("listOwnImages")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Makes one from the form."""

        def work(form: Any) -> Any:
            from smstudio_ext.studio.own_images import attach_image

            return attach_image(self.session.switch.current(), form, self._source(form))

        await self.answer_with("attachImage", work)

    def _source(self, form: AttachImage) -> Path | None:
        """What the form's source is on this machine.

        Files lie below the server's root, as in all forms; environments and kernelspecs may lie anywhere.
        """
        if form.kind == "container":
            return None
        if form.kind == "kernelspec":
            specs = self.kernel_spec_manager.find_kernel_specs()
            if form.source in specs:
                return Path(specs[form.source])
        if form.kind in ("environment", "kernelspec"):
            given = Path(form.source).expanduser()
            root = self.session.root_dir
            return given if given.is_absolute() or root is None else root / given
        return self.script_path(form.source)


class OwnImageHandler(SmStudioHandler):
    """One own image."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its versions."""
        await self.answer("listImageVersions", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteOwnImage", name)
