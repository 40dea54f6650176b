"""Moves an Autopilot job through its stages; each stage only creates and follows ordinary jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from smstudio_ext.engine.arns import sagemaker_arn
from smstudio_ext.engine.autopilot import deployment, engineering, recommendation, reporting
from smstudio_ext.engine.autopilot.analysing import (
    read_json,
    reason_of,
    resolved_attributes,
    write_request,
)
from smstudio_ext.engine.autopilot.candidates import best_candidate
from smstudio_ext.engine.autopilot.children import Family
from smstudio_ext.engine.autopilot.ensembling import stage
from smstudio_ext.engine.autopilot.ensembling.modes import is_ensembling, resolve_mode
from smstudio_ext.engine.autopilot.limits import with_advice
from smstudio_ext.engine.autopilot.plan import read_plan
from smstudio_ext.engine.autopilot.specification import DEFAULT_MAX_CANDIDATES, Specification
from smstudio_ext.engine.autopilot.stages import STAGES, STATUSES, end, enter
from smstudio_ext.engine.autopilot.validation import check
from smstudio_ext.engine.errors import AwsError, ResourceInUse, ResourceNotFound, ValidationException
from smstudio_ext.engine.runtime import processing, tuning
from smstudio_ext.engine.runtime.reconciler import AGAIN, DONE, WAIT, After, Next, controller
from smstudio_ext.engine.store import Resource, ResourceExists

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.ensembling.schedule import Launch
    from smstudio_ext.engine.context import EngineContext

logger = logging.getLogger("smstudio.engine.autopilot")

KIND = "AutoMLJob"

# Stages whose time counts against the limit; what follows has deadlines of its own.
_SEARCH = frozenset(
    "Starting AnalyzingData CandidateDefinitionsGenerated FeatureEngineering ModelTuning TrainingModels".split()
)
# Children get this long to end when the job's time is up; then the job ends without waiting for them.
_LIMIT_GRACE = 2.0
# Before the end of the time at the latest the search gives way, even for a mixture.
_LAST = 1.0


def create_automl_job(ctx: EngineContext, region: str, spec: Specification) -> Resource:
    """Checks a request and starts the job.

    Raises:
        ValidationException, ResourceInUse: see `validation.check`.
    """
    check(ctx, spec, region)
    now = ctx.clock.now()
    arn = sagemaker_arn(KIND, region, spec.name)
    document = {
        "AutoMLJobName": spec.name,
        "AutoMLJobArn": arn,
        "AutoMLJobStatus": STATUSES.initial,
        "AutoMLJobSecondaryStatus": STAGES.initial,
        "CreationTime": now,
    }
    internal = {"specification": {**spec.to_document(), "mode": resolve_mode(ctx, spec)}}
    row = Resource(KIND, region, spec.name, arn, STATUSES.initial, now, now, document, internal)
    try:
        row = ctx.store.resources.create(row, spec.request.get("Tags") or ())
    except ResourceExists:
        raise ResourceInUse(f"An AutoML job with this name already exists ({arn}).") from None
    ctx.reconciler.wake(KIND, region, spec.name)
    return row


def get_automl_job(ctx: EngineContext, region: str, name: str) -> Resource:
    """The job.

    Raises:
        ResourceNotFound: there is none.
    """
    row = ctx.store.resources.find(KIND, region, name)
    if row is None:
        raise ResourceNotFound(f"Could not find AutoML job with name {name}.")
    return row


def stop_automl_job(ctx: EngineContext, region: str, name: str) -> None:
    """Stops a running job; candidates that have finished stay.

    Raises:
        ResourceNotFound: there is no such job.
        ValidationException: it has ended.
    """
    get_automl_job(ctx, region, name)

    def edit(row: Resource) -> None:
        if row.status == "Stopping":
            return
        if row.status != "InProgress":
            raise ValidationException(
                f"The request was rejected because the AutoML job is in status {row.status}. "
                "Only AutoML jobs that are InProgress can be stopped."
            )
        row.status = row.document["AutoMLJobStatus"] = STATUSES.check(row.status, "Stopping")
        enter(row, "Stopping")

    ctx.store.resources.change(KIND, region, name, edit)
    ctx.reconciler.wake(KIND, region, name)


@controller
class AutoMLController:
    """Follows `STAGES`; every step finds out from the children's rows what has happened."""

    kind = KIND

    def step(self, ctx: EngineContext, row: Resource) -> Next:
        """Moves a job one step."""
        family = Family(ctx, row)
        at = row.document["AutoMLJobSecondaryStatus"]
        if at == "Stopping":
            return self._stop(ctx, row, family)
        left = self._time_left(ctx, row, family.spec)
        if left is not None and at in _SEARCH:
            # A mixture that is nearly there is worth more than the time for the reports on another candidate.
            kept = _LAST if stage.mixes(family, row) else reporting.reserve(family.spec.max_runtime)
            spare = left - min(kept, reporting.reserve(family.spec.max_runtime))
            if left <= 0 or (spare <= 0 and best_candidate(ctx, row) is not None):
                return self._reach_limit(ctx, row, family, -left)
        if recommendation.is_due(row):
            row = self._follow_notebooks(ctx, row, family)
        outcome = self._stages()[at](ctx, row, family)
        if outcome is WAIT and left is not None and at in _SEARCH:
            return After(spare if spare > 0 else left)
        return outcome

    def _stages(self) -> dict[str, Callable[[EngineContext, Resource, Family], Next]]:
        return {
            "Starting": self._start,
            "AnalyzingData": self._analyze,
            "CandidateDefinitionsGenerated": self._engineer,
            "FeatureEngineering": self._engineer,
            "ModelTuning": self._tune,
            "TrainingModels": self._train_models,
            "MaxCandidatesReached": self._report,
            "MaxAutoMLJobRuntimeReached": self._report,
            "GeneratingExplainabilityReport": self._explain,
            "ExplainabilityError": self._show_insights,
            "GeneratingModelInsightsReport": self._measure,
            "ModelInsightsError": self._finish,
            "DeployingModel": self._follow_deployment,
        }

    def _start(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        try:
            uri = write_request(ctx, family)
            if family.find(processing.KIND, family.names.data_builder()) is None:
                family.start_analysis(uri)
        except AwsError as error:
            return self._fail(ctx, row, error.message)
        change(ctx, row, lambda current: enter(current, "AnalyzingData"))
        return WAIT

    def _analyze(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        job = family.find(processing.KIND, family.names.data_builder())
        if job is None:
            return self._fail(ctx, row, "The data analysis job was deleted.")
        if not job.finished:
            return WAIT
        if job.status != "Completed":
            return self._fail(ctx, row, reason_of(job, "The data analysis job"))
        document = read_json(ctx, f"{family.candidates_uri}/candidates.json")
        notebooks = recommendation.advance(family) if family.spec.pilot else None
        if family.spec.pilot and notebooks is None:
            return WAIT
        if notebooks is not None and notebooks.failure is not None:
            return self._fail(ctx, row, notebooks.failure)

        def edit(current: Resource) -> None:
            if notebooks is not None:
                recommendation.note(current, notebooks)
            current.internal["plan"] = document
            current.document["ResolvedAttributes"] = resolved_attributes(family.spec, document)
            enter(current, family.spec.kind.after_analysis)
            if family.spec.pilot:
                end(current, "Completed", ctx.clock.now())

        change(ctx, row, edit)
        return DONE if family.spec.pilot else AGAIN

    def _engineer(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        if is_ensembling(row):
            return self._make_features(ctx, row, family)
        plan = read_plan(row.internal["plan"])
        progress = engineering.advance(family, plan, trials=False)
        reasons = [progress.failed[name] for name in sorted(progress.failed)]
        if len(progress.failed) == len(plan.strategies):
            return self._fail(ctx, row, reasons[0] if reasons else "The analysis proposed no candidates.")
        ready = [name for strategy in progress.ready for name in plan.of_strategy(strategy)]
        if ready and family.find(tuning.KIND, family.names.tuning()) is None:
            family.start_tuning(plan, ready)

        def edit(current: Resource) -> None:
            if current.document["AutoMLJobSecondaryStatus"] == "CandidateDefinitionsGenerated":
                enter(current, "FeatureEngineering")
            if ready:
                enter(current, "ModelTuning")

        stage = row.document["AutoMLJobSecondaryStatus"]
        if ready or stage == "CandidateDefinitionsGenerated":
            change(ctx, row, edit)
        return AGAIN if ready else WAIT

    def _follow_notebooks(self, ctx: EngineContext, row: Resource, family: Family) -> Resource:
        notebooks = recommendation.advance(family)
        if notebooks is None and row.internal.get("notebooks"):
            return row
        return change(ctx, row, lambda current: recommendation.note(current, notebooks))

    def _make_features(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        progress = stage.make_features(family, row)
        if progress.failure is not None:
            return self._fail(ctx, row, progress.failure)

        def edit(current: Resource) -> None:
            if current.document["AutoMLJobSecondaryStatus"] != "FeatureEngineering":
                enter(current, "FeatureEngineering")
            if progress.done:
                enter(current, "TrainingModels")

        if progress.done or row.document["AutoMLJobSecondaryStatus"] != "FeatureEngineering":
            change(ctx, row, edit)
        return AGAIN if progress.done else WAIT

    def _train_models(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        def note(launches: list[Launch]) -> None:
            written = [launch.document() for launch in launches]
            change(ctx, row, lambda current: current.internal.setdefault("models", []).extend(written))

        progress = stage.train_models(family, row, note)
        if progress.failure is not None:
            return self._fail(ctx, row, with_advice(family.spec, progress.failure))
        if not progress.done:
            best = (best_candidate(ctx, row) or {}).get("CandidateName")
            if best != row.internal.get("best"):
                change(ctx, row, lambda current: current.internal.update(best=best))
            return WAIT if progress.wake is None else After(progress.wake)
        return self._settle(
            ctx, row, family, "MaxCandidatesReached" if progress.full else reporting.EXPLAINABILITY.stage
        )

    def _tune(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        plan = read_plan(row.internal["plan"])
        job = family.find(tuning.KIND, family.names.tuning())
        if job is None:
            return self._fail(ctx, row, "The tuning job was deleted.")
        progress = engineering.advance(family, plan, trials=bool(job.internal.get("trials")))
        engineering.tell_tuner(family, plan, job, progress)
        if progress.failed and "PartialFailureReasons" not in row.document:
            reasons = [{"PartialFailureMessage": text[:1024]} for text in list(progress.failed.values())[:5]]
            row = change(ctx, row, lambda current: current.document.update(PartialFailureReasons=reasons))
        if not job.finished:
            self._note_best(ctx, row, job)
            return WAIT
        if job.status == "Failed" or "BestTrainingJob" not in job.document:
            return self._fail(ctx, row, with_advice(family.spec, reason_of(job, "The tuning job")))
        family.stop_all()
        made = len(job.internal["trials"])
        limit = family.spec.max_candidates or DEFAULT_MAX_CANDIDATES
        return self._settle(
            ctx, row, family, "MaxCandidatesReached" if made >= limit else reporting.EXPLAINABILITY.stage
        )

    def _note_best(self, ctx: EngineContext, row: Resource, job: Resource) -> None:
        """Writes the best candidate's name, so that who watches the job hears of it."""
        best = (job.document.get("BestTrainingJob") or {}).get("TrainingJobName")
        if best != row.internal.get("best"):
            change(ctx, row, lambda current: current.internal.update(best=best))

    def _settle(self, ctx: EngineContext, row: Resource, family: Family, stage: str) -> Next:
        """Writes the winner; the reports on it come next, where the problem type has them."""
        best = best_candidate(ctx, row)
        at_once = stage == reporting.EXPLAINABILITY.stage and not family.spec.kind.reports

        def edit(current: Resource) -> None:
            current.document["BestCandidate"] = best
            if not at_once:
                enter(current, stage)

        row = change(ctx, row, edit)
        return self._finish(ctx, row, family) if at_once else AGAIN

    def _report(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        if not family.spec.kind.reports:
            return self._finish(ctx, row, family)
        change(ctx, row, lambda current: enter(current, reporting.EXPLAINABILITY.stage))
        return AGAIN

    def _show_insights(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        change(ctx, row, lambda current: enter(current, reporting.INSIGHTS.stage))
        return AGAIN

    def _explain(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        return self._follow_report(ctx, row, family, reporting.EXPLAINABILITY)

    def _measure(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        return self._follow_report(ctx, row, family, reporting.INSIGHTS)

    def _follow_report(
        self, ctx: EngineContext, row: Resource, family: Family, report: reporting.Report
    ) -> Next:
        outcome = reporting.advance(family, row, report)
        if outcome is None:
            left = reporting.time_left(family, row)
            return WAIT if left is None else After(left)

        def edit(current: Resource) -> None:
            reporting.note(current, outcome, report)
            if outcome.failure is not None:
                enter(current, report.error)
            elif report is reporting.EXPLAINABILITY:
                enter(current, reporting.INSIGHTS.stage)

        row = change(ctx, row, edit)
        if report is reporting.INSIGHTS and outcome.failure is None:
            return self._finish(ctx, row, family)
        return AGAIN

    def _finish(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        """Ends the job, or goes on to deploy its best candidate."""
        late = self._time_left(ctx, row, family.spec)
        if recommendation.is_due(row) and (late is None or late > 0):
            return WAIT if late is None else After(late)
        deploys = family.spec.endpoint_name is not None

        def edit(current: Resource) -> None:
            enter(current, "DeployingModel" if deploys else "Completed")
            if not deploys:
                end(current, "Completed", ctx.clock.now())

        change(ctx, row, edit)
        return AGAIN if deploys else DONE

    def _follow_deployment(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        outcome = deployment.advance(family, row)
        if outcome is None:
            return After(0.5)

        def edit(current: Resource) -> None:
            if outcome.failure is None:
                current.document["ModelDeployResult"] = {"EndpointName": outcome.endpoint}
                enter(current, "Completed")
            else:
                reasons = current.document.setdefault("PartialFailureReasons", [])
                reasons.append({"PartialFailureMessage": outcome.failure[:1024]})
                enter(current, "ModelDeploymentError")
            end(current, "Completed", ctx.clock.now())

        change(ctx, row, edit)
        return DONE

    def _stop(self, ctx: EngineContext, row: Resource, family: Family) -> Next:
        if not family.stop_all():
            return After(0.2)
        deployment.withdraw(family, row)
        best = best_candidate(ctx, row)

        def edit(current: Resource) -> None:
            if best is not None:
                current.document["BestCandidate"] = best
            enter(current, "Stopped")
            end(current, "Stopped", ctx.clock.now())

        change(ctx, row, edit)
        return DONE

    def _time_left(self, ctx: EngineContext, row: Resource, spec: Specification) -> float | None:
        return None if spec.max_runtime is None else row.created + spec.max_runtime - ctx.clock.now()

    def _reach_limit(self, ctx: EngineContext, row: Resource, family: Family, late: float) -> Next:
        if not family.stop_all() and late < _LIMIT_GRACE:
            return After(0.1)
        searching = row.document["AutoMLJobSecondaryStatus"] in ("ModelTuning", "TrainingModels")
        if searching and best_candidate(ctx, row) is not None:
            return self._settle(ctx, row, family, "MaxAutoMLJobRuntimeReached")
        return self._fail(
            ctx,
            row,
            f"MaxAutoMLJobRuntimeInSeconds ({family.spec.max_runtime}) was reached before any candidate had finished. "
            "Raise MaxAutoMLJobRuntimeInSeconds.",
        )

    def _fail(self, ctx: EngineContext, row: Resource, reason: str) -> Next:
        Family(ctx, row).stop_all()

        def edit(current: Resource) -> None:
            current.document["FailureReason"] = reason[:1024]
            enter(current, "Failed")
            end(current, "Failed", ctx.clock.now())

        change(ctx, row, edit)
        return DONE


def change(ctx: EngineContext, row: Resource, edit: Callable[[Resource], object]) -> Resource:
    """Writes to a job's row unless it was asked to stop in the meantime: then the next step sees that."""
    stage = row.document["AutoMLJobSecondaryStatus"]

    def guarded(current: Resource) -> None:
        if current.document["AutoMLJobSecondaryStatus"] == stage:
            edit(current)

    return ctx.store.resources.change(KIND, row.region, row.name, guarded)
