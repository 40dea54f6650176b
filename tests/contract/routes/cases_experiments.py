"""Cases of experiments, trial components, their charts and lineage."""

from __future__ import annotations

from typing import Any

from tests.contract.routes import things
from tests.contract.routes.case import Case
from tests.contract.routes.place import Place

ETA = "Parameters.eta"


def _component(p: Place) -> tuple[str]:
    return (things.components(p)[0],)


def _source(p: Place) -> dict[str, Any]:
    return {"names": things.components(p)}


def _summary(p: Place) -> dict[str, Any]:
    return {"source": _source(p), "columns": [ETA]}


def _query(p: Place) -> dict[str, Any]:
    things.components(p)
    return things.component_query(p)


def _assigned(p: Place) -> dict[str, Any]:
    experiment = things.experiment(p)
    return {"names": [things.new_component(p)], "experiment": experiment, "trial": f"{experiment}-trial"}


CASES: dict[str, Case] = {
    "browseExperiments": Case(
        body=lambda p: {"search": things.experiment(p)},
        check=lambda p, found: [each["name"] for each in found["items"]] == [things.experiment(p)],
    ),
    "createExperiment": Case(body=lambda p: {"name": p.name("experiment")}),
    "assignComponents": Case(body=_assigned),
    "removeComponents": Case(
        body=lambda p: {"names": [things.trial_component(p)], "trial": f"{things.experiment(p)}-trial"}
    ),
    "planDeletion": Case(body=lambda p: {"kind": "TrialComponent", "names": [things.new_component(p)]}),
    "deleteThings": Case(body=lambda p: {"kind": "TrialComponent", "names": [things.new_component(p)]}),
    "listComponentRows": Case(
        body=lambda p: _query(p) | {"columns": [ETA]}, check=lambda p, found: bool(found["rows"])
    ),
    "listComponentNames": Case(body=_query),
    "listComponentColumns": Case(body=lambda p: _query(p)["query"]),
    "suggestComponentColumns": Case(),
    "groupComponents": Case(body=lambda p: _query(p) | {"by": ETA}),
    "getComponentsCode": Case(body=_query),
    "prepareExport": Case(body=_query),
    "downloadExport": Case(parts=lambda p: (things.export(p),)),
    "stopComponents": Case(body=lambda p: {"names": [things.components(p)[0]]}),
    "getChartSource": Case(body=_source, check=lambda p, found: len(found["components"]) == 3),
    "getChartSummary": Case(body=_summary, check=lambda p, found: len(found["names"]) == 3),
    "getChartSeries": Case(body=lambda p: {"source": _source(p), "metric": "loss"}),
    "getChartImportance": Case(body=lambda p: {"source": _source(p), "target": "Parameters.depth"}),
    "getChartCode": Case(
        body=lambda p: {
            "chart": {"type": "scatter", "x": ETA, "y": "Parameters.depth"},
            "summary": _summary(p),
            "spec": {"mark": "point"},
        }
    ),
    "describeTrialDetails": Case(parts=_component),
    "listTrialStages": Case(
        parts=_component,
        check=lambda p, found: set(things.components(p)) <= {each["name"] for each in found["stages"]},
    ),
    "listTrialGraphs": Case(parts=_component),
    "compareTrials": Case(body=_source),
    "getTrialSettings": Case(parts=_component),
    "getTrialReports": Case(parts=_component),
    "previewArtifact": Case(query=lambda p: {"uri": things.data(p)}),
    "getLineage": Case(query=lambda p: {"arn": things.artifact(p)}),
}
