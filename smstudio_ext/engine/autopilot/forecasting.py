"""Time series forecasting as a problem type of Autopilot jobs: its metrics, algorithms and rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smstudio_ext.engine.errors import ValidationException

if TYPE_CHECKING:
    from smstudio_ext.engine.autopilot.specification import Document, Specification

IMAGE = "sagemaker-automl-forecasting:1.0-cpu-py3"

OBJECTIVES = ("AverageWeightedQuantileLoss", "RMSE", "MAPE", "MASE", "WAPE")
"""The first is the default."""
ALGORITHMS = ("cnn-qr", "deepar", "prophet", "npts", "arima", "ets", "xgboost")
"""AWS's names for this problem type, and this engine's own addition, which AWS would refuse: xgboost."""
ENVIRONMENT = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
MAX_HORIZON = 500

_FREQUENCY = re.compile(
    r"1Y|Y|([1-9]|1[0-1])M|M|[1-4]W|W|[1-6]D|D|([1-9]|1[0-9]|2[0-3])H|H|([1-9]|[1-5][0-9])min"
)
_QUANTILE = re.compile(r"p[1-9]\d?")
_FILLS = ("zero", "value", "median", "mean", "min", "max")
_PLACES = ("frontfill", "middlefill", "backfill", "futurefill")


def check(spec: Specification) -> None:
    """Checks a TimeSeriesForecastingJobConfig.

    Raises:
        ValidationException: a rule is broken.
    """
    config = spec.config
    if not _FREQUENCY.fullmatch(config["ForecastFrequency"]):
        raise ValidationException(
            f"ForecastFrequency {config['ForecastFrequency']} is not valid. Use an integer and Y, M (1-11), W (1-4), D (1-6), "
            "H (1-23) or min (1-59), for example 1D or 15min."
        )
    horizon = int(config["ForecastHorizon"])
    if not 1 <= horizon <= MAX_HORIZON:
        raise ValidationException(
            f"ForecastHorizon {horizon} is not valid: it must be between 1 and {MAX_HORIZON} time steps."
        )
    quantiles = config.get("ForecastQuantiles")
    if quantiles is not None and not 1 <= len(quantiles) <= 5:
        raise ValidationException("ForecastQuantiles must contain between 1 and 5 quantiles.")
    for quantile in quantiles or ():
        if not _QUANTILE.fullmatch(quantile):
            raise ValidationException(
                f"ForecastQuantiles: {quantile} is not valid. Use p1 to p99; the mean is always part of a forecast."
            )
    if config.get("HolidayConfig"):
        raise ValidationException(
            "HolidayConfig is not offered by this engine, which brings no holiday calendars along. Add a numeric column that is 1 "
            "on holidays (in the future too) to the data instead, or run this job on AWS."
        )
    _check_columns(config["TimeSeriesConfig"])
    _check_transformations(config)


def _check_columns(series: Document) -> None:
    names = [
        series["TargetAttributeName"],
        series["TimestampAttributeName"],
        series["ItemIdentifierAttributeName"],
        *(series.get("GroupingAttributeNames") or ()),
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValidationException(
            f"TimeSeriesConfig names the column {twice[0]} twice: target, timestamp, item identifier and grouping attributes "
            "must be different columns."
        )


def _check_transformations(config: Document) -> None:
    target = config["TimeSeriesConfig"]["TargetAttributeName"]
    given = config.get("Transformations") or {}
    for column in given.get("Aggregation") or {}:
        if column != target:
            raise ValidationException(
                f"Transformations.Aggregation: only the target column {target} can be aggregated, not {column}."
            )
    for column, rules in (given.get("Filling") or {}).items():
        for place in _PLACES:
            _check_fill(column, place, rules, column == target)


def _check_fill(column: str, place: str, rules: Document, is_target: bool) -> None:
    fill = rules.get(place)
    if fill is None:
        return
    where = f"Transformations.Filling of column {column}: {place} {fill}"
    if place == "frontfill":
        if fill != "none" or not is_target:
            raise ValidationException(
                f"{where} is not supported. frontfill can be none, for the target column only."
            )
        return
    if place == "futurefill" and is_target:
        raise ValidationException(
            f"{where} is not supported: the target column has no futurefill, it is forecast."
        )
    if fill not in _FILLS:
        raise ValidationException(f"{where} is not supported. Supported methods: [{', '.join(_FILLS)}].")
    if fill != "value":
        return
    try:
        float(rules[f"{place}_value"])
    except KeyError:
        raise ValidationException(f"{where} needs {place}_value, the number to fill with.") from None
    except ValueError:
        raise ValidationException(f"{where}: {place}_value {rules[f'{place}_value']} is no number.") from None
