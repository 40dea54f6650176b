"""Second half of the data exploration report: features, rows, columns, definitions."""

from __future__ import annotations

import numpy as np

from smstudio_ext.engine.autopilot.exploration.facts import MEASURED_COLUMNS, Facts
from smstudio_ext.engine.autopilot.exploration.insights import Insight
from smstudio_ext.engine.autopilot.exploration.overview import SHOWN_COLUMNS, actions, notices
from smstudio_ext.engine.autopilot.reports import charts
from smstudio_ext.engine.autopilot.reports.document import Block, Figure, Heading, Table, Text
from smstudio_ext.engine.autopilot.reports.text import escape, number, percent, shortened

LISTED = 25
_LOW_CARDINALITY = (
    "**SageMaker Autopilot may treat numerical features as `Categorical` if the number of unique entries is sufficiently low.** "
    "Here that is so for numbers that you declare categorical in a feature specification; other numbers with few different values "
    "stay numeric for trees, which find the same splits."
)


def feature_summary(facts: Facts, insights: list[Insight]) -> list[Block]:
    """Prediction power of the columns."""
    names = facts.by_power[:LISTED]
    rows = [
        [
            name,
            f"{facts.power[name]:.3f}",
            facts.columns[name]["Type"],
            percent(facts.missing_share(name)),
            f"{facts.columns[name]['Unique']:,}",
            facts.columns[name].get("Reason", ""),
        ]
        for name in names
    ]
    blocks: list[Block] = [
        Heading("Feature Summary"),
        *notices(insights, "Feature Summary"),
        Text(
            "Prediction power says how well a column alone predicts the target: 0 is no better than chance, 1 is perfect. It does not "
            "show what columns tell together."
        ),
        actions(
            "Look at the strongest columns: are they known at the time of prediction?",
            "Columns with a power near 0 may be left out to make the job faster, unless they matter together with others.",
        ),
        Table(
            ["Column", "Prediction Power", "Type", "Missing", "Unique", "Why this type"],
            rows,
            row_titles=True,
        ),
    ]
    if names:
        picture = charts.bars(
            names[:20],
            [facts.power[name] for name in names[:20]],
            "Prediction power",
            "prediction power (0 to 1)",
        )
        blocks.append(Figure("prediction-power", picture, "Bars of the prediction power of the columns."))
    if len(facts.features) > len(facts.power):
        blocks.append(
            Text(
                f"The first {MEASURED_COLUMNS} of {len(facts.features)} columns were measured; wider tables take too long."
            )
        )
    return blocks


def duplicate_rows(facts: Facts, insights: list[Insight]) -> list[Block]:
    """Rows that occur more than once."""
    found = facts.analysis.get("DuplicateRows", facts.duplicates.extra)
    share = found / max(1, facts.read)
    blocks: list[Block] = [Heading("Duplicate Rows"), *notices(insights, "Duplicate Rows")]
    if not found:
        return [*blocks, Text("No row occurs twice.")]
    blocks.append(Text(f"**{found:,}** rows ({percent(share)}) repeat another row."))
    names = [facts.target, *facts.by_power][:SHOWN_COLUMNS]
    rows = [
        [str(count), *(shortened(facts.sample.columns[name][at]) for name in names)]
        for at, count in facts.duplicates.examples
    ]
    if rows:
        blocks.append(Table(["Duplicate count", *names], rows, row_titles=True))
    return blocks


def cross_columns(facts: Facts, insights: list[Insight]) -> list[Block]:
    """Correlations of the most predictive numeric columns."""
    blocks: list[Block] = [Heading("Cross Column Statistics"), *notices(insights, "Cross Column Statistics")]
    names = facts.correlations.names
    if len(names) < 2:
        return [*blocks, Text("There are fewer than two numeric columns to compare.")]
    picture = charts.matrix(
        facts.correlations.values, names, names, "Pearson correlation", "", "", diverging=True
    )
    return [
        *blocks,
        Text(
            f"Linear (Pearson) correlation of the **{len(names)}** most predictive numeric columns, from -1 to 1. Columns with a correlation "
            "near 1 or -1 say the same."
        ),
        Figure("correlations", picture, "Heat map of the correlations between columns."),
    ]


