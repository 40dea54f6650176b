"""The pages of the built-in algorithms name every hyperparameter with its default, and nothing that does not exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from smstudio_ext.engine.images.registry import ImageRegistry

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {
    "linear-learner": ("linear-learner", "linear_learner.parameters"),
    "kmeans": ("kmeans", "kmeans.parameters"),
    "pca": ("pca", "pca.parameters"),
    "knn": ("knn", "knn.parameters"),
    "factorization-machines": ("factorization-machines", "factorization_machines.parameters"),
    "randomcutforest": ("randomcutforest", "randomcutforest.parameters"),
    "lda": ("lda", "lda.parameters"),
    "ipinsights": ("ipinsights", "ipinsights.parameters"),
    "ntm": ("ntm", "ntm.parameters"),
    "blazingtext": ("blazingtext", "blazingtext.parameters"),
    "object2vec": ("object2vec", "object2vec.parameters"),
    "deepar": ("forecasting-deepar", "deepar.parameters"),
    "seq2seq": ("seq2seq", "seq2seq.parameters"),
    "image-classification": ("image-classification", "image_classification.parameters"),
}
NEEDS_TORCH = {"ntm", "object2vec", "deepar", "seq2seq", "image-classification"}


@pytest.mark.parametrize("page", PAGES)
def test_page_tells_the_hyperparameters_and_metrics_that_there_are(page: str) -> None:
    if page in NEEDS_TORCH:
        pytest.importorskip("torch")
    repository, module = PAGES[page]
    declared: Any = importlib.import_module(f"smstudio_ext.engine.images.{module}").DECLARED
    text = (DOCS / "algorithms" / f"{page}.md").read_text(encoding="utf-8")
    table = text.partition("## Hyperparameters")[2].partition("\n\n")[0]
    told = {row[0]: row[1] for row in re.findall(r"^\| `(\w+)` \| (\S+) \|", table, re.MULTILINE)} | {
        row[0]: row[1] for row in re.findall(r"^\| `(\w+)` \| (`[^`]*`) \|", table, re.MULTILINE)
    }
    expected = {
        one.name: "**required**" if one.required else f"`{one.default}`" if one.default else "-"
        for one in declared
        if not one.name.startswith("_")
    }
    assert told == expected
    image = ImageRegistry(discover=False).resolve(f"1.dkr.ecr.us-east-1.amazonaws.com/{repository}:1")
    listed = set(re.findall(r"`([^`]+)`", text.partition("## Metrics")[2].partition("\n\n")[0]))
    assert {metric.name for metric in image.metric_definitions} <= listed


def test_links_between_the_pages_lead_somewhere() -> None:
    for path in [DOCS / "algorithms.md", *(DOCS / "algorithms").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
