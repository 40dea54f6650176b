"""First half of the data exploration report: summary, target, data sample."""

from __future__ import annotations

import numpy as np

from smstudio_ext.engine.autopilot.exploration.facts import Facts
from smstudio_ext.engine.autopilot.exploration.insights import Insight
from smstudio_ext.engine.autopilot.reports import charts
from smstudio_ext.engine.autopilot.reports.document import Block, Figure, Heading, Notice, Table, Text
from smstudio_ext.engine.autopilot.reports.markup import anchor
from smstudio_ext.engine.autopilot.reports.text import escape, number, percent, shortened

TITLE = "Amazon SageMaker Autopilot Data Exploration Report"
SHOWN_COLUMNS = 20
SAMPLE_ROWS = 10
_CLASSES = 20
_KINDS = {
    "numeric": "Numeric",
    "categorical": "Categorical",
    "text": "Text",
    "datetime": "Datetime",
    "sequence": "Sequence",
}
SECTIONS = (
    "Target Analysis",
    "Data Sample",
    "Feature Summary",
    "Duplicate Rows",
    "Cross Column Statistics",
    "Anomalous Rows",
    "Column Analysis",
    "Missing Values",
    "Cardinality",
    "Descriptive Stats",
    "Definitions",
)


def actions(*items: str) -> Notice:
    """A box of suggested actions."""
    return Notice("action", "Suggested Action Items", actions=items)


def notices(insights: list[Insight], section: str) -> list[Block]:
    """The insights of one section as boxes."""
    return [_notice(one) for one in insights if one.section == section]


def summary(facts: Facts, insights: list[Insight]) -> list[Block]:
    """Introduction, dataset properties and column types, with every insight of high severity."""
    top: list[Block] = [
        _notice(one) for one in insights if one.severity == "high" or one.section == "Dataset Summary"
    ]
    low = [one for one in insights if one.severity == "low" and one.section != "Dataset Summary"]
    blocks = [Text(_introduction(facts)), Heading("Dataset Summary"), *top]
    if low:
        items = "\n".join(
            f"- [{escape(one.name)}](#{anchor(one.section)}) ({one.section}): {one.text}" for one in low
        )
        blocks.append(Text(f"**Low severity insights**\n\n{items}"))
    if facts.analysis.get("Warnings"):
        lines = "\n".join(f"- {escape(warning)}" for warning in facts.analysis["Warnings"])
        blocks.append(Text(f"**Notes of the analysis**\n\n{lines}"))
    contents = "\n".join(f"1. [{name}](#{anchor(name)})" for name in SECTIONS)
    return [
        *blocks,
        Text("**Dataset Properties**"),
        _properties(facts),
        Text("**Detected Column Types**"),
        _types(facts),
        Heading("Report Contents"),
        Text(contents),
    ]


def _notice(insight: Insight) -> Notice:
    return Notice(insight.severity, insight.name, insight.text, insight.actions)


def _introduction(facts: Facts) -> str:
    analysis, sample = facts.analysis, facts.sample
    if sample.classes:
        shown = ", ".join(f"'{escape(shortened(name, 30))}'" for name in sample.classes[:10])
        labels = f"Here are **{min(10, len(sample.classes))}** examples of labels: [{shown}]."
    else:
        shape = facts.shapes.get(facts.target)
        bounds = f"{number(shape.low)}, {number(shape.high)}" if shape else "–"
        labels = f"The labels were found to be within the range [{bounds}]."
    sampled = f" {escape(analysis['Sampled'])}" if analysis.get("Sampled") else ""
    return (
        "This report provides insights about the dataset you provided as input to the AutoML job. It was automatically generated "
        f"by the AutoML job: **{escape(facts.job)}**.\n\n"
        "As part of the AutoML job, the input dataset was randomly split into two pieces, one for **training** and one for "
        f"**validation** ({analysis['TrainRows']:,} and {analysis['ValidationRows']:,} rows), unless you gave a validation channel. "
        "Use the insights and the prediction power of each column to improve the data, and the metrics of each column to understand "
        "how the job chose the candidate pipelines.\n\n"
        f"We read **{facts.rows:,}** rows from the dataset.{sampled} The dataset has **{len(sample.names)}** columns and the column named "
        f"**{escape(facts.target)}** is used as the target column. This is identified as a **{analysis['ProblemType']}** problem "
        f"({escape(analysis['ProblemTypeReason']).rstrip()}) {labels}\n\n"
        "**Note**: this report is written for people and may change; `insights.json` beside this notebook is for programs."
    )


def _properties(facts: Facts) -> Table:
    analysis = facts.analysis
    duplicates = analysis.get("DuplicateRows", facts.duplicates.extra) / max(1, facts.read)
    return Table(
        [
            "Rows",
            "Columns",
            "Duplicate rows",
            "Target column",
            "Missing target values",
            "Invalid target values",
            "Detected problem type",
        ],
        [
            [
                f"{facts.rows:,}",
                str(len(facts.sample.names)),
                percent(duplicates),
                facts.target,
                percent(analysis.get("MissingTarget", 0) / max(1, facts.read)),
                percent(analysis.get("InvalidTarget", 0) / max(1, facts.read)),
                analysis["ProblemType"],
            ]
        ],
    )


