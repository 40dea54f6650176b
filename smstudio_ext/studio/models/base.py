"""What all models of the REST API share: strictness, UTC times, pages and errors."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

UtcTime = Annotated[datetime, AfterValidator(lambda value: value.astimezone(timezone.utc))]
SortOrder = Literal["Ascending", "Descending"]


class Answer(BaseModel):
    """Something that the server sends."""

    model_config = ConfigDict(
        extra="forbid", ser_json_inf_nan="null", json_schema_serialization_defaults_required=True
    )


class Request(BaseModel):
    """Something that the browser sends; unknown members are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class PageQuery(Request):
    """Paging of a list.

    Attributes:
        next_token: the last page's token; absent for the first page.
    """

    max_results: int = Field(default=50, ge=1, le=100)
    next_token: str | None = Field(default=None, max_length=8192)


class Tag(Request):
    """One tag of a resource."""

    key: str
    value: str = ""


class FieldProblem(Answer):
    """What is wrong with one field of a form."""

    field: str
    message: str


class ApiError(Answer):
    """Every answer with a status of 400 and above.

    Attributes:
        code: AWS's error code where AWS answered, else our own.
        hint: what to do about it.
        fields: for forms, what is wrong with which field.
    """

    code: str
    message: str
    hint: str | None = None
    request_id: str | None = None
    fields: list[FieldProblem] = []


class Accepted(Answer):
    """An action was begun; the resource's page shows how it goes on."""

    name: str
