"""All cases of the contract suite by the ids of their operations."""

from __future__ import annotations

from tests.contract.routes import (
    cases_automl,
    cases_experiments,
    cases_hosting,
    cases_jobs,
    cases_server,
    cases_studio,
)
from tests.contract.routes.case import Case

CASES: dict[str, Case] = {
    **cases_jobs.CASES,
    **cases_automl.CASES,
    **cases_hosting.CASES,
    **cases_experiments.CASES,
    **cases_studio.CASES,
    **cases_server.CASES,
}
