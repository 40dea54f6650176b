"""SageMaker Metrics at the wire: BatchPutMetrics and BatchGetMetrics."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.experiments import batches
from smstudio_ext.engine.experiments.part import Experiments
from smstudio_ext.engine.search.hints import number_hint
from smstudio_ext.engine.services.registry import operation

Document = dict[str, Any]


@operation("sagemaker-metrics", "BatchPutMetrics", sampled=("MetricData",), quick=batches.read)
def batch_put_metrics(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Keeps points of a component's metrics; AWS takes 10 a call, this engine as many as a body holds."""
    errors = batches.put(Experiments.of(ctx), call.region, request)
    return {"Errors": errors} if errors else {}


@operation("sagemaker-metrics", "BatchGetMetrics", inline=False, uncapped=frozenset({"metricQueries"}))
def batch_get_metrics(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Reads series of metrics by period and statistic."""
    shape = batches.Shaping.of(call.hints, number_hint(call.hints, "max-points"))
    queries = request["MetricQueries"]
    return {"MetricQueryResults": [batches.get(Experiments.of(ctx), query, shape) for query in queries]}
