"""Writes a transform strategy as Python: `candidate_data_processors/dppN.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from smstudio_ext.engine.images.sklearn_automl import cells
from smstudio_ext.engine.images.sklearn_automl.specification import Specification

_EXTENSION = "sagemaker_sklearn_extension"
_OWN = f"{_EXTENSION}.contrib.smstudio"
_WIDTH = 88

Step = tuple[str, str]


@dataclass
class _Branch:
    """What happens to one group of columns.

    Attributes:
        name: of the variable that holds their places.
        comment: what the columns are.
        columns: their names.
        steps: (name, expression) of the transformers, in order.
        also: further branches over the same columns: (name, steps).
    """

    name: str
    comment: str
    columns: list[str]
    steps: list[Step]
    also: list[tuple[str, list[Step]]] = field(default_factory=list)


def processor_source(spec: Specification) -> str:
    """The source of the module that builds a strategy's transformers.

    It has AWS's form: `HEADER`, `build_feature_transform()` and `build_label_transform()`.
    """
    branches = [branch for branch in _branches(spec) if branch.columns]
    label, label_import = _label(spec)
    body = [
        f'"""Data processor {spec.name}.',
        "",
        *_wrapped(spec.description, 100),
        '"""',
        "",
        *_imports(spec, branches, label_import),
        "",
        "# The columns of the data, in the order of the file; HEADER knows their places",
        "# with and without the target.",
        "HEADER = Header(",
        *_list("column_names=", spec.columns, 4),
        f"    target_column_name={spec.target!r},",
        ")",
        "",
        "",
        "def build_feature_transform():",
        '    """Returns the transformer of the features, not fitted yet."""',
    ]
    for branch in branches:
        body += [f"    # {branch.comment}", f"    {branch.name} = HEADER.as_feature_indices("]
        body += [*_list("", branch.columns, 8), "    )", ""]
    for branch in branches:
        body += [*_pipeline(f"{branch.name}_processors", branch.steps), ""]
        for name, steps in branch.also:
            body += [*_pipeline(f"{name}_processors", steps), ""]
    body += _assembled(spec, branches)
    body += [
        "",
        "",
        "def build_label_transform():",
        '    """Returns the transformer of the target."""',
        *label,
    ]
    return "\n".join(body) + "\n"


def _branches(spec: Specification) -> list[_Branch]:
    return [_numeric(spec), _categorical(spec), _dates(spec), _sequences(spec), _text(spec)]


def _numeric(spec: Specification) -> _Branch:
    places = {name: at for at, name in enumerate(spec.numeric)}
    commas = [places[name] for name in spec.decimal_comma if name in places]
    reader = ("numberreader", f"NumberReader(decimal_comma={commas})" if commas else "NumberReader()")
    steps: list[Step] = [reader]
    if spec.families:
        members = {name: [places[one] for one in columns] for name, columns in spec.families.items()}
        listed = ", ".join(f"{name!r}: {at}" for name, at in members.items())
        steps.append(("familyfeatures", f"FamilyFeatures(families={{{listed}}})"))
    if spec.pairs and len(spec.numeric) > 1:
        kind = bool(spec.classes)
        pairs = f"PairFeatures(columns={spec.pairs}, classification={kind}, among={len(spec.numeric)})"
        steps.append(("pairfeatures", pairs))
    steps.append(("robustimputer", _imputer(spec)))
    if spec.extremes == "log":
        steps.append(("logextremevaluestransformer", "LogExtremeValuesTransformer()"))
    elif spec.extremes == "quantile":
        steps.append(("ranktransformer", "RankTransformer()"))
    also = []
    if spec.indicators:
        indicator = 'RobustMissingIndicator(features="missing-only", error_on_new=False)'
        also.append(("missing", [reader, ("robustmissingindicator", indicator)]))
    return _Branch("numeric", "These features can be parsed as numeric.", list(spec.numeric), steps, also)


def _imputer(spec: Specification) -> str:
    # Trees can use that a value is missing.
    return (
        'RobustImputer(strategy="median")'
        if spec.impute
        else 'RobustImputer(strategy="constant", fill_values=nan)'
    )


def _categorical(spec: Specification) -> _Branch:
    if spec.encoding == "onehot":
        encoder = f"ThresholdOneHotEncoder(threshold={spec.min_count}, max_categories={spec.max_categories}, sparse=False)"
        step = ("thresholdonehotencoder", encoder)
    else:
        step = (
            "categoryfrequencies",
            f'CategoryFrequencies(encoding="{spec.encoding}", min_count={spec.min_count}, '
            f"max_categories={spec.max_categories})",
        )
    comment = "These features contain a relatively small number of unique items."
    return _Branch("categorical", comment, list(spec.categorical), [step])


def _dates(spec: Specification) -> _Branch:
    formats = list(spec.dates.values())
    steps: list[Step] = [("datefeatures", f"DateFeatures(formats={formats!r})")]
    if spec.impute:
        steps.append(("robustimputer", _imputer(spec)))
    return _Branch("datetime", "These features can be parsed as date or time.", list(spec.dates), steps)


def _sequences(spec: Specification) -> _Branch:
    steps: list[Step] = [("sequencefeatures", "SequenceFeatures()")]
    if spec.impute:
        steps.append(("robustimputer", _imputer(spec)))
    return _Branch("sequence", "These features hold sequences of numbers.", list(spec.sequences), steps)


