"""Tests of what is remembered between "Select" and the kernel's start."""

from __future__ import annotations

from smstudio_ext.notebooks.choices import Choice, Choices


def test_a_choice_is_found_by_the_sessions_name() -> None:
    choices = Choices()
    choice = Choice("python3-datascience-1.0", "ml.m5.large")
    choices.choose("/home/me/a/../book.ipynb", choice)
    assert choices.chosen("/home/me/book.ipynb") == choice
    assert choices.chosen("/home/me/other.ipynb") is None


def test_the_last_choice_counts_and_the_oldest_go() -> None:
    choices = Choices(kept=2)
    for kind in ("ml.t3.medium", "ml.m5.large"):
        choices.choose("/a", Choice("python3", kind))
    choices.choose("/b", Choice("python3", None))
    assert choices.chosen("/a") == Choice("python3", "ml.m5.large")
    choices.choose("/c", Choice("python3", None))
    assert choices.chosen("/a") is None
    assert choices.chosen("/c") is not None
