"""One row of the table of the REST API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        path: under `<base_url>/smstudio/api/`, with `{name}` for a path part.
        id: name of the operation in OpenAPI and in the generated types.
        answer, query, body: models in `studio.models`, as `module.Class`; no answer: something else than JSON.
        runs: function in `studio`, as `module.function`, called as `function(target, *path parts, query or body)`;
            none when the handler does more than that.
    """

    method: Method
    path: str
    id: str
    summary: str
    answer: str | None
    query: str | None = None
    body: str | None = None
    status: int = 200
    runs: str | None = None