def anomalous_rows(facts: Facts, insights: list[Insight]) -> list[Block]:
    """The rows that differ most from all others."""
    blocks: list[Block] = [Heading("Anomalous Rows"), *notices(insights, "Anomalous Rows")]
    if not facts.anomalies.any():
        return [*blocks, Text("There are too few rows or no suitable columns to look for anomalies.")]
    order = np.argsort(-facts.anomalies, kind="stable")[:5]
    names = [facts.target, *facts.by_power][: SHOWN_COLUMNS - 1]
    rows = [
        [
            f"{facts.anomalies[at]:.3f}",
            *(shortened(facts.sample.columns[name][at]) for name in names),
        ]
        for at in order
    ]
    return [
        *blocks,
        Text(
            f"The rows of a sample of **{facts.sample.rows:,}** that an Isolation Forest sets apart most easily. Scores run from 0 to 1; "
            "ordinary rows have about 0.5 or less."
        ),
        actions(
            "Check whether the most anomalous rows are errors of measurement or entry; correct or remove them then."
        ),
        Table(["Anomaly Scores", *names], rows, row_titles=True),
    ]


def column_analysis(facts: Facts) -> list[Block]:
    """Introduction to the sections on columns."""
    count = len(facts.sample.names) - 1
    return [
        Heading("Column Analysis"),
        Text(
            f"The AutoML job analyzed the **{count}** input columns to infer each data type and select the feature processing pipelines "
            "for each training algorithm. For more details on the specific AutoML pipeline candidates, see the "
            "[Candidate Definition Notebook](./SageMakerAutopilotCandidateDefinitionNotebook.ipynb)."
        ),
    ]


def missing_values(facts: Facts, insights: list[Insight]) -> list[Block]:
    """Table of the columns with missing values."""
    shares = {name: facts.missing_share(name) for name in facts.columns}
    found = sorted((name for name in shares if shares[name] > 0), key=lambda name: -shares[name])
    blocks: list[Block] = [
        Heading("Missing Values", 3),
        *notices(insights, "Missing Values"),
        Text(
            "**Percent of Missing Values.** Within the data processing pipelines, missing values of categorical columns become a category of "
            "their own ('unknown'); missing numbers are filled with the median for linear models and left missing for trees, which "
            "learn where such rows belong.\n\n"
            f"We found **{len(found)} of the {len(shares)}** of the columns contained missing values."
        ),
        actions(
            "Investigate the governance of the training dataset. Do you expect this many missing values? Are you able to fill them "
            "with real data?",
            "Use domain knowledge to define an appropriate default value for the column: replace missing values in the input, or edit the "
            "data processing code of the candidate (for example <code>sklearn.impute.SimpleImputer</code>).",
        ),
    ]
    if found:
        spelled = {
            name: ", ".join(list(facts.columns[name].get("MissingSpellings") or {})[:4]) for name in found
        }
        rows = [[name, percent(shares[name]), spelled[name]] for name in found[:LISTED]]
        blocks.append(
            Table(
                ["Column", "% of Missing Values", "Written as (besides empty cells)"], rows, row_titles=True
            )
        )
        picture = charts.bars(
            found[:20], [shares[name] * 100 for name in found[:20]], "Missing values", "% of the rows"
        )
        blocks.append(Figure("missing-values", picture, "Bars of the share of missing values."))
    return blocks


def cardinality(facts: Facts, insights: list[Insight]) -> list[Block]:
    """Count statistics of columns that are not only numbers."""
    # Of very many columns analysis.json says little on those that are not used.
    words = [
        name
        for name, one in facts.columns.items()
        if one["Type"] != "numeric" or one.get("NumericShare", 1) < 1
    ]
    found = sorted(words, key=lambda name: -facts.columns[name]["Unique"])[:LISTED]
    rows = [
        [
            name,
            facts.columns[name]["Type"],
            f"{facts.columns[name]['Unique']:,}",
            f"{facts.columns[name].get('UniqueWords') or 0:,}"
            if facts.columns[name]["Type"] == "text"
            else "n/a",
            ", ".join(shortened(one["Value"], 18) for one in facts.columns[name].get("Top", [])[:3]),
        ]
        for name in found
    ]
    header = [
        "Column",
        "Type",
        "Number of Unique Entries",
        "Number of Unique Words (if Text)",
        "Most frequent",
    ]
    toy = [["0", "red", "very good"], ["1", "green", "good"], ["2", "red", "not so good"]]
    blocks: list[Block] = [
        Heading("Cardinality", 3),
        *notices(insights, "Cardinality"),
        Text(
            "**Count Statistics.** For string columns, the number of different entries, and for text the number of different words, decide "
            "how they are processed. As an example, take these three rows: `color` has 2 unique entries and `review` has 3 unique "
            "entries with 4 unique words (very, good, not, so)."
        ),
        Table(["", "color", "review"], toy, row_titles=True),
        Text(
            "Columns with few unique entries are one-hot encoded or turned into frequencies; text becomes tf-idf weights of its words; "
            "principal components (PCA) keep wide results small.\n\n"
            f"The table below shows **{len(found)} of the {len(facts.columns)}** columns ranked by the number of unique entries."
        ),
        actions(
            "Verify the number of unique values of a feature is as expected. One explanation for unexpected numbers of unique values could "
            "be multiple encodings of a value (for example, US and U.S.): use one spelling in the input.",
        ),
    ]
    if rows:
        blocks.append(Table(header, rows, row_titles=True))
    return blocks


