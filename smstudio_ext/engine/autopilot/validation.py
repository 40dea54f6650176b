"""The service's own rules for a new Autopilot job, in AWS's codes and message forms."""

from __future__ import annotations

import json
from itertools import islice

from smstudio_ext.engine.autopilot.algorithms import HPO_ALGORITHMS, left_out, offered_algorithms
from smstudio_ext.engine.autopilot.ensembling.portfolio import ALGORITHMS as OFFERED_ENSEMBLING
from smstudio_ext.engine.autopilot.problems import PROBLEMS
from smstudio_ext.engine.autopilot.problemtypes import PROBLEM_TYPES, TABULAR
from smstudio_ext.engine.autopilot.specification import PARQUET, Channel, Document, Specification
from smstudio_ext.engine.autopilot.typerules import check_problem_type
from smstudio_ext.engine.context import EngineContext
from smstudio_ext.engine.errors import AwsError, ResourceInUse, ValidationException
from smstudio_ext.engine.runtime.channels import list_inputs
from smstudio_ext.engine.runtime.jobs import JobFailure
from smstudio_ext.engine.store.objects import S3Location, parse_s3_uri

ENSEMBLING_ALGORITHMS = (*OFFERED_ENSEMBLING, "fastai")
FEATURE_TYPES = ("numeric", "categorical", "text", "datetime", "sequence")
MAX_RUNTIME = 30 * 24 * 3600
MAX_CANDIDATES = 750
_GB = 1 << 30
MAX_BYTES = {"training": 100 * _GB, "validation": 2 * _GB}
"""Limits of the API's reference; what does not fit into memory is sampled by the analysis."""
# Beyond this many objects the size is not known at once; the analysis sees all of them.
_COUNTED_OBJECTS = 10_000
_LARGEST_SPECIFICATION = 64 << 20


def check_problem_type_config(request: Document) -> None:
    """CreateAutoMLJobV2 takes exactly one problem type, and one that this engine offers.

    Raises:
        ValidationException: none, several, or one that is not offered.
    """
    given = [
        name for name, config in (request.get("AutoMLProblemTypeConfig") or {}).items() if config is not None
    ]
    if len(given) != 1:
        raise ValidationException(
            "AutoMLProblemTypeConfig must contain exactly one problem type configuration, "
            f"but {len(given)} were given."
        )
    if given[0] not in PROBLEM_TYPES:
        raise ValidationException(
            f"{given[0]} is not offered by this engine. Use one of {', '.join(PROBLEM_TYPES)}, or run this job on AWS."
        )


def check(ctx: EngineContext, spec: Specification, region: str) -> None:
    """Checks everything that can be known before the data are read.

    Raises:
        ValidationException: a rule is broken; the message says which one and what to do.
        ResourceInUse: there is an Autopilot job of that name.
    """
    existing = ctx.store.resources.find("AutoMLJob", region, spec.name)
    if existing is not None:
        raise ResourceInUse(
            "AutoML job names must be unique within an AWS account and region, and an AutoML job with this name "
            f"already exists ({existing.arn})."
        )
    if spec.config_name == TABULAR:
        _check_channels(spec)
        _check_objective(spec)
        _check_mode(spec)
        _check_weight(spec)
    else:
        check_problem_type(spec)
    _check_deployment(spec)
    if spec.max_runtime is not None and spec.max_runtime > MAX_RUNTIME:
        raise ValidationException(
            f"MaxAutoMLJobRuntimeInSeconds {spec.max_runtime} is above the limit of {MAX_RUNTIME} seconds (30 days)."
        )
    if spec.max_candidates is not None and spec.max_candidates > MAX_CANDIDATES:
        raise ValidationException(
            f"MaxCandidates {spec.max_candidates} is above the limit of {MAX_CANDIDATES}."
        )
    for channel in spec.channels:
        _check_input(ctx, channel, region)
    _check_output(ctx, spec)
    _check_feature_specification(ctx, spec)


