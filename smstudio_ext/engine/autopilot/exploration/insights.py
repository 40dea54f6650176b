"""Insights into the data: what may spoil the models, how badly, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from smstudio_ext.engine.autopilot.exploration.facts import Facts
from smstudio_ext.engine.autopilot.reports.text import escape, number, percent, shortened

ADVISED_ROWS = 500
LEAK = 0.99
_CORRELATED = 0.95
_ANOMALY = 0.7


@dataclass(frozen=True)
class Insight:
    """One insight.

    Attributes:
        name: short title.
        severity: high ones stand in the summary too.
        section: heading of the section that it belongs to.
        text: what was found; HTML-safe.
        actions: what to do; HTML-safe.
        columns: columns concerned.
    """

    name: str
    severity: Literal["high", "low"]
    section: str
    text: str
    actions: tuple[str, ...] = ()
    columns: tuple[str, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """The insight as a member of `insights.json`."""
        return {
            "Name": self.name,
            "Severity": self.severity.title(),
            "Section": self.section,
            "Text": self.text,
            "SuggestedActions": list(self.actions),
            "Columns": list(self.columns),
        }


def find_insights(facts: Facts) -> list[Insight]:
    """All insights, high severity first, then in the order of the report."""
    rules = (
        _target_rules,
        _leak_rules,
        _feature_rules,
        _row_rules,
        _column_rules,
        _cardinality_rules,
        _value_rules,
    )
    found = [insight for rule in rules for insight in rule(facts)]
    return sorted(found, key=lambda insight: insight.severity != "high")


def _target_rules(facts: Facts) -> Iterator[Insight]:
    analysis, section = facts.analysis, "Target Analysis"
    missing = analysis.get("MissingTarget", 0) / max(1, facts.read)
    if missing > 0:
        yield Insight(
            "Missing target values",
            "high" if missing > 0.1 else "low",
            section,
            f"{percent(missing)} of the rows have no target value. They are left out of training and validation.",
            ("Find out why the labels are missing, and whether these rows differ from the others.",),
        )
    invalid = analysis.get("InvalidTarget", 0) / max(1, facts.read)
    if invalid > 0:
        yield Insight(
            "Invalid target values",
            "high" if invalid > 0.02 else "low",
            section,
            f"{percent(invalid)} of the rows hold a target value that is no finite number. They are left out.",
            ("Correct these values, or choose a classification problem type if they are meant as labels.",),
        )
    if facts.sample.classes:
        yield from _class_rules(facts, section)
    elif facts.target in facts.shapes:
        shape = facts.shapes[facts.target]
        if abs(shape.skewness) > 2 or shape.outliers > 0.02:
            yield Insight(
                "Skewed target",
                "high" if abs(shape.skewness) > 4 or shape.outliers > 0.05 else "low",
                section,
                f"The target is far from symmetric (skewness {number(shape.skewness)}, {percent(shape.outliers)} outliers). Squared "
                "errors of the few extreme values weigh heavily, so that models fit them at the cost of all others.",
                (
                    "If extreme values need not be predicted well, clip them or leave those rows out.",
                    "If ratios matter more than differences, predict the logarithm of the target, or use the metric MAE.",
                ),
            )


def _class_rules(facts: Facts, section: str) -> Iterator[Insight]:
    counts = {name: int(count) for name, count in facts.analysis["ClassCounts"].items()}
    total = max(1, sum(counts.values()))
    rarest = min(counts, key=lambda name: counts[name])
    share = counts[rarest] / total
    if len(counts) == 2 and share < 0.2:
        yield Insight(
            "Imbalanced classes",
            "high" if share < 0.05 else "low",
            section,
            f"Only {percent(share)} of the rows belong to class <strong>{escape(shortened(rarest))}</strong>. Always answering the "
            f"other class would already reach an accuracy of {percent(1 - share)}.",
            (
                "Judge models by F1, BalancedAccuracy or AUC, not by Accuracy.",
                "Collect more rows of the rare class, or give them more weight (SampleWeightAttributeName).",
            ),
        )
    rare = [name for name, count in counts.items() if count < 10]
    if rare:
        listed = ", ".join(f"{escape(shortened(name, 30))} ({counts[name]})" for name in rare[:8])
        yield Insight(
            "Rare target labels",
            "high" if len(rare) > len(counts) * 0.2 or min(counts.values()) < 5 else "low",
            section,
            f"{len(rare)} of {len(counts)} classes have fewer than 10 rows: {listed}{', …' if len(rare) > 8 else ''}. Models can hardly "
            "learn them, and scores for them mean little.",
            ("Collect more rows of these classes, put similar classes together, or remove them.",),
        )
    if len(counts) > 2:
        largest = max(counts.values()) / total
        if largest > 0.8:
            yield Insight(
                "Imbalanced classes",
                "low",
                section,
                f"One class holds {percent(largest)} of the rows.",
                ("Judge models by BalancedAccuracy or F1macro.",),
            )


def _leak_rules(facts: Facts) -> Iterator[Insight]:
    leaks = [name for name in facts.by_power if _leaks(facts, name)]
    if leaks:
        yield Insight(
            "Target leakage",
            "high",
            "Feature Summary",
            f"{_listed(leaks)} alone predict{'s' if len(leaks) == 1 else ''} the target almost perfectly. Such a column is often another "
            "form of the target, or known only after it; then the model will fail on new data.",
            (
                "Check that the column is known at the time of prediction. If not, remove it (FeatureSpecificationS3Uri) and run the job "
                "again.",
            ),
            tuple(leaks),
        )


def _leaks(facts: Facts, name: str) -> bool:
    if facts.power[name] >= LEAK:
        return True
    if facts.sample.classes or facts.sample.kinds.get(name) != "numeric":
        return False
    values, target = facts.sample.numbers(name), facts.sample.target
    both = np.isfinite(values) & np.isfinite(target)
    if both.sum() < 10 or values[both].std() == 0 or target[both].std() == 0:
        return False
    return abs(float(np.corrcoef(values[both], target[both])[0, 1])) > 0.9999


def _feature_rules(facts: Facts) -> Iterator[Insight]:
    if facts.power and max(facts.power.values()) < 0.02:
        yield Insight(
            "No predictive column",
            "high",
            "Feature Summary",
            "No column alone says anything about the target. Columns may still do so together, but models of such data are often no better "
            "than chance.",
            ("Look for more informative columns before you spend time on training.",),
        )
    names, values = facts.correlations.names, facts.correlations.values
    pairs = [
        (names[one], names[other], float(values[one, other]))
        for one in range(len(names))
        for other in range(one)
        if abs(values[one, other]) > _CORRELATED
    ]
    if pairs:
        listed = "; ".join(
            f"{escape(shortened(a, 30))} and {escape(shortened(b, 30))} ({value:+.3f})"
            for a, b, value in pairs[:6]
        )
        yield Insight(
            "Highly correlated columns",
            "low",
            "Cross Column Statistics",
            f"Some columns say nearly the same: {listed}. They add no information and share importance between them.",
            ("Keep one column of each pair if models should be easy to read.",),
            tuple(dict.fromkeys(name for a, b, _ in pairs for name in (b, a))),
        )


def _row_rules(facts: Facts) -> Iterator[Insight]:
    if facts.rows < ADVISED_ROWS:
        yield Insight(
            "Few rows",
            "high" if facts.rows < 100 else "low",
            "Dataset Summary",
            f"The data have {facts.rows:,} rows; at least {ADVISED_ROWS} are advised. Scores of so few rows are uncertain.",
            ("Collect more rows, and look at the standard deviation of the metrics.",),
        )
    duplicates = facts.analysis.get("DuplicateRows", facts.duplicates.extra)
    share = duplicates / max(1, facts.read)
    if share > 0.001:
        yield Insight(
            "Duplicate rows",
            "high" if share > 0.1 else "low",
            "Duplicate Rows",
            f"{percent(share)} of the rows repeat another row. Rows that are in training and in validation data make scores look better "
            "than they are.",
            ("Remove duplicates unless they are independent observations that happen to be equal.",),
        )
    odd = int((facts.anomalies > _ANOMALY).sum())
    if odd:
        yield Insight(
            "Anomalous rows",
            "low",
            "Anomalous Rows",
            f"{odd} of {facts.sample.rows:,} sampled rows differ strongly from all others (anomaly score above {_ANOMALY}).",
            ("Check whether these rows are errors.",),
        )


def _column_rules(facts: Facts) -> Iterator[Insight]:
    empty = [name for name in facts.features if facts.missing_share(name) > 0.5]
    if empty:
        yield Insight(
            "Many missing values",
            "high" if any(facts.missing_share(name) > 0.9 for name in empty) else "low",
            "Missing Values",
            f"More than half of the values are missing in {_listed(empty)}.",
            ("Find out why; drop the column if the values will be missing at prediction time too.",),
            tuple(empty),
        )
    disguised = [
        name for name, shape in facts.shapes.items() if shape.suspicious is not None and name != facts.target
    ]
    if disguised:
        listed = ", ".join(
            f"{escape(shortened(name, 30))} ({number(facts.shapes[name].suspicious)} in {percent(facts.shapes[name].suspicious_share)})"
            for name in disguised[:8]
        )
        yield Insight(
            "Disguised missing values",
            "low",
            "Missing Values",
            f"A value far from all others occurs often, as if it stood for a missing one: {listed}.",
            ("Write missing values as empty cells.",),
            tuple(disguised),
        )


def _cardinality_rules(facts: Facts) -> Iterator[Insight]:
    for kind, name, text, action in (
        (
            "id",
            "Identifier columns",
            "nearly every row has a value of its own, so nothing can be learnt from it",
            "Nothing needs to be done: identifiers are not used. State the type in FeatureSpecificationS3Uri if the column is none.",
        ),
        (
            "constant",
            "Constant columns",
            "every row has the same value",
            "Nothing needs to be done: constants are not used.",
        ),
    ):
        columns = [column for column, one in facts.columns.items() if one["Type"] == kind]
        if columns:
            yield Insight(
                name, "low", "Cardinality", f"In {_listed(columns)} {text}.", (action,), tuple(columns)
            )
    many = [
        name
        for name in facts.features
        if facts.columns[name]["Type"] == "categorical"
        and facts.columns[name]["Unique"] > max(100, 0.1 * facts.read)
    ]
    if many:
        yield Insight(
            "High cardinality",
            "low",
            "Cardinality",
            f"{_listed(many)} ha{'s' if len(many) == 1 else 've'} so many different values that most are rare. Rare values share one code.",
            ("Put values into groups that mean the same for the target.",),
            tuple(many),
        )


def _value_rules(facts: Facts) -> Iterator[Insight]:
    far = [name for name, shape in facts.shapes.items() if shape.outliers > 0.05 and name != facts.target]
    if far:
        yield Insight(
            "Outliers",
            "low",
            "Descriptive Stats",
            f"More than 5% of the values are outliers in {_listed(far)}.",
            ("Check these values with knowledge of the domain; clip or correct what is wrong.",),
            tuple(far),
        )
    endless = [name for name in facts.features if facts.columns[name].get("Infinite")]
    if endless:
        yield Insight(
            "Infinite values",
            "low",
            "Descriptive Stats",
            f"{_listed(endless)} hold{'s' if len(endless) == 1 else ''} infinite values; they are treated as missing.",
            ("Replace them by empty cells or by the largest sensible value.",),
            tuple(endless),
        )


def _listed(names: Iterable[str], most: int = 8) -> str:
    given = list(names)
    shown = ", ".join(f"<strong>{escape(shortened(name, 40))}</strong>" for name in given[:most])
    return f"{shown} and {len(given) - most} more" if len(given) > most else shown
