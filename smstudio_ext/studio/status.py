"""What the status bar and the target switch show."""

from __future__ import annotations

from collections.abc import Mapping

from smstudio_ext import __version__
from smstudio_ext.studio.models.status import (
    EngineStatus,
    Identity,
    Status,
    TargetInfo,
    TargetOption,
    Targets,
)
from smstudio_ext.target import (
    DEFAULT_REGION,
    LOCAL_ROLE_ARN,
    EngineAway,
    TargetSwitch,
    aws_profiles,
    has_environment_credentials,
    sagemaker_regions,
)


def get_status(switch: TargetSwitch, engine: Mapping[str, str | None], *, identity: bool) -> Status:
    """Target and engine; with `identity` also who the target takes us for, or why it does not say."""
    found, problem = _identity(switch) if identity else (None, None)
    return Status(
        version=__version__,
        target=target_info(switch),
        engine=EngineStatus.model_validate(dict(engine)),
        identity=found,
        identity_error=problem,
    )


def get_targets(switch: TargetSwitch) -> Targets:
    """The local engine, then the default credentials when there are any, then every profile of the AWS configuration."""
    options = [TargetOption(kind="local", profile=None, region=DEFAULT_REGION, title="Local engine")]
    profiles = aws_profiles()
    if has_environment_credentials():
        options.append(
            TargetOption(
                kind="aws", profile=None, region=DEFAULT_REGION, title="AWS: environment's credentials"
            )
        )
    for name, region in profiles.items():
        options.append(
            TargetOption(kind="aws", profile=name, region=region or DEFAULT_REGION, title=f"AWS: {name}")
        )
    return Targets(current=target_info(switch), options=options, regions=sagemaker_regions())


def target_info(switch: TargetSwitch) -> TargetInfo:
    """The chosen target, without calling it."""
    region = switch.effective_region()
    local = switch.kind == "local"
    return TargetInfo(
        kind=switch.kind,
        profile=switch.profile,
        region=region,
        role_arn=LOCAL_ROLE_ARN if local else switch.role_arn,
        title="Local engine" if local else f"AWS: {switch.profile or 'default'} ({region})",
        read_only=switch.read_only,
    )


def _identity(switch: TargetSwitch) -> tuple[Identity | None, str | None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = switch.current().identity()
    except (ClientError, BotoCoreError, EngineAway) as error:
        return None, str(error)
    return Identity(account=found["Account"], arn=found["Arn"], user_id=found["UserId"]), None