def _check_channels(spec: Specification) -> None:
    kinds = [channel.kind for channel in spec.channels]
    if kinds.count("training") != 1 or kinds.count("validation") > 1:
        raise ValidationException(
            "InputDataConfig must contain exactly one channel of ChannelType training and at most one of "
            f"ChannelType validation, but the channel types are {kinds}."
        )
    validation = spec.validation
    if validation is not None:
        if spec.validation_fraction is not None:
            raise ValidationException(
                "ValidationFraction cannot be specified when a validation channel is provided in InputDataConfig."
            )
        if _content_kind(validation) != _content_kind(spec.training):
            raise ValidationException("The training and validation channels must have the same ContentType.")
    elif spec.validation_fraction is None or not 0 < spec.validation_fraction < 1:
        raise ValidationException(
            f"ValidationFraction {spec.validation_fraction} is not valid: it must be greater than 0 and less than 1."
        )
    targets = {
        entry["TargetAttributeName"]
        for entry in spec.request.get("InputDataConfig", [])
        if "TargetAttributeName" in entry
    }
    if len(targets) > 1:
        raise ValidationException(
            "TargetAttributeName must be the same in the training and validation channels."
        )
    for channel in spec.channels:
        _check_format(channel)


def _check_format(channel: Channel) -> None:
    kind = _content_kind(channel)
    if kind not in ("text/csv", PARQUET) or "header=absent" in channel.content_type.replace(" ", "").lower():
        raise ValidationException(
            f"ContentType {channel.content_type} is not supported. Supported content types: "
            f"[text/csv;header=present, {PARQUET}]."
        )
    if channel.data_type not in ("S3Prefix", "ManifestFile"):
        raise ValidationException(
            f"S3DataType {channel.data_type} is not supported for tabular data. Use S3Prefix or ManifestFile."
        )


def _content_kind(channel: Channel) -> str:
    return channel.content_type.split(";")[0].strip().lower()


def _check_objective(spec: Specification) -> None:
    if (spec.problem_type is None) != (spec.objective is None):
        raise ValidationException(
            "ProblemType and AutoMLJobObjective must be provided together: you must either provide both of them or "
            "none at all."
        )
    if spec.problem_type is not None:
        problem = PROBLEMS[spec.problem_type]
        if spec.objective not in problem.objectives:
            raise ValidationException(
                f"Objective metric {spec.objective} is not supported for problem type {spec.problem_type}. "
                f"Supported metrics: [{', '.join(problem.objectives)}]."
            )


def _check_mode(spec: Specification) -> None:
    if spec.mode == "ENSEMBLING" and spec.pilot:
        raise ValidationException(
            "GenerateCandidateDefinitionsOnly cannot be used with Mode ENSEMBLING, which has no candidate definitions. "
            "Set Mode to HYPERPARAMETER_TUNING."
        )
    if not spec.algorithms:
        return
    if spec.mode == "AUTO":
        raise ValidationException(
            "AlgorithmsConfig cannot be specified when Mode is AUTO. Set Mode to HYPERPARAMETER_TUNING or ENSEMBLING."
        )
    known = ENSEMBLING_ALGORITHMS if spec.mode == "ENSEMBLING" else HPO_ALGORITHMS
    wrong = [name for name in spec.algorithms if name not in known]
    if wrong:
        raise ValidationException(
            f"AutoMLAlgorithms {wrong} are not supported in mode {spec.mode}. "
            f"Supported algorithms: [{', '.join(known)}]."
        )
    offered = OFFERED_ENSEMBLING if spec.mode == "ENSEMBLING" else offered_algorithms()
    if spec.mode != "ENSEMBLING" and left_out(spec.algorithms) is not None:
        raise ValidationException(str(left_out(spec.algorithms)).replace("was left out", "cannot run"))
    missing = [name for name in spec.algorithms if name not in offered]
    if missing:
        raise ValidationException(
            f"AutoMLAlgorithms {missing} are not offered by this engine yet. "
            f"Offered algorithms: [{', '.join(offered)}]."
        )


def _check_weight(spec: Specification) -> None:
    if spec.sample_weight is None:
        return
    if spec.sample_weight == spec.target:
        raise ValidationException("SampleWeightAttributeName cannot be the target attribute.")
    if spec.mode == "HYPERPARAMETER_TUNING" or spec.pilot:
        raise ValidationException(
            "SampleWeightAttributeName is supported in mode ENSEMBLING only. Set Mode to ENSEMBLING."
        )
    weights = {
        entry.get("SampleWeightAttributeName", spec.sample_weight)
        for entry in spec.request.get("InputDataConfig", [])
    }
    if len(weights) > 1:
        raise ValidationException(
            "SampleWeightAttributeName must be the same in the training and validation channels."
        )


def _check_deployment(spec: Specification) -> None:
    deploy = spec.request.get("ModelDeployConfig")
    if deploy is None:
        return
    generated = bool(deploy.get("AutoGenerateEndpointName"))
    named = bool(deploy.get("EndpointName"))
    if generated and named:
        raise ValidationException(
            "EndpointName cannot be specified when AutoGenerateEndpointName is set to True in ModelDeployConfig."
        )
    if not generated and not named:
        raise ValidationException(
            "EndpointName must be specified in ModelDeployConfig when AutoGenerateEndpointName is not set to True."
        )


