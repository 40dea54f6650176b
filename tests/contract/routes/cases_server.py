"""Cases of the server's own routes: status, target, engine, data, environments, what runs."""

from __future__ import annotations

from typing import Any

from tests.contract.routes import studio_things, things
from tests.contract.routes.case import Case, Refusal, named
from tests.contract.routes.place import Place, PlaceKind

KINDS: tuple[PlaceKind, ...] = ("local", "aws")
IMAGE = "python-3.6"
KERNEL = "python3-python-3.6"


def _start_again(p: Place) -> None:
    things.created(p, "engine/start", None)
    p.forget_clients()


def _gateway(p: Place) -> dict[str, Any]:
    """The server itself: a Jupyter server is a gateway, too."""
    url = str(p.server.client.base_url).removesuffix("smstudio/api/")
    return {"name": "itself", "url": url, "token": p.server.token}


def _forget_gateway(p: Place) -> None:
    # A server that is its own gateway offers its kernels again and again: it is one for a moment only.
    p.request("DELETE", "gateways/itself")


def _first_gateway(p: Place) -> dict[str, Any]:
    _forget_gateway(p)
    return _gateway(p)


def _new_gateway(p: Place) -> tuple[str]:
    p.request("POST", "gateways", body=_gateway(p))
    return ("itself",)


def _nobody(p: Place) -> tuple[str]:
    return ("nobody",)


_NO_SIGN_IN = {
    kind: Refusal(404, "NotFound", "nobody signs in here; tests/server/test_sign_in.py does")
    for kind in KINDS
}


def _target(p: Place) -> dict[str, Any]:
    return {"kind": "aws", "profile": "moto", "role_arn": p.role} if p.aws else {"kind": "local"}


