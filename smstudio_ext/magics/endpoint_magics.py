"""`%sm_deploy` and `%sm_predict`: models as endpoints, tables to them and predictions back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from smstudio_ext.magics.arguments import parsed
from smstudio_ext.magics.consent import agreed
from smstudio_ext.magics.failure import MagicFailure, plain_errors, plain_methods
from smstudio_ext.magics.place import PLACE
from smstudio_ext.magics.runs import Waited, interruptible, kept
from smstudio_ext.magics.show import Live, Table, progress, span

if TYPE_CHECKING:
    from smstudio_ext.target import Target


@magics_class
class EndpointMagics(Magics):
    """Endpoints."""

    @magic_arguments()
    @argument(
        "what",
        help="Variable of %%sm_train, %%sm_tune or %%sm_autopilot, or the name of a training job, experiment or model.",
    )
    @argument("--name", help="Name of the endpoint.")
    @argument("--instance", default="ml.m5.large", help="Instance type.")
    @argument("--count", type=int, default=1, help="How many instances.")
    @argument("--no-wait", action="store_true", help="Do not wait until it is in service.")
    @argument(
        "--on-interrupt",
        default="stop",
        choices=["stop", "detach"],
        help="What Ctrl-C does with the endpoint: delete it, or leave it.",
    )
    @argument("--yes", action="store_true", help="Agree to the cost on AWS without being asked.")
    @argument("-o", "--output", help="Variable that gets the endpoint.")
    @line_magic
    @plain_errors
    def sm_deploy(self, line: str) -> Waited | None:
        """Deploy a model to an endpoint: `.predict(table)`, `.delete()`."""
        given: Any = parsed(self.sm_deploy, line)
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        target = PLACE.target()
        source = names.get(given.what)
        if source is None:
            source = named(target, given.what)
        if not hasattr(source, "deploy"):
            raise MagicFailure(f"{given.what} is nothing that can be deployed.")
        endpoint = Endpoint(target, given.name or source.name)
        endpoint.must_be_new()
        with agreed(given.yes), interruptible(endpoint, given.on_interrupt):
            source.deploy(endpoint.name, instance_type=given.instance, instance_count=given.count, wait=False)
            shown = kept(names, given.output, endpoint)
            if not given.no_wait:
                endpoint.follow()
        return shown

    @magic_arguments()
    @argument("endpoint", help="Variable of %%sm_deploy, or the endpoint's name.")
    @argument(
        "data", help="A DataFrame without the target, a variable with rows or text, or text such as 1,2,3."
    )
    @argument("--content-type", help="Of the request; text/csv for tables.")
    @argument("--accept", help="Of the answer, e.g. text/csv or application/json.")
    @argument("--variant", help="Production variant to ask.")
    @argument("-o", "--output", help="Variable that gets the predictions.")
    @line_magic
    @plain_errors
    def sm_predict(self, line: str) -> Any:
        """Ask an endpoint for predictions; large tables go in parts."""
        from smstudio_ext.magics.values import read

        given: Any = parsed(self.sm_predict, line)
        names: dict[str, Any] = self.shell.user_ns if self.shell else {}
        endpoint = names.get(given.endpoint)
        if not isinstance(endpoint, Endpoint):
            endpoint = Endpoint(PLACE.target(), given.endpoint)
        answer = endpoint.predict(
            read(given.data, names),
            content_type=given.content_type,
            accept=given.accept,
            variant=given.variant,
        )
        if given.output:
            names[given.output] = answer
            return None
        return answer


@plain_methods
class Endpoint(Waited):
    """An endpoint."""

    @property
    def description(self) -> dict[str, Any]:
        """AWS's description."""
        found: dict[str, Any] = self._target.client("sagemaker").describe_endpoint(EndpointName=self.name)
        return found

    @property
    def status(self) -> str:
        """Creating, Updating, InService, Failed, ..."""
        return str(self.description["EndpointStatus"])

    def follow(self, *, quiet: bool = False) -> None:
        """Shows the state until the endpoint is in service."""
        from smstudio_ext.studio.waiting import in_service, settling

        live = Live()
        for found, seconds in settling(self._target, self.name):
            live.show(*progress(f"Endpoint {self.name}", None, [found["EndpointStatus"], span(seconds)]))
        in_service(found)

    def stop(self) -> None:
        """Deletes the endpoint: one that runs is billed."""
        self.delete()

    def predict(
        self,
        data: Any,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        variant: str | None = None,
    ) -> Any:
        """Predictions for rows.

        Args:
            data: a table without the target column, rows as lists or an array, or a text or bytes in the content type.
            content_type: `text/csv` by default.

        Returns:
            A DataFrame with a row each for tables that are answered as CSV, or as JSON with a prediction for each row;
            else the answer's text, or what its JSON says, or its bytes.

        Raises:
            MagicFailure: the endpoint or its model refused.
        """
        from smstudio_ext.magics.predictions import asked

        return asked(
            lambda body, kind: self._ask(body, kind, accept, variant), data, content_type or "text/csv"
        )

    def delete(self) -> None:
        """Deletes the endpoint and its configuration, unless others use it; models stay."""
        from smstudio_ext.studio.endpoints_delete import delete_endpoint
        from smstudio_ext.studio.models.endpoints import DeleteEndpoint

        delete_endpoint(self._target, self.name, DeleteEndpoint(config=True))

    def _table(self) -> Table:
        found = self.description
        rows = [
            [each["VariantName"], each.get("CurrentInstanceCount"), each.get("CurrentWeight")]
            for each in found.get("ProductionVariants", [])
        ]
        title = f"Endpoint {self.name}: {found['EndpointStatus']}"
        return Table(["Variant", "Instances", "Weight"], rows, title=title, empty=title)

    def _state(self) -> str | None:
        from smstudio_ext.studio.waiting import endpoint_status

        return endpoint_status(self._target, self.name)

    def _still_changes(self, state: str) -> bool:
        return state != "Deleting"

    def _stopped(self) -> MagicFailure:
        return MagicFailure(f"The endpoint {self.name} is being deleted, as it was interrupted.")

    def _ask(
        self, body: bytes, content_type: str, accept: str | None, variant: str | None
    ) -> tuple[str, bytes]:
        request: dict[str, Any] = {"EndpointName": self.name, "Body": body, "ContentType": content_type}
        if accept:
            request["Accept"] = accept
        if variant:
            request["TargetVariant"] = variant
        answer = self._target.client("sagemaker-runtime").invoke_endpoint(**request)
        return answer.get("ContentType", ""), answer["Body"].read()