def _check_input(ctx: EngineContext, channel: Channel, region: str) -> None:
    place = _location(channel.uri)
    _check_bucket(ctx, place.bucket)
    size = 0
    if channel.data_type == "ManifestFile":
        try:
            size = sum(file.size for file in list_inputs(ctx.objects, channel.data_type, channel.uri, region))
        except JobFailure as failure:
            raise ValidationException(str(failure).removeprefix("ClientError: ")) from None
    else:
        infos = list(islice(ctx.objects.iterate(place.bucket, place.key), _COUNTED_OBJECTS))
        if not infos:
            raise ValidationException(
                f"No S3 objects found under S3 URL {channel.uri} given in the input data source. "
                "Please ensure that the bucket exists in the selected region, that objects exist under that S3 prefix, "
                "and that the role has s3:ListBucket permissions on the bucket."
            )
        size = sum(info.size for info in infos)
    if size >= MAX_BYTES[channel.kind]:
        raise ValidationException(
            f"The {channel.kind} data {channel.uri} have {size / _GB:.1f} GB. The {channel.kind} data of an Autopilot job must be "
            f"smaller than {MAX_BYTES[channel.kind] // _GB} GB."
        )


def _check_output(ctx: EngineContext, spec: Specification) -> None:
    output = _location(spec.output_path)
    _check_bucket(ctx, output.bucket)
    for channel in spec.channels:
        # A prefix takes in every object below it: this job's own files would be read as training data.
        place = _location(channel.uri)
        if channel.data_type == "ManifestFile":
            continue
        if place.bucket == output.bucket and f"{output.key.rstrip('/')}/{spec.name}/".lstrip("/").startswith(
            place.key
        ):
            raise ValidationException(
                f"S3OutputPath {spec.output_path} lies inside the input data {channel.uri}: the files of this job "
                "would be read as data. Choose an output path outside of the input prefix."
            )


def _check_bucket(ctx: EngineContext, bucket: str) -> None:
    if ctx.objects.bucket(bucket) is None:
        raise ValidationException(f"The S3 bucket {bucket} does not exist.")


def _check_feature_specification(ctx: EngineContext, spec: Specification) -> None:
    uri = spec.feature_specification
    if not uri:
        return
    place = _location(uri)
    _check_bucket(ctx, place.bucket)
    if ctx.objects.head(place.bucket, place.key) is None:
        raise ValidationException(f"FeatureSpecificationS3Uri {uri}: the object does not exist.")
    with ctx.objects.open(place.bucket, place.key) as stream:
        check_feature_document(stream.read(_LARGEST_SPECIFICATION), spec.target)


def check_feature_document(body: bytes, target: str) -> None:
    """Checks the JSON of a FeatureSpecificationS3Uri.

    Raises:
        ValidationException: not JSON, or a rule of the format is broken.
    """

    def wrong(why: str) -> ValidationException:
        return ValidationException(f"The feature specification file is not valid: {why}")

    try:
        document = json.loads(body)
    except ValueError as error:
        raise wrong(f"it is not JSON ({error}).") from None
    if not isinstance(document, dict):
        raise wrong("it must be a JSON object with FeatureAttributeNames and, if you like, FeatureDataTypes.")
    names = document.get("FeatureAttributeNames", [])
    types = document.get("FeatureDataTypes", {})
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise wrong("FeatureAttributeNames must be a list of column names.")
    if len(set(names)) != len(names):
        raise wrong("FeatureAttributeNames must not contain a name twice.")
    if target in names or (isinstance(types, dict) and target in types):
        raise wrong(f"it must not contain the target attribute {target}.")
    if not isinstance(types, dict):
        raise wrong("FeatureDataTypes must be an object of column name to type.")
    for name, kind in types.items():
        if kind not in FEATURE_TYPES:
            raise wrong(f"{name} has type {kind}; the types are {', '.join(FEATURE_TYPES)}.")
        if names and name not in names:
            raise wrong(f"{name} is in FeatureDataTypes but not in FeatureAttributeNames.")


def _location(uri: str) -> S3Location:
    try:
        return parse_s3_uri(uri)
    except (ValueError, AwsError):
        raise ValidationException(f"{uri} is not a valid S3 URI. Use the form s3://bucket/key.") from None
