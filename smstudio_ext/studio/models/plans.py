"""What all forms of jobs are answered while they are filled in."""

from __future__ import annotations

from typing import Any

from smstudio_ext.studio.models.base import Answer, FieldProblem
from smstudio_ext.studio.models.costs import CostEstimate


class Plan(Answer):
    """What a form would send.

    Attributes:
        problems: what AWS, or the algorithm, would refuse; nothing is sent while there are any.
        cost: what it will cost; None while the form has problems.
        request: the request of the AWS call.
        boto3, sdk_v2, sdk_v3: Python code that does the same.
    """

    problems: list[FieldProblem]
    cost: CostEstimate | None
    request: dict[str, Any]
    boto3: str
    sdk_v2: str
    sdk_v3: str
