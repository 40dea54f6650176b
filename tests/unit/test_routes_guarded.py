"""The check that no route answers strangers, and that it would notice one that does."""

from __future__ import annotations

import subprocess
import sys

import pytest
from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from smstudio_ext import routes
from smstudio_ext.routes import guard
from smstudio_ext.routes.base import SmStudioHandler


class OpenHandler(SmStudioHandler):
    """Forgets to ask who is there."""

    async def get(self) -> None:
        """Answers everyone."""


class HalfOpenHandler(SmStudioHandler):
    """Asks who is there, but not whether they may."""

    @authenticated
    async def get(self) -> None:
        """Answers everyone who is signed in."""


class WrongOrderHandler(SmStudioHandler):
    """Asks whether they may before it asks who is there."""

    @authorized
    @authenticated
    async def delete(self) -> None:
        """Answers wrongly."""


def test_all_routes_are_guarded_and_in_the_table() -> None:
    assert guard.problems() == []


@pytest.mark.parametrize("handler", [OpenHandler, HalfOpenHandler, WrongOrderHandler])
def test_guard_notices_an_open_handler(
    handler: type[SmStudioHandler], monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = routes.all_handlers()
    monkeypatch.setattr(guard, "all_handlers", lambda: [*guarded, ("/smstudio/api/status", handler)])
    assert any(handler.__name__ in problem for problem in guard.problems())


def test_guard_notices_an_undeclared_path(monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = routes.all_handlers()
    monkeypatch.setattr(
        guard, "all_handlers", lambda: [*guarded[1:], ("/smstudio/api/secret", guarded[0][1])]
    )
    assert guard.problems() == [
        "GET secret is served but not in the table",
        "GET status is in the table but no handler serves it",
    ]


def test_extension_loads_nothing_heavy() -> None:
    heavy = [
        "sagemaker",
        "boto3",
        "botocore",
        "numpy",
        "pandas",
        "sklearn",
        "xgboost",
        "optuna",
        "polars",
        "pydantic",
    ]
    program = (
        "import sys, smstudio_ext, smstudio_ext.app; smstudio_ext._jupyter_server_extension_points();"
        "from smstudio_ext.routes import all_handlers; all_handlers();"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "[]"
