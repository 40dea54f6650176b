"""Models of the Trial Component List: queries, columns, rows, groups and exports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from smstudio_ext.studio.models.base import Answer, Request, UtcTime
from smstudio_ext.studio.models.experiments import ColumnFilter

ScopeKind = Literal["all", "unassigned", "experiment", "trial"]
Cell = str | float | bool | None
ColumnCategory = Literal["Summary", "Metrics", "Parameters", "Input artifacts", "Output artifacts", "Tags"]
ComponentType = Literal["Training job", "Transform job", "Processing job", "Others"]


class ComponentScope(Request):
    """Which components: all, those of no experiment, or those of some experiments or trials."""

    kind: ScopeKind = "all"
    names: list[str] = Field(default=[], max_length=50)


class ComponentQuery(Request):
    """What a table of components shows.

    Attributes:
        search: part of the name or display name.
        sort_by: property path, e.g. `CreationTime`, `Metrics.validation:f1.Max`.
    """

    scope: ComponentScope = ComponentScope()
    search: str | None = Field(default=None, max_length=1024)
    filters: list[ColumnFilter] = []
    sort_by: str = Field(default="CreationTime", max_length=1024)
    descending: bool = True


class RowsQuery(Request):
    """Rows of a table.

    Attributes:
        columns: property paths whose values the rows carry, beside the summary that they always have.
        offset: first row; where the target cannot start anywhere (`ComponentRows.random_access`), `token` is needed.
    """

    query: ComponentQuery = ComponentQuery()
    columns: list[str] = Field(default=[], max_length=400)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=1, le=500)
    token: str | None = Field(default=None, max_length=8192)


class ComponentRow(Answer):
    """One component.

    Attributes:
        name: unique; `display_name` is what its maker called it.
        job: the job that it describes, by its name.
        cells: values of the asked columns, in their order.
    """

    name: str
    display_name: str
    arn: str
    type: ComponentType
    source_arn: str | None
    job: str | None
    status: str
    status_message: str | None
    experiments: list[str]
    trials: list[str]
    created: UtcTime | None
    modified: UtcTime | None
    created_by: str | None
    cells: list[Cell]


class ComponentRows(Answer):
    """Rows of a table.

    Attributes:
        total: how many match; absent when the target does not tell.
        next_token: for the rows after these; absent after the last.
        random_access: any row can be asked for by its offset; otherwise only page after page.
    """

    rows: list[ComponentRow]
    total: int | None
    next_token: str | None
    random_access: bool


class ComponentNames(Answer):
    """Names of a range of rows, or of all; `complete` is false when there are more than one may ask for."""

    names: list[str]
    complete: bool


class NamesQuery(Request):
    """A range of a table's rows."""

    query: ComponentQuery = ComponentQuery()
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=10_000, ge=1, le=10_000)


class ComponentColumn(Answer):
    """A column that a table can show.

    Attributes:
        id: property path; of a metric without the statistic, e.g. `Metrics.validation:f1`.
        here: components of this table's scope have it (as far as was looked).
    """

    id: str
    label: str
    category: ColumnCategory
    numeric: bool
    here: bool


class ComponentColumns(Answer):
    """All columns; AWS may not tell all names at once."""

    columns: list[ComponentColumn]
    complete: bool


class GroupsQuery(Request):
    """Groups of a table's rows.

    Attributes:
        by: property path, e.g. `Parents.TrialName` or `Parameters.eta`.
        metrics: metric columns with statistic whose lowest, highest and mean value each group tells.
    """

    query: ComponentQuery = ComponentQuery()
    by: str = Field(min_length=1, max_length=1024)
    metrics: list[str] = Field(default=[], max_length=20)


class GroupMetric(Answer):
    """A metric over a group."""

    lowest: float | None
    highest: float | None
    mean: float | None


class ComponentGroup(Answer):
    """Rows with the same value; `filter` finds them."""

    label: str
    value: str | None
    count: int
    filter: ColumnFilter
    metrics: list[GroupMetric]


class ComponentGroups(Answer):
    """The groups, largest first; `complete` is false when not all rows were looked at."""

    groups: list[ComponentGroup]
    rows: int
    complete: bool


class ExportQuery(Request):
    """A table to keep as a file.

    Attributes:
        columns: property paths; absent: everything that the components have.
    """

    query: ComponentQuery = ComponentQuery()
    columns: list[str] | None = Field(default=None, max_length=5000)
    names: list[str] | None = Field(default=None, max_length=10_000)
    format: Literal["csv", "parquet"] = "csv"


class ExportTicket(Answer):
    """Where the file is fetched."""

    id: str
    file_name: str


class PandasCode(Answer):
    """Code that does the same."""

    code: str


class StopComponents(Request):
    """Components whose jobs are to be stopped."""

    names: list[str] = Field(min_length=1, max_length=100)
