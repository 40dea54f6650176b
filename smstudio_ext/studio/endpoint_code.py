"""Code that sends a request of the Test inference panel: boto3, both SageMaker SDKs, curl, AWS CLI."""

from __future__ import annotations

import json
import shlex
from typing import Any

from smstudio_ext.studio.buckets import known_default_bucket
from smstudio_ext.studio.endpoint_invocation import body_of, call_options
from smstudio_ext.studio.endpoints import invocation_url
from smstudio_ext.studio.models.endpoints import InvocationCode, InvokeEndpoint
from smstudio_ext.studio.training_code import Call, Expression, literal
from smstudio_ext.target import Target

_MOST_INLINE = 2000
"""Characters of a body that stand in the code; a larger one is read from a file."""
_HEADERS = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "TargetVariant": "X-Amzn-SageMaker-Target-Variant",
    "TargetModel": "X-Amzn-SageMaker-Target-Model",
    "TargetContainerHostname": "X-Amzn-SageMaker-Target-Container-Hostname",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
}
_FLAGS = {
    "ContentType": "--content-type",
    "Accept": "--accept",
    "TargetVariant": "--target-variant",
    "TargetModel": "--target-model",
    "TargetContainerHostname": "--target-container-hostname",
    "InferenceId": "--inference-id",
    "CustomAttributes": "--custom-attributes",
}
_SDK3 = {
    "ContentType": "content_type",
    "Accept": "accept",
    "TargetVariant": "target_variant",
    "TargetModel": "target_model",
    "TargetContainerHostname": "target_container_hostname",
    "InferenceId": "inference_id",
    "CustomAttributes": "custom_attributes",
}
_SDK2 = {
    "TargetVariant": "target_variant",
    "TargetModel": "target_model",
    "InferenceId": "inference_id",
    "CustomAttributes": "custom_attributes",
}
_QUEUED = ("ContentType", "Accept", "InferenceId", "CustomAttributes")
"""Members that an asynchronous request may have."""
_ENDINGS = {"text/csv": "csv", "application/json": "json", "application/jsonlines": "jsonl"}


def invocation_code(target: Target, name: str, request: InvokeEndpoint) -> InvocationCode:
    """Programs that send the request; credentials and, for the local engine, its address come from the environment.

    Raises:
        BadInput: the body is said to be base64 and is not.
        botocore.exceptions.ClientError: there is no such endpoint.
    """
    endpoint = target.client("sagemaker").describe_endpoint(EndpointName=name)
    queued = bool(endpoint.get("AsyncInferenceConfig"))
    writer = _Writer(target, name, request, queued=queued)
    return InvocationCode(
        boto3=writer.boto3(),
        sdk_v2=writer.sdk_v2(),
        sdk_v3=writer.sdk_v3(),
        curl=writer.curl(),
        aws_cli=writer.aws_cli(),
    )


