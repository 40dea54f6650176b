"""Roles that are assumed with moto's STS: who that is, what is sent, when it is renewed, codes of MFA devices."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from smstudio_ext.aws.account import AwsAccount, OneTimeCode, RoleToAssume
from smstudio_ext.aws.problems import MfaNeeded
from smstudio_ext.target import Target

ROLE = "arn:aws:iam::123456789012:role/Renewed"


def account_of(moto_target: Target, role: RoleToAssume, code: OneTimeCode | None = None) -> AwsAccount:
    return AwsAccount(role=role, ask_for_code=code or OneTimeCode(), endpoint_url=moto_target._endpoint_url)


def key_of(account: AwsAccount) -> str:
    return str(account.core().get_credentials().get_frozen_credentials().access_key)


def later(account: AwsAccount, seconds: float) -> None:
    """Lets time pass for the credentials."""
    credentials = account.core().get_credentials()
    credentials._time_fetcher = lambda: datetime.now(timezone.utc) + timedelta(seconds=seconds)


@pytest.mark.parametrize(("duration", "before", "after"), [(900, 600, 840), (3600, 2600, 3100)])
def test_a_session_is_renewed_in_time_and_not_at_every_call(
    moto_target: Target, duration: int, before: float, after: float
) -> None:
    account = account_of(moto_target, RoleToAssume(ROLE, duration_seconds=duration))
    first = key_of(account)
    assert key_of(account) == first
    later(account, before)
    assert key_of(account) == first
    later(account, after)
    assert key_of(account) != first
    found = account.lifetime()
    assert found is not None
    assert found.renews


def test_targets_in_other_regions_share_the_session(moto_target: Target) -> None:
    account = account_of(moto_target, RoleToAssume(ROLE, session_name="shared"))
    target = Target.aws(None, "us-east-1", endpoint_url=moto_target._endpoint_url, account=account)
    elsewhere = target.in_region("eu-west-1")
    assert elsewhere.identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/Renewed/shared"
    assert elsewhere.client("sagemaker").meta.region_name == "eu-west-1"
    signers: list[Any] = [each.client("sts")._request_signer for each in (target, elsewhere)]
    assert signers[0]._credentials is signers[1]._credentials


def test_a_code_is_used_once_and_the_session_lives_to_its_end(moto_target: Target) -> None:
    code = OneTimeCode()
    account = account_of(moto_target, RoleToAssume(ROLE, mfa_serial="arn:aws:iam::1:mfa/me"), code)
    with pytest.raises(MfaNeeded, match="arn:aws:iam::1:mfa/me"):
        account.lifetime()
    code.give("123456")
    first = key_of(account)
    later(account, 3590)
    assert key_of(account) == first
    later(account, 3610)
    with pytest.raises(MfaNeeded):
        key_of(account)
    code.give("654321")
    account.core().get_credentials()._time_fetcher = lambda: datetime.now(timezone.utc)
    assert account.lifetime() is not None
