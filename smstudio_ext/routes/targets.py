"""Routes of signing in to AWS, of who we are there, and of the roles that can be chosen."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext.routes.base import SmStudioHandler


class IdentityHandler(SmStudioHandler):
    """Who the target takes us for."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Identity, where the credentials come from, and how long they last."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_sessions import whoami

            return whoami(self.session.switch)

        await self.answer_with("getIdentity", work)


class RenewIdentityHandler(SmStudioHandler):
    """Reads the credentials again."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Who we are then."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_sessions import whoami

            return whoami(self.session.switch, anew=True)

        await self.answer_with("renewIdentity", work)
        self.announce("Target", self.session.switch.profile or self.session.switch.kind, "Renewed")
        self.announce("*", "*", "Renewed")


class ExecutionRolesHandler(SmStudioHandler):
    """Roles for new jobs."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Those that SageMaker may take, when IAM may be asked."""
        await self.answer("listExecutionRoles")


class SignInsHandler(SmStudioHandler):
    """Signing in to IAM Identity Center."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Begins; the server asks until the code was confirmed in a browser."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_sessions import start_sign_in

            return start_sign_in(self.session.sign_ins, self.session.switch, request)

        await self.answer_with("startSignIn", work)


class SignInHandler(SmStudioHandler):
    """One signing in."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """How far it is."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_sessions import sign_in

            return sign_in(self.session.sign_ins.get(name))

        await self.answer_with("describeSignIn", work)

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Ends it."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_sessions import sign_in

            return sign_in(self.session.sign_ins.cancel(name))

        await self.answer_with("cancelSignIn", work)


class SignInAccountsHandler(SmStudioHandler):
    """Accounts of somebody who signed in."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """All of them."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_accounts import list_accounts

            return list_accounts(self.session.sign_ins.get(name))

        await self.answer_with("listSignInAccounts", work)


class AccountRolesHandler(SmStudioHandler):
    """Roles in one of these accounts."""

    @authenticated
    @authorized
    async def get(self, name: str, account: str) -> None:
        """Their names."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_accounts import list_account_roles

            return list_account_roles(self.session.sign_ins.get(name), account)

        await self.answer_with("listAccountRoles", work)


class ProfilesHandler(SmStudioHandler):
    """Profiles of the AWS configuration."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Adds one."""

        def work(request: Any) -> Any:
            from smstudio_ext.studio.aws_accounts import save_profile

            return save_profile(self.session.sign_ins, request)

        await self.answer_with("saveProfile", work)
