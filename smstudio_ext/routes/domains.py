"""Routes of the Domain page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class DomainsHandler(SmStudioHandler):
    """Lists and creates domains."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """All domains of the region."""
        await self.answer("listDomains")

    @authenticated
    @authorized
    async def post(self) -> None:
        """Creates a domain from the form."""
        await self.answer("createDomain")


class DomainOptionsHandler(SmStudioHandler):
    """What the forms offer."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Names, roles, places, instance types."""
        await self.answer("getDomainOptions")


class DomainHandler(SmStudioHandler):
    """One domain."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Its page."""
        await self.answer("describeDomain", name)

    @authenticated
    @authorized
    async def put(self, name: str) -> None:
        """Changes its settings."""
        await self.answer("updateDomain", name)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Deletes it."""
        await self.answer("deleteDomain", name)
        self.announce("Domain", name, "Deleted")


class UserProfilesHandler(SmStudioHandler):
    """User profiles of a domain."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Creates one."""
        await self.answer("createUserProfile", name)
        self.announce("UserProfile", name, "InService")


class UserProfileHandler(SmStudioHandler):
    """One user profile."""

    @authenticated
    @authorized
    async def delete(self, name: str, user: str) -> None:
        """Deletes it."""
        await self.answer("deleteUserProfile", name, user)
        self.announce("UserProfile", f"{name}/{user}", "Deleted")


class SpacesHandler(SmStudioHandler):
    """Spaces of a domain."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Creates one."""
        await self.answer("createSpace", name)
        self.announce("Space", name, "InService")


class SpaceHandler(SmStudioHandler):
    """One space."""

    @authenticated
    @authorized
    async def delete(self, name: str, space: str) -> None:
        """Deletes it."""
        await self.answer("deleteSpace", name, space)
        self.announce("Space", f"{name}/{space}", "Deleted")


class AppsHandler(SmStudioHandler):
    """Apps of a domain."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """All of them."""
        await self.answer("listDomainApps", name)

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Starts one."""
        await self.answer("createApp", name)
        self.announce("App", name, "Pending")


class DeleteAppHandler(SmStudioHandler):
    """The end of an app."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Begins it."""
        await self.answer("deleteApp", name)
        self.announce("App", name, "Deleting")


class AppFailureHandler(SmStudioHandler):
    """Why an app failed."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """The reason that the target gives."""
        await self.answer("getAppFailure", name)


class AppLogHandler(SmStudioHandler):
    """The log of an app's start-up script."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Part of it."""
        await self.answer("getAppLog", name)


class DownloadAppLogHandler(SmStudioHandler):
    """The whole log of an app's start-up script."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Sends it as a text file."""

        def work(query: Any) -> Iterator[bytes]:
            from smstudio_ext.studio.domain_apps import app_log_text

            return app_log_text(self.session.switch.current(), name, query)

        await self.answer_text(
            "downloadAppLog", work, file_name=f"{name}.log", kind="text/plain; charset=utf-8"
        )


class PresignDomainHandler(SmStudioHandler):
    """Addresses that open a domain."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Makes one."""
        await self.answer("presignDomain", name)
