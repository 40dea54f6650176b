"""Cases of domains, start-up scripts, own images, sharing and notebook instances."""

from __future__ import annotations

from typing import Any

from tests.contract.routes import studio_things as things
from tests.contract.routes.case import Case, named
from tests.contract.routes.place import Place


def _domain(p: Place) -> tuple[str]:
    return (things.domain(p),)


def _app(p: Place) -> dict[str, Any]:
    return things.app_form(p, "kept")


CASES: dict[str, Case] = {
    "listDomains": Case(check=lambda p, found: things.domain(p) in [each["id"] for each in found["items"]]),
    "createDomain": Case(body=lambda p: {"name": p.name("domain")}),
    "getDomainOptions": Case(),
    "describeDomain": Case(parts=_domain, check=lambda p, found: found["id"] == things.domain(p)),
    "updateDomain": Case(parts=_domain, body=lambda p: {"sharing": {"output_allowed": True}}),
    "deleteDomain": Case(parts=lambda p: (things.new_domain(p),)),
    "createUserProfile": Case(parts=_domain, body=lambda p: {"name": p.name("user")}),
    "deleteUserProfile": Case(parts=lambda p: (things.domain(p), things.new_user(p))),
    "createSpace": Case(parts=_domain, body=lambda p: {"name": p.name("space"), "owner": "ada"}),
    "deleteSpace": Case(parts=lambda p: (things.domain(p), things.new_space(p))),
    "listDomainApps": Case(parts=_domain),
    "listDomainScripts": Case(parts=_domain),
    "createApp": Case(parts=_domain, body=lambda p: things.app_form(p, p.name("app"))),
    "deleteApp": Case(parts=_domain, body=lambda p: things.new_app(p)),
    "getAppFailure": Case(parts=_domain, body=lambda p: things.app(p)),
    "getAppLog": Case(parts=_domain, query=lambda p: {"stream": things.script_stream(p)}),
    "downloadAppLog": Case(parts=_domain, query=lambda p: {"stream": things.script_stream(p)}),
    "presignDomain": Case(parts=_domain, body=lambda p: {"user": "ada"}),
    "listScripts": Case(),
    "createScript": Case(body=lambda p: things.script_form(p)),
    "describeScript": Case(parts=lambda p: (things.script(p),), check=named(things.script)),
    "deleteScript": Case(parts=lambda p: (things.new_script(p),)),
    "attachScript": Case(parts=lambda p: (things.script(p),), body=lambda p: {"domain_id": things.domain(p)}),
    "listOwnImages": Case(),
    "attachImage": Case(body=lambda p: things.image_form(p)),
    "listImageVersions": Case(parts=lambda p: (things.own_image(p),)),
    "deleteOwnImage": Case(parts=lambda p: (things.own_image(p),)),
    "getSharingOptions": Case(query=lambda p: {"path": things.notebook(p)}),
    "listSnapshots": Case(),
    "createSnapshot": Case(body=lambda p: {"path": things.shareable(p)}),
    "describeSnapshot": Case(parts=lambda p: (things.snapshot(p),)),
    "deleteSnapshot": Case(parts=lambda p: (things.new_snapshot(p),)),
    "copySnapshot": Case(
        parts=lambda p: (things.snapshot(p),), body=lambda p: {"file_name": p.name("copy-of-snapshot")}
    ),
    "listNotebookInstances": Case(),
    "createNotebookInstance": Case(body=things.notebook_instance_form),
    "describeNotebookInstance": Case(
        parts=lambda p: (things.notebook_instance(p),), check=named(things.notebook_instance)
    ),
    "updateNotebookInstance": Case(
        parts=lambda p: (things.stopped_notebook_instance(p),),
        body=lambda p: things.notebook_instance_form(p) | {"name": things.stopped_notebook_instance(p)},
    ),
    "deleteNotebookInstance": Case(parts=lambda p: (things.deletable_notebook_instance(p),)),
    "startNotebookInstance": Case(parts=lambda p: (things.stopped_notebook_instance(p),)),
    "stopNotebookInstance": Case(parts=lambda p: (things.notebook_instance(p),)),
    "openNotebookInstance": Case(parts=lambda p: (things.notebook_instance(p),)),
    "getNotebookInstanceLogs": Case(parts=lambda p: (things.notebook_instance(p),)),
    "downloadNotebookInstanceLog": Case(parts=lambda p: (things.notebook_instance(p),)),
    "getNotebookOptions": Case(),
    "listNotebookLifecycleConfigs": Case(),
    "createNotebookLifecycleConfig": Case(
        body=lambda p: {"name": p.name("config"), "on_start": "echo hello"}
    ),
    "describeNotebookLifecycleConfig": Case(
        parts=lambda p: (things.lifecycle_config(p),), check=named(things.lifecycle_config)
    ),
    "updateNotebookLifecycleConfig": Case(
        parts=lambda p: (things.lifecycle_config(p),), body=lambda p: {"on_start": "echo again"}
    ),
    "deleteNotebookLifecycleConfig": Case(parts=lambda p: (things.new_lifecycle_config(p),)),
}
