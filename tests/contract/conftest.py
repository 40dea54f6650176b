"""Fixtures of the contract tests."""

from __future__ import annotations

from tests.contract.experiment_runs import runs
from tests.contract.studio_targets import moto_target, place

__all__ = ["moto_target", "place", "runs"]