CASES: dict[str, Case] = {
    "getStatus": Case(
        query=lambda p: {"identity": "true"}, check=lambda p, found: found["target"]["kind"] == p.kind
    ),
    "getTargets": Case(),
    "chooseTarget": Case(body=_target, check=lambda p, found: found["target"]["kind"] == p.kind),
    "getIdentity": Case(),
    "renewIdentity": Case(),
    "listExecutionRoles": Case(),
    "estimateCosts": Case(
        body=lambda p: {"items": [{"metered": "Training", "instance_type": "ml.m5.large", "seconds": 3600}]}
    ),
    "saveProfile": Case(
        body=lambda p: {"name": p.name("saved"), "source_profile": "moto", "assume": {"role_arn": p.role}}
    ),
    "startSignIn": Case(
        body=lambda p: {"profile": "moto"},
        refused={kind: Refusal(400, "BadInput", "the profile signs in nowhere") for kind in KINDS},
    ),
    "describeSignIn": Case(parts=_nobody, refused=_NO_SIGN_IN),
    "cancelSignIn": Case(parts=_nobody, refused=_NO_SIGN_IN),
    "listSignInAccounts": Case(parts=_nobody, refused=_NO_SIGN_IN),
    "listAccountRoles": Case(parts=lambda p: ("nobody", "123456789012"), refused=_NO_SIGN_IN),
    "listGateways": Case(),
    "addGateway": Case(body=_first_gateway, check=named(lambda p: "itself"), after=_forget_gateway),
    "testGateway": Case(body=_gateway, check=named(lambda p: "itself")),
    "describeGateway": Case(parts=_new_gateway, check=named(lambda p: "itself"), after=_forget_gateway),
    "updateGateway": Case(
        parts=_new_gateway,
        body=lambda p: {**_gateway(p), "username": "ada"},
        check=lambda p, found: found["settings"]["username"] == "ada",
        after=_forget_gateway,
    ),
    "removeGateway": Case(parts=_new_gateway),
    "listClusters": Case(check=lambda p, found: found["offered"] == p.aws),
    "writeClusterCell": Case(
        body=lambda p: {"kind": "emr-serverless", "id": "00f1", "execution_role_arn": p.role},
        refused={"local": Refusal(501, "NotOffered", "clusters are AWS's")},
    ),
    "startEngine": Case(check=lambda p, found: found["state"] == "running"),
    "stopEngine": Case(
        check=lambda p, found: found["state"] == "stopped",
        after=_start_again,
    ),
    "reportPresence": Case(body=lambda p: {"page": "a", "visible": False}),
    "listBuckets": Case(
        check=lambda p, found: things.data(p).split("/")[2] in [each["name"] for each in found["items"]]
    ),
    "listObjects": Case(query=lambda p: {"bucket": things.data(p).split("/")[2], "prefix": "routes/"}),
    "peekObject": Case(query=lambda p: {"uri": things.data(p)}),
    "downloadObject": Case(query=lambda p: {"uri": things.data(p)}),
    "previewData": Case(
        body=lambda p: {"source": things.data(p)}, check=lambda p, found: found["rows"] != []
    ),
    "uploadData": Case(body=lambda p: {"path": studio_things.file(p)}),
    "listSamples": Case(),
    "putSample": Case(parts=lambda p: ("churn",)),
    "getOpenApi": Case(),
    "listExamples": Case(),
    "addExampleSource": Case(
        body=lambda p: {"address": f"s3://{things.data(p).split('/')[2]}/routes/"},
        check=lambda p, found: found["kind"] == "s3",
    ),
    "removeExampleSource": Case(parts=lambda p: (studio_things.example_source(p),)),
    "readExample": Case(parts=lambda p: ("xgboost",)),
    "copyExample": Case(parts=lambda p: ("xgboost",), body=lambda p: {"file_name": p.name("example")}),
    "listEnvironments": Case(),
    "getNotebookEnvironment": Case(query=lambda p: {"path": studio_things.notebook(p), "kernel": KERNEL}),
    "chooseEnvironment": Case(
        body=lambda p: {"path": studio_things.notebook(p), "kernel": KERNEL, "instance_type": "ml.t3.medium"}
    ),
    "listStudioInstanceTypes": Case(),
    "listStartupScripts": Case(),
    "readStartupScript": Case(parts=lambda p: (studio_things.script(p),), check=named(studio_things.script)),
    "openImageTerminal": Case(body=lambda p: {"image": IMAGE, "instance_type": "ml.t3.medium"}),
    "getImageBuild": Case(parts=lambda p: (IMAGE,)),
    "startImageBuild": Case(parts=lambda p: (IMAGE,)),
    "cancelImageBuild": Case(
        parts=lambda p: (IMAGE,),
        refused={
            kind: Refusal(
                409, "Conflict", "the image is built; tests/unit/test_notebook_images.py stops a build"
            )
            for kind in KINDS
        },
    ),
    "getRunning": Case(
        query=lambda p: {"part": "apps"} if p.aws else {}, check=lambda p, found: found["target"] == p.kind
    ),
    "getUsage": Case(),
    "getKernelUsage": Case(parts=lambda p: (studio_things.kernel(p),)),
    "shutDown": Case(body=lambda p: {"scope": "endpoint", "name": things.new_endpoint(p)}),
    "getUsageHistory": Case(query=lambda p: {"days": 2} | ({"part": "apps"} if p.aws else {})),
    "downloadUsageHistory": Case(query=lambda p: {"days": 2}),
    "getPrices": Case(),
    "fetchPrices": Case(
        refused={
            "local": Refusal(501, "NotOffered", "prices are AWS's; local instances cost nothing"),
            "aws": Refusal(501, "NotOffered", "moto has no price list; tests/unit/test_prices.py reads one"),
        }
    ),
    "getIdle": Case(),
    "setIdle": Case(body=lambda p: {"enabled": False, "timeout_minutes": 60, "warn_minutes": 5}),
    "keepInstance": Case(body=lambda p: {"name": "ada/ml.t3.medium"}),
    "getScriptLogs": Case(query=lambda p: {"stream": studio_things.script_stream(p)}),
    "downloadScriptLog": Case(query=lambda p: {"stream": studio_things.script_stream(p)}),
}