def descriptive_stats(facts: Facts, insights: list[Insight]) -> list[Block]:
    """Statistics of columns with numbers."""
    with_numbers = [
        name for name, one in facts.columns.items() if one.get("NumericShare") and one.get("Statistics")
    ]
    found = sorted(with_numbers, key=lambda name: -facts.columns[name]["NumericShare"])[:LISTED]
    rows = []
    for name in found:
        one = facts.columns[name]
        shape = facts.shapes.get(name)
        statistics = one["Statistics"]
        rows.append(
            [
                name,
                percent(one["NumericShare"]),
                *(number(statistics[member]) for member in ("Mean", "Median", "Min", "Max")),
                percent(shape.outliers) if shape else "–",
            ]
        )
    header = ["Column", "% of Numerical Values", "Mean", "Median", "Min", "Max", "% of Outlier Values"]
    blocks: list[Block] = [
        Heading("Descriptive Stats", 3),
        *notices(insights, "Descriptive Stats"),
        Text(
            "**Descriptive Statistics.** For each of the numerical input features, several descriptive statistics are computed from the data."
            f"\n\n{_LOW_CARDINALITY}\n\n"
            f"We found **{len(with_numbers)} of the {len(facts.columns)}** columns contained at least one numerical value. The table below "
            f"shows the **{len(found)}** columns which have the largest percentage of numerical values."
        ),
        actions(
            "Investigate the origin of the data field. Are some values non-finite (e.g. infinity, nan)? Are they missing or is it an error in "
            "data input?",
            "Missing and extreme values may indicate a bug in the data collection process. Verify the numerical descriptions align with "
            "expectations: for example, use domain knowledge to check that the range of values for a feature meets expectations.",
        ),
    ]
    if rows:
        blocks.append(Table(header, rows, row_titles=True))
    return blocks


def definitions(facts: Facts) -> list[Block]:
    """What the report's words mean."""
    part = (
        "all rows"
        if facts.sample.whole
        else f"a random sample of {facts.sample.rows:,} rows (prepared training and validation data)"
    )
    text = f"""\
Counts of rows, missing and unique values are of all rows that were read; prediction power, correlations, anomalies and outliers are
of {part}.

- **Prediction power**: a small model of one column alone is trained on 80% of the rows and measured on the other 20%. Two classes: 2 AUC - 1.
  More classes: balanced accuracy, rescaled so that chance is 0. Regression: R² (never below 0). Numbers are put into 32 bins of equal size,
  text into tf-idf weights.
- **Outlier**: a number further than 5 RSTD from the median, |x - median| > 5 RSTD, where RSTD is the standard deviation of the values
  between the 5th and the 95th percentile.
- **Numerical ratio (% of Numerical Values)**: share of the values present that can be read as numbers; thousands separators and
  currency signs do not matter.
- **Skewness, kurtosis**: third and fourth standardised moment; the kurtosis of a normal distribution is 0 here.
- **Anomaly score**: of an Isolation Forest; rows that random splits set apart early score high.
- **Invalid target values**: targets that are no finite number, in a regression.
"""
    return [Heading("Definitions"), Text(escape_marks(text))]


def escape_marks(text: str) -> str:
    """Text of our own in which `|` must not look like a table."""
    return text.replace("|x - median|", f"{escape('|')}x - median{escape('|')}")