@plain_methods
class _Model:
    """A model that is there."""

    def __init__(self, target: Target, name: str) -> None:
        self._target, self.name = target, name

    def deploy(
        self, endpoint_name: str | None, *, instance_type: str, instance_count: int, wait: bool
    ) -> Endpoint:
        from smstudio_ext.studio.deployment import deploy_model_named
        from smstudio_ext.studio.models.training import DeployTrainingJob

        form = DeployTrainingJob(
            endpoint_name=endpoint_name or self.name,
            instance_type=instance_type,
            instance_count=instance_count,
        )
        deploy_model_named(self._target, form, self.name)
        endpoint = Endpoint(self._target, form.endpoint_name)
        return endpoint.wait() if wait else endpoint


def named(target: Target, name: str) -> Any:
    """What has this name and can be deployed: a training job, an Autopilot experiment, or a model.

    Raises:
        MagicFailure: nothing has it.
    """
    from botocore.exceptions import ClientError

    from smstudio_ext.magics.autopilot_magics import AutopilotRun
    from smstudio_ext.magics.training import TrainingRun
    from smstudio_ext.studio.waiting import NOT_THERE

    sagemaker = target.client("sagemaker")
    tries: list[tuple[Any, dict[str, str], Any]] = [
        (sagemaker.describe_training_job, {"TrainingJobName": name}, TrainingRun),
        (sagemaker.describe_auto_ml_job_v2, {"AutoMLJobName": name}, AutopilotRun),
        (sagemaker.describe_model, {"ModelName": name}, _Model),
    ]
    for describe, request, kind in tries:
        try:
            describe(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] not in NOT_THERE:
                raise
            continue
        return kind(target, name)
    raise MagicFailure(f"There is no variable, training job, Autopilot experiment or model named {name!r}.")
