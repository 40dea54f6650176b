"""What the status bar and the target switch show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from smstudio_ext import __version__
from smstudio_ext.aws.problems import AccountProblem
from smstudio_ext.aws.profiles import configured_region, default_source, read_profiles
from smstudio_ext.studio.models.status import (
    EngineStatus,
    Identity,
    RoleToAssume,
    Status,
    TargetInfo,
    TargetOption,
    Targets,
)
from smstudio_ext.target import (
    DEFAULT_REGION,
    LOCAL_ROLE_ARN,
    EngineAway,
    sagemaker_regions,
)
from smstudio_ext.target_switch import TargetSwitch

_DEFAULT_TITLES = {
    "environment": "AWS: environment's credentials",
    "container": "AWS: container's role",
    "web-identity": "AWS: web identity",
    "instance": "AWS: instance's role",
}


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
    """The local engine, then what botocore takes without a profile, unless that is one, then every profile of the AWS configuration."""
    from botocore.exceptions import ConfigParseError

    options = [TargetOption(kind="local", profile=None, region=DEFAULT_REGION, title="Local engine")]
    problem = None
    try:
        profiles = read_profiles()
    except ConfigParseError as error:
        profiles, problem = {}, str(error)
    source = default_source()
    if source != "instance" or (problem is None and "default" not in profiles):
        options.append(
            TargetOption(
                kind="aws",
                profile=None,
                region=configured_region(None) or DEFAULT_REGION,
                title=_DEFAULT_TITLES[source],
                method=source,
            )
        )
    options += [
        TargetOption(
            kind="aws",
            profile=profile.name,
            region=profile.region or DEFAULT_REGION,
            title=f"AWS: {profile.name}",
            method=profile.method,
            signs_in=profile.sign_in is not None,
            mfa_serial=profile.mfa_serial,
        )
        for profile in profiles.values()
    ]
    return Targets(current=target_info(switch), options=options, regions=sagemaker_regions(), problem=problem)


def target_info(switch: TargetSwitch) -> TargetInfo:
    """The chosen target, without calling it."""
    region = switch.effective_region()
    local = switch.kind == "local"
    assume = switch.choice.assume
    return TargetInfo(
        kind=switch.kind,
        profile=switch.profile,
        region=region,
        role_arn=LOCAL_ROLE_ARN if local else switch.role_arn,
        title="Local engine" if local else f"AWS: {switch.profile or 'default'} ({region})",
        read_only=switch.read_only,
        assume=RoleToAssume(**asdict(assume)) if assume else None,
    )


def _identity(switch: TargetSwitch) -> tuple[Identity | None, str | None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = switch.current().identity()
    except (ClientError, BotoCoreError, EngineAway, AccountProblem) as error:
        return None, str(error)
    return Identity(account=found["Account"], arn=found["Arn"], user_id=found["UserId"]), None
