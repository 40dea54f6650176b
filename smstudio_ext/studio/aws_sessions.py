"""Signing in to AWS, who we are there, and which roles can be chosen: for the target's part of the panel."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from smstudio_ext.aws.account import RoleToAssume
from smstudio_ext.aws.profiles import SsoPlace, sso_place
from smstudio_ext.aws.signin import session_name
from smstudio_ext.studio.models import aws_sessions as models
from smstudio_ext.studio.models.status import ChooseTarget, Identity
from smstudio_ext.studio.problems import BadInput

if TYPE_CHECKING:
    from smstudio_ext.aws.signin import SignIns, SignInState
    from smstudio_ext.target_switch import TargetSwitch


def choose_target(switch: TargetSwitch, request: ChooseTarget) -> None:
    """Chooses the target; a role that is new is assumed at once, so that its problems show where it was chosen."""
    switch.choose(
        request.kind,
        request.profile,
        request.region,
        request.role_arn,
        read_only=request.read_only,
        assume=RoleToAssume(**request.assume.model_dump()) if request.assume else None,
        mfa_code=request.mfa_code.get_secret_value() if request.mfa_code else None,
    )


def start_sign_in(sign_ins: SignIns, switch: TargetSwitch, request: models.StartSignIn) -> models.SignIn:
    """Begins a signing in; the server then asks until somebody confirmed the code.

    Raises:
        BadAccountInput: the profile does not sign in.
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: the service cannot be asked.
    """
    if request.start_url:
        if not request.sso_region:
            raise BadInput(
                "The region of IAM Identity Center is missing.", fields=[("sso_region", "is required")]
            )
        place = SsoPlace(
            start_url=request.start_url,
            region=request.sso_region,
            session_name=session_name(request.start_url),
            scopes=("sso:account:access",),
        )
    else:
        place = sso_place(request.profile or switch.profile)
    return sign_in(sign_ins.start(place))


def sign_in(state: SignInState) -> models.SignIn:
    """How far a signing in is."""
    return models.SignIn(
        id=state.id,
        status=state.status,
        user_code=state.user_code,
        verification_uri=state.verification_uri,
        verification_uri_complete=state.verification_uri_complete,
        expires_at=datetime.fromtimestamp(state.expires_at, timezone.utc),
        message=state.message,
    )


def whoami(switch: TargetSwitch, *, anew: bool = False) -> models.Whoami:
    """Who the target takes us for; never raises for what is the matter with credentials.

    Args:
        anew: read the credentials again first.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from smstudio_ext.aws.advice import Advice, advice_on, place_of
    from smstudio_ext.aws.problems import AccountProblem
    from smstudio_ext.target import EngineAway

    if anew:
        switch.renew()
    identity, credentials, found, account = None, None, None, None
    try:
        target = switch.current()
        account = target.account
        said = target.identity()
        identity = Identity(account=said["Account"], arn=said["Arn"], user_id=said["UserId"])
        lifetime = account.lifetime() if account else None
        if lifetime:
            credentials = models.Credentials(
                method=lifetime.method,
                expires_at=lifetime.expires_at,
                renews=lifetime.renews,
                signed_in_until=lifetime.signed_in_until,
            )
    except (BotoCoreError, ClientError, AccountProblem, EngineAway) as error:
        found = advice_on(error, place_of(switch)) or Advice(
            503, type(error).__name__, str(error), "Try again in a moment."
        )
    return models.Whoami(
        identity=identity,
        credentials=credentials,
        signs_in=bool(account and account.place_to_sign_in()),
        mfa_serial=account.mfa_serial() if account else None,
        code=found.code if found else None,
        message=found.message if found else None,
        hint=found.hint if found else None,
    )
