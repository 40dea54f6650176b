"""Cases of Autopilot experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.routes import things
from tests.contract.routes.case import Case, Refusal, lists, named

if TYPE_CHECKING:
    from tests.contract.routes.place import Place


def _candidate(p: Place) -> tuple[str, str]:
    return things.automl(p), things.best_candidate(p)


CASES: dict[str, Case] = {
    "getOptions": Case(check=lambda p, found: found["defaults"]["bucket"] == p.bucket),
    "listAutoMLJobs": Case(query=lambda p: {"search": things.automl(p)}, check=lists(things.automl)),
    "createAutoMLJob": Case(body=things.automl_form),
    "describeAutoMLJob": Case(parts=lambda p: (things.automl(p),), check=named(things.automl)),
    "listCandidates": Case(parts=lambda p: (things.automl(p),), check=lists(things.best_candidate)),
    "stopAutoMLJob": Case(parts=lambda p: (things.new_automl(p),)),
    "deployCandidate": Case(
        parts=lambda p: (things.automl(p),),
        body=lambda p: {"endpoint_name": p.name("of-automl"), "candidate": things.best_candidate(p)},
    ),
    "cloneAutoMLJob": Case(parts=lambda p: (things.automl(p),), check=lambda p, form: form["target"] == "y"),
    "planAutoMLJob": Case(body=things.automl_form, check=lambda p, plan: plan["problems"] == []),
    "getAutoMLActivity": Case(parts=lambda p: (things.automl(p),), query=lambda p: {"stage": "ModelTuning"}),
    "readAutoMLNotebook": Case(
        parts=lambda p: (things.automl(p), "data-exploration"),
        refused={"aws": Refusal(400, "BadInput", "moto's notebooks have no location in S3")},
    ),
    "createCandidateModel": Case(
        parts=lambda p: (things.automl(p),),
        body=lambda p: {"name": p.name("of-candidate"), "candidate": things.best_candidate(p)},
    ),
    "describeCandidate": Case(parts=_candidate),
    "getExplainability": Case(parts=_candidate),
    "getPerformance": Case(parts=_candidate),
}
