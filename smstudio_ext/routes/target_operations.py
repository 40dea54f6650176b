"""The REST API's operations on signing in to AWS, on who we are there, and on roles."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

_SIGN_IN = "sign-ins/{name}"

TARGET_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "identity", "getIdentity", "Who the target takes us for", "aws_sessions.Whoami"),
    Operation("POST", "identity/renew", "renewIdentity", "Read the credentials again", "aws_sessions.Whoami"),
    Operation(
        "GET",
        "execution-roles",
        "listExecutionRoles",
        "Roles that SageMaker may take for new jobs",
        "aws_sessions.ExecutionRoles",
        runs="aws_roles.list_execution_roles",
    ),
    Operation(
        "POST",
        "sign-ins",
        "startSignIn",
        "Begin to sign in to IAM Identity Center",
        "aws_sessions.SignIn",
        body="aws_sessions.StartSignIn",
        status=201,
    ),
    Operation("GET", _SIGN_IN, "describeSignIn", "How far a signing in is", "aws_sessions.SignIn"),
    Operation("DELETE", _SIGN_IN, "cancelSignIn", "End a signing in", "aws_sessions.SignIn"),
    Operation(
        "GET",
        f"{_SIGN_IN}/accounts",
        "listSignInAccounts",
        "Accounts of somebody who signed in",
        "aws_sessions.Accounts",
    ),
    Operation(
        "GET",
        f"{_SIGN_IN}/accounts/{{account}}",
        "listAccountRoles",
        "Roles in an account of somebody who signed in",
        "aws_sessions.AccountRoles",
    ),
    Operation(
        "POST",
        "profiles",
        "saveProfile",
        "Add a profile to the AWS configuration",
        "aws_sessions.SavedProfile",
        body="aws_sessions.SaveProfile",
        status=201,
    ),
)