def _types(facts: Facts) -> Table:
    types = [one["Type"] for one in facts.columns.values()]
    unused = sum(kind in ("id", "constant") for kind in types)
    counts = [sum(kind == one for kind in types) for one in _KINDS]
    shown = [*counts, unused]
    return Table(
        ["", *_KINDS.values(), "Not used (identifier, constant)"],
        [
            ["Column Count", *(str(count) for count in shown)],
            ["Percentage", *(percent(count / max(1, len(types))) for count in shown)],
        ],
        row_titles=True,
    )


def target_analysis(facts: Facts, insights: list[Insight]) -> list[Block]:
    """The distribution of the target."""
    intro = Text(
        f"The column **{escape(facts.target)}** is used as the target column. See the distribution of its values below."
    )
    head: list[Block] = [Heading("Target Analysis"), *notices(insights, "Target Analysis"), intro]
    if facts.sample.classes:
        return [*head, *_classes(facts)]
    return [*head, *_values(facts)]


def _classes(facts: Facts) -> list[Block]:
    analysis = facts.analysis
    counts = {name: int(count) for name, count in analysis["ClassCounts"].items()}
    total = max(1, sum(counts.values()))
    ordered = sorted(counts, key=lambda name: -counts[name])
    shown = ordered[:_CLASSES]
    invalid, missing = analysis.get("InvalidTarget", 0), analysis.get("MissingTarget", 0)
    blocks: list[Block] = [
        Table(
            ["Number of Classes", "Invalid Percentage", "Missing Percentage"],
            [
                [
                    str(len(counts)),
                    percent(invalid / max(1, facts.read)),
                    percent(missing / max(1, facts.read)),
                ]
            ],
        ),
        Table(
            ["Target Label", "Frequency Percentage", "Label Count"],
            [[name, percent(counts[name] / total), f"{counts[name]:,}"] for name in shown],
            row_titles=True,
        ),
        Figure(
            "target-distribution",
            charts.columns(
                shown, [counts[name] for name in shown], f"Rows by label of {facts.target}", "rows"
            ),
            "Bars of the number of rows of each label.",
        ),
    ]
    if len(ordered) > len(shown):
        blocks.append(Text(f"The {len(shown)} most frequent of {len(ordered)} labels are shown."))
    return blocks


def _values(facts: Facts) -> list[Block]:
    shape = facts.shapes.get(facts.target)
    if shape is None:
        return []
    analysis = facts.analysis
    known = facts.sample.target[np.isfinite(facts.sample.target)]
    counts, edges = np.histogram(known, bins=min(50, max(10, len(np.unique(known)))))
    row = [
        number(shape.mean),
        number(shape.median),
        number(shape.low),
        number(shape.high),
        number(shape.skewness),
        number(shape.kurtosis),
        f"{len(np.unique(known)):,}",
        percent(shape.outliers),
        percent(analysis.get("InvalidTarget", 0) / max(1, facts.read)),
        percent(analysis.get("MissingTarget", 0) / max(1, facts.read)),
    ]
    names = (
        "Mean;Median;Minimum;Maximum;Skew;Kurtosis;Number of Uniques;Outliers Percentage;Invalid Percentage;"
        "Missing Percentage"
    )
    return [
        Table(names.split(";"), [row]),
        Figure(
            "target-distribution",
            charts.histogram(counts, edges, f"Distribution of {facts.target}", facts.target),
            "Histogram of the target.",
        ),
    ]


def data_sample(facts: Facts) -> list[Block]:
    """Ten random rows, the most predictive columns first."""
    sample = facts.sample
    others = [name for name in sample.names if name not in facts.power and name != facts.target]
    names = [facts.target, *facts.by_power, *others][:SHOWN_COLUMNS]
    rows = np.sort(np.random.default_rng(0).permutation(sample.rows)[:SAMPLE_ROWS])
    power = ["Prediction Power", *(_power(facts, name) for name in names)]
    types = ["Column Types", *(sample.kinds.get(name, "") for name in names)]
    cells = [[str(row), *(shortened(sample.columns[name][row]) for name in names)] for row in rows]
    cut = ""
    if len(sample.names) > len(names):
        cut = f" For ease of presentation, we are only showing **{len(names)} of the {len(sample.names)}** columns of the dataset."
    return [
        Heading("Data Sample"),
        Text(
            f"The following table is a random sample of **{len(rows)}** rows from the dataset. Columns are sorted by their prediction power."
            f"{cut}"
        ),
        actions(
            "Verify the input headers correctly align with the columns of the dataset sample. If they are incorrect, update the "
            "header names of your input dataset in Amazon S3.",
            "Verify the column types. If one is wrong, state it in a feature specification (FeatureSpecificationS3Uri).",
        ),
        Table(["", *names], [power, types, *cells], row_titles=True, marked=2),
    ]


def _power(facts: Facts, name: str) -> str:
    if name == facts.target:
        return "–"
    return f"{facts.power[name]:.3f}" if name in facts.power else "not used"
