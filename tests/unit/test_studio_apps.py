"""Apps and presigned addresses over time: the 5 minutes of a script, the 24 hours of an ended app, a reboot, a restart."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.clock import ManualClock
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import ResourceNotFound
from smstudio_ext.engine.server.wiring import build_context, stop_parts
from smstudio_ext.engine.settings import Settings
from smstudio_ext.engine.studio import (
    app_controller,
    apps,
    defaults,
    domains,
    listing,
    members,
    presigned,
    scripts,
)
from smstudio_ext.engine.studio.names import APP, DOMAIN
from tests.conftest import eventually

REGION = "us-east-1"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[EngineContext]:
    """The parts of an engine with a clock that the test turns; steps are taken by the test."""
    context = build_context(Settings(tmp_path), ManualClock())
    context.runner.open()
    context.reconciler.attach(context)
    defaults.ensure_default(context, REGION)
    yield context
    stop_parts(context)


@pytest.fixture
def user(ctx: EngineContext) -> dict[str, str]:
    """The default user profile."""
    domain = listing.every(ctx, REGION, listing.of_kind(DOMAIN))[0].name
    members.create_profile(ctx, REGION, {"DomainId": domain, "UserProfileName": "ada"})
    return {"DomainId": domain, "UserProfileName": "ada"}


def turn(ctx: EngineContext, seconds: float) -> None:
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance(seconds)


def kernel_app(user: dict[str, str], name: str = "one") -> dict[str, Any]:
    return {**user, "AppType": "KernelGateway", "AppName": name}


def scripted(ctx: EngineContext, user: dict[str, str], text: str) -> dict[str, Any]:
    """An app with a script, created."""
    content = base64.b64encode(text.encode()).decode()
    arn = scripts.create_script(
        ctx,
        REGION,
        {
            "StudioLifecycleConfigName": "script",
            "StudioLifecycleConfigContent": content,
            "StudioLifecycleConfigAppType": "KernelGateway",
        },
    ).arn
    key = kernel_app(user)
    apps.create_app(ctx, REGION, {**key, "ResourceSpec": {"LifecycleConfigArn": arn}}, {})
    return key


def status(ctx: EngineContext, key: dict[str, Any]) -> str:
    ctx.reconciler.run_due()
    return str(apps.describe_app(ctx, REGION, key, {})["Status"])


def test_a_script_has_five_minutes(ctx: EngineContext, user: dict[str, str]) -> None:
    key = scripted(ctx, user, "sleep 1000\n")
    assert status(ctx, key) == "Pending"
    turn(ctx, 299)
    assert status(ctx, key) == "Pending"
    turn(ctx, 2)
    eventually(lambda: status(ctx, key) == "Failed", what="end of the late script")
    assert "took longer than 5 minutes" in apps.describe_app(ctx, REGION, key, {})["FailureReason"]


def test_the_wall_clock_does_not_count_for_a_script(
    ctx: EngineContext, user: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = scripted(ctx, user, f"until [ -e {tmp_path}/go ]; do sleep 0.01; done\n")
    assert status(ctx, key) == "Pending"
    clock = ctx.clock
    jumped = clock.now() + 86_400
    monkeypatch.setattr(clock, "now", lambda: jumped)
    assert status(ctx, key) == "Pending"
    (tmp_path / "go").touch()
    eventually(lambda: status(ctx, key) == "InService", what="start of the app")


def test_an_ended_app_is_shown_for_a_day_and_known_for_ever(ctx: EngineContext, user: dict[str, str]) -> None:
    key = kernel_app(user)
    everything = {"history": "all"}
    for _ in range(2):
        apps.create_app(ctx, REGION, key, {})
        assert status(ctx, key) == "InService"
        turn(ctx, 3600)
        apps.delete_app(ctx, REGION, key)
        assert status(ctx, key) == "Deleted"
        turn(ctx, 60)
    first, second = apps.list_apps(ctx, REGION, {}, {}).items
    lives = [
        apps.describe_app(ctx, REGION, key, {**everything, "created": str(row.created)})
        for row in (first, second)
    ]
    assert [life["LastHealthCheckTimestamp"] - life["CreationTime"] for life in lives] == [3600, 3600]
    assert apps.describe_app(ctx, REGION, key, {})["CreationTime"] == second.created
    turn(ctx, 24 * 3600)
    assert apps.list_apps(ctx, REGION, {}, {}).items == []
    with pytest.raises(ResourceNotFound):
        apps.describe_app(ctx, REGION, key, {})
    assert len(apps.list_apps(ctx, REGION, {}, everything).items) == 2
    assert apps.describe_app(ctx, REGION, key, everything)["Status"] == "Deleted"


def test_apps_end_with_the_machine_and_live_on_with_the_engine(
    ctx: EngineContext, user: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = kernel_app(user)
    created = apps.create_app(ctx, REGION, key, {}).created
    turn(ctx, 1000)
    ctx.reconciler.run_due()  # the engine notes that it lives
    turn(ctx, 5000)
    ctx.reconciler.take_up()  # an engine starts on the same machine
    assert status(ctx, key) == "InService"
    turn(ctx, 1000)
    monkeypatch.setattr(app_controller, "boot_id", lambda: "another")
    ctx.reconciler.take_up()
    ended = apps.describe_app(ctx, REGION, key, {})
    assert ended["Status"] == "Deleted"
    assert ended["LastHealthCheckTimestamp"] == created + 6000
    assert ctx.store.resources.unfinished([APP]) == []


def test_a_clock_that_goes_back_gives_no_app_an_end_before_its_beginning(
    ctx: EngineContext, user: dict[str, str]
) -> None:
    key = kernel_app(user)
    apps.create_app(ctx, REGION, key, {})
    turn(ctx, -7200)
    apps.delete_app(ctx, REGION, key)
    assert status(ctx, key) == "Deleted"
    ended = apps.describe_app(ctx, REGION, key, {})
    assert ended["LastHealthCheckTimestamp"] == ended["CreationTime"]


def test_presigned_addresses_expire(
    ctx: EngineContext, user: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = presigned.Lab("http://127.0.0.1:1", os.getpid(), entrance=False)
    monkeypatch.setattr(presigned, "find_lab", lambda _ctx, _user: lab)

    def token(**members: Any) -> str:
        return presigned.presign(ctx, REGION, {**user, **members}).partition("token=")[2]

    early, late, left = token(ExpiresInSeconds=5), token(ExpiresInSeconds=5), token()
    turn(ctx, 5)
    assert presigned.open_presigned(ctx, user["DomainId"], early).location
    turn(ctx, 0.1)
    assert "expired" in presigned.open_presigned(ctx, user["DomainId"], late).problem
    turn(ctx, 290)
    assert presigned.open_presigned(ctx, user["DomainId"], left).location
    forgotten = token()
    turn(ctx, 3 * 24 * 3600)
    token()
    assert "not made by this engine" in presigned.open_presigned(ctx, user["DomainId"], forgotten).problem
    kept = ctx.store.documents.all("studio-presigned-url")
    assert len(kept) == 1
    assert all(secret not in str(kept) for secret in (early, late, left, forgotten))


def test_an_address_ends_with_its_user_profile(ctx: EngineContext, user: dict[str, str]) -> None:
    token = presigned.presign(ctx, REGION, user).partition("token=")[2]
    ctx.store.resources.delete("UserProfile", REGION, f"{user['DomainId']}/ada")
    assert "does not exist any more" in presigned.open_presigned(ctx, user["DomainId"], token).problem


def test_homes_are_kept_unless_their_deletion_is_asked_for(ctx: EngineContext) -> None:
    request = {"DomainName": "a", "AuthMode": "IAM", "DefaultUserSettings": {}}
    for keep in (True, False):
        domain = domains.create_domain(ctx, REGION, {**request, "DomainName": f"home-{keep}"}).name
        home = domains.homes_of(ctx, domain) / "ada"
        home.mkdir(parents=True)
        domains.delete_domain(ctx, REGION, domain, keep_home=keep)
        assert home.exists() == keep
    assert (ctx.settings.data_dir / "studio" / "homes").exists()
