"""REST models of what something will cost, asked before it is created."""

from __future__ import annotations

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, ApiError, Request
from smstudio_ext.studio.models.running import Metered, PriceSource


class CostItem(Request):
    """Instances that a form asks for.

    Attributes:
        instance_type: None where AWS chooses it.
        count: instances of one job or endpoint.
        times: how many such jobs there will be at most, as a tuning job's trials.
        parallel: how many of them at the same time.
        seconds: how long one lasts at most; None for what runs until somebody ends it.
    """

    metered: Metered
    instance_type: str | None = Field(default=None, max_length=64)
    count: int = Field(default=1, ge=0, le=1_000_000)
    times: int = Field(default=1, ge=1, le=1_000_000)
    parallel: int = Field(default=1, ge=1, le=1_000_000)
    seconds: float | None = Field(default=None, ge=0, le=1e9)


class EstimateRequest(Request):
    """What is to be estimated."""

    items: list[CostItem] = Field(max_length=100)


class CostLine(Answer):
    """One kind of instances of an estimate.

    Attributes:
        count: instances at the same time.
        hourly: USD of one instance an hour; None where no price is known.
        seconds: for which they run at most, one after the other included; None until somebody ends it.
        cost: USD at most; None where it is not limited or no price is known.
    """

    metered: Metered
    instance_type: str | None
    count: int
    hourly: float | None
    seconds: float | None
    cost: float | None


class CostEstimate(Answer):
    """What something will cost at most.

    Attributes:
        operation: AWS's name of the operation that creates it; empty for a form that is being filled in.
        simulated: the target is the local engine, which bills nothing.
        hourly: USD an hour of all instances together while they run; None when a price is not known.
        cost: USD at most; None when a price is not known or nothing limits it.
        unknown: instance types without a price.
        text: the estimate in a sentence.
        notes: what the sentence does not count.
    """

    operation: str
    simulated: bool
    lines: list[CostLine]
    hourly: float | None
    cost: float | None
    unknown: list[str]
    text: str
    notes: list[str]
    prices: PriceSource


class CostQuestion(ApiError):
    """The answer (428) to a request that would cost money on AWS and that nobody has confirmed.

    Attributes:
        token: sent again with the same request, in the header `X-SmStudio-Confirm-Cost`, it confirms this estimate; for a
            quarter of an hour and once.
    """

    token: str
    estimate: CostEstimate