def _text(spec: Specification) -> _Branch:
    vectorizer = f'MultiColumnTfidfVectorizer(max_df=0.95, min_df=2, analyzer="word", max_features={spec.text_features})'
    steps = [("multicolumntfidfvectorizer", vectorizer)]
    return _Branch("text", "These features can be parsed as natural language.", list(spec.text), steps)


def _assembled(spec: Specification, branches: Sequence[_Branch]) -> list[str]:
    lines = ["    column_transformer = ColumnTransformer(", "        transformers=["]
    for branch in branches:
        for name in (branch.name, *(name for name, _ in branch.also)):
            lines.append(f'            ("{name}_processing", {name}_processors, {branch.name}),')
    lines += ["        ],", "        sparse_threshold=0,", "    )", ""]
    steps = ['("column_transformer", column_transformer)']
    if spec.standardise or spec.components:
        steps.append('("robuststandardscaler", RobustStandardScaler())')
    if spec.components:
        steps.append(f'("robustpca", RobustPCA(n_components={spec.components}, random_state=0))')
    return [
        *lines,
        "    return Pipeline(",
        "        steps=[",
        *(f"            {one}," for one in steps),
        "        ]",
        "    )",
    ]


def _pipeline(name: str, steps: Sequence[Step]) -> list[str]:
    lines = [f"    {name} = Pipeline(", "        steps=["]
    lines += [f'            ("{step}", {expression}),' for step, expression in steps]
    return [*lines, "        ]", "    )"]


def _label(spec: Specification) -> tuple[list[str], tuple[str, str]]:
    """Lines of `build_label_transform`, and (module, name) of what they use."""
    classes = spec.classes
    if not classes:
        comma = "decimal_comma=True" if spec.target in spec.decimal_comma else ""
        return [f"    return NumberLabelEncoder({comma})"], (_OWN, "NumberLabelEncoder")
    rows = _list("labels=", classes, 8)
    if classes == sorted(classes) and not any(cells.is_number(name) for name in classes):
        lines = [
            "    # Rows with another label are left out (nan).",
            "    return RobustLabelEncoder(",
            *rows,
            "        fill_encoded_label_value=nan,",
            "    )",
        ]
        return lines, (f"{_EXTENSION}.preprocessing", "RobustLabelEncoder")
    lines = [
        "    # The order of the labels is that of their codes. Rows with another label are left out.",
        "    return OrderedLabelEncoder(",
        *rows,
        "    )",
    ]
    return lines, (_OWN, "OrderedLabelEncoder")


_PLACES = {
    "RobustPCA": f"{_EXTENSION}.decomposition",
    "Header": f"{_EXTENSION}.externals",
    "MultiColumnTfidfVectorizer": f"{_EXTENSION}.feature_extraction.text",
    "RobustImputer": f"{_EXTENSION}.impute",
    "RobustMissingIndicator": f"{_EXTENSION}.impute",
    "LogExtremeValuesTransformer": f"{_EXTENSION}.preprocessing",
    "RobustStandardScaler": f"{_EXTENSION}.preprocessing",
    "ThresholdOneHotEncoder": f"{_EXTENSION}.preprocessing",
}


def _imports(spec: Specification, branches: Sequence[_Branch], label: tuple[str, str]) -> list[str]:
    used = {expression.partition("(")[0] for branch in branches for expression in _expressions(branch)}
    used |= {"Header"} | ({"RobustStandardScaler"} if spec.standardise or spec.components else set())
    used |= {"RobustPCA"} if spec.components else set()
    modules: dict[str, set[str]] = {label[0]: {label[1]}}
    for name in used:
        modules.setdefault(_PLACES.get(name, _OWN), set()).add(name)
    text = " ".join(expression for branch in branches for expression in _expressions(branch))
    nan = "=nan" in text or label[1] == "RobustLabelEncoder"
    lines = ["from numpy import nan"] if nan else []
    for module in sorted(modules):
        lines += [f"from {module} import {name}" for name in sorted(modules[module])]
    return [*lines, "from sklearn.compose import ColumnTransformer", "from sklearn.pipeline import Pipeline"]


def _expressions(branch: _Branch) -> Iterable[str]:
    for steps in (branch.steps, *(steps for _, steps in branch.also)):
        for _, expression in steps:
            yield expression


def _list(name: str, values: Sequence[str], indent: int) -> list[str]:
    """`name=[...]`, over several lines if need be, as many values on one as fit."""
    margin = " " * indent
    end = f"]{',' if name else ''}"
    flat = f"{margin}{name}[{', '.join(map(repr, values))}{end}"
    if len(flat) <= _WIDTH:
        return [flat]
    lines, line = [f"{margin}{name}["], ""
    for value in values:
        text = f"{value!r},"
        if line and indent + 4 + len(line) + 1 + len(text) > _WIDTH:
            lines.append(f"{margin}    {line}")
            line = ""
        line = f"{line} {text}" if line else text
    return [*lines, f"{margin}    {line}", f"{margin}{end}"]


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    # The description ends up in a docstring.
    return textwrap.wrap(text.replace("\\", "\\\\").replace('"""', "'''"), width)