class _Writer:
    """Writes one request in several languages."""

    def __init__(self, target: Target, name: str, request: InvokeEndpoint, *, queued: bool) -> None:
        self._region = target.region
        self._session_token = target.kind == "aws"
        self._name = name
        self._options = call_options(request)
        self._queued = queued
        if queued:
            self._options = {key: value for key, value in self._options.items() if key in _QUEUED}
        self._url = invocation_url(target, name, asynchronous=queued)
        self._type = request.content_type
        self._file = f"request.{_ENDINGS.get(self._type.partition(';')[0].strip(), 'bin')}"
        self._bucket = (known_default_bucket(target) if queued else None) or "my-bucket"
        self._text: str | None = None
        try:
            text = body_of(request).decode()
        except UnicodeDecodeError:
            text = None
        if text is not None and len(text) <= _MOST_INLINE:
            self._text = text

    def boto3(self) -> str:
        client = literal(Call("boto3.client", "sagemaker-runtime", region_name=self._region))
        head = f"import boto3\n\nruntime = {client}\n"
        if self._queued:
            call = Call(
                "runtime.invoke_endpoint_async",
                EndpointName=self._name,
                InputLocation=Expression("location"),
                **self._options,
            )
            return (
                f"import boto3\n\n{self._upload()}runtime = {client}\nanswer = {literal(call)}\n"
                'print("the answer will be at", answer["OutputLocation"])\n'
            )
        call = Call("runtime.invoke_endpoint", EndpointName=self._name, **self._options, Body=self._body())
        return f'{head}answer = {literal(call)}\nprint(answer["Body"].read().decode())\n'

    def sdk_v2(self) -> str:
        serializer, data = self._serializer()
        deserializer = self._deserializer()
        session = Call("Session", Call("boto3.Session", region_name=self._region))
        predictor = Call(
            "Predictor",
            endpoint_name=self._name,
            sagemaker_session=session,
            serializer=serializer,
            deserializer=deserializer,
        )
        more: dict[str, Any] = {
            named: self._options[member] for member, named in _SDK2.items() if member in self._options
        }
        container = self._options.get("TargetContainerHostname")
        if container:
            more["initial_args"] = {"TargetContainerHostname": container}
        imports = [
            "import boto3",
            "from sagemaker import Session",
            f"from sagemaker.deserializers import {deserializer.name}",
            "from sagemaker.predictor import Predictor",
            f"from sagemaker.serializers import {serializer.name}",
        ]
        predict = Call("predictor.predict", data, **more)
        lines = f"predictor = {literal(predictor)}\n"
        if self._queued:
            imports.insert(4, "from sagemaker.predictor_async import AsyncPredictor")
            lines += "predictor = AsyncPredictor(predictor, name=predictor.endpoint_name)\n"
            more.pop("custom_attributes", None)
            more.pop("inference_id", None)
            initial = {
                member: self._options[member]
                for member in ("CustomAttributes", "InferenceId")
                if member in self._options
            }
            predict = Call("predictor.predict", data, initial_args=initial)
        return "\n".join(imports) + f"\n\n{lines}print({literal(predict)})\n"

    def sdk_v3(self) -> str:
        named = {_SDK3[member]: value for member, value in self._options.items()}
        head = "from sagemaker.core.resources import Endpoint\n\n"
        get = literal(Call("Endpoint.get", self._name, region=self._region))
        if self._queued:
            call = Call("endpoint.invoke_async", input_location=Expression("location"), **named)
            return (
                f"import boto3\n{head}{self._upload()}endpoint = {get}\nanswer = {literal(call)}\n"
                'print("the answer will be at", answer.output_location)\n'
            )
        call = Call("endpoint.invoke", body=self._body(), **named)
        return f"{head}endpoint = {get}\nanswer = {literal(call)}\nprint(answer.body.read().decode())\n"

    def curl(self) -> str:
        rows = [
            f"curl --silent --show-error {shlex.quote(self._url)}",
            f"--aws-sigv4 {shlex.quote(f'aws:amz:{self._region}:sagemaker')}",
            '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
        ]
        if self._session_token:
            rows.append('${AWS_SESSION_TOKEN:+--header "X-Amz-Security-Token: $AWS_SESSION_TOKEN"}')
        rows += [
            f"--header {shlex.quote(f'{_HEADERS[member]}: {value}')}"
            for member, value in self._options.items()
        ]
        before = ""
        if self._queued:
            before = self._shell_upload()
            rows.append('--header "X-Amzn-SageMaker-InputLocation: $location"')
            rows.append("--request POST --data-raw ''")
        elif self._text is None:
            rows.append(f"--data-binary @{self._file}")
        else:
            rows.append(f"--data-raw {shlex.quote(self._text)}")
        return before + " \\\n  ".join(rows) + "\n"

    def aws_cli(self) -> str:
        command = "invoke-endpoint-async" if self._queued else "invoke-endpoint"
        rows = [
            f"aws sagemaker-runtime {command} --region {self._region}",
            f"--endpoint-name {shlex.quote(self._name)}",
            *(f"{_FLAGS[member]} {shlex.quote(value)}" for member, value in self._options.items()),
        ]
        if self._queued:
            return self._shell_upload() + " \\\n  ".join([*rows, '--input-location "$location"']) + "\n"
        rows += [f"--body fileb://{self._file}", "answer.out > /dev/null"]
        return self._shell_file() + " \\\n  ".join(rows) + "\ncat answer.out\n"

    def _body(self) -> Any:
        return self._text if self._text is not None else Expression(f'open("{self._file}", "rb").read()')

    def _upload(self) -> str:
        put = Call(
            "s3.put_object",
            Bucket=self._bucket,
            Key=f"async-requests/{self._file}",
            Body=self._body(),
            ContentType=self._type,
        )
        client = literal(Call("boto3.client", "s3", region_name=self._region))
        location = json.dumps(f"s3://{self._bucket}/async-requests/{self._file}")
        return f"s3 = {client}\n{literal(put)}\nlocation = {location}\n\n"

    def _shell_file(self) -> str:
        """Writes the body into a file; one that is too long for the code has to be there."""
        if self._text is None:
            return ""
        return f"printf %s {shlex.quote(self._text)} > {self._file}\n"

    def _shell_upload(self) -> str:
        location = f"s3://{self._bucket}/async-requests/{self._file}"
        copy = f'aws s3 cp {self._file} "$location" --region {self._region} > /dev/null'
        return f"{self._shell_file()}location={shlex.quote(location)}\n{copy}\n"

    def _serializer(self) -> tuple[Call, Any]:
        """What SDK 2 makes the body with, and the data that it takes."""
        if self._text is not None:
            if self._type == "text/csv":
                return Call("CSVSerializer"), self._text
            if self._type == "application/jsonlines":
                return Call("JSONLinesSerializer"), self._text
            if self._type == "application/json":
                try:
                    return Call("JSONSerializer"), json.loads(self._text)
                except ValueError:
                    pass  # sent as it is, for the model to judge
        return Call("IdentitySerializer", content_type=self._type), self._body()

    def _deserializer(self) -> Call:
        accept = self._options.get("Accept")
        if accept == "application/json":
            return Call("JSONDeserializer")
        return Call("StringDeserializer", accept=accept or "*/*")
