"""The life of an app as a table."""

from __future__ import annotations

from smstudio_ext.engine.runtime.states import state_machine

APP = state_machine(
    "App.Status",
    {
        "Pending": {"InService", "Failed", "Deleting"},
        "InService": {"Deleting"},
        "Failed": {"Deleting"},
        "Deleting": {"Deleted"},
        "Deleted": set(),
    },
    notes={
        "Pending": "The start-up script runs, if the app has one; it has 5 minutes.",
        "InService": "The app runs, and its instance is metered.",
        "Failed": "The start-up script failed or took too long; FailureReason says where its log is.",
        "Deleting": "A script that still runs is stopped.",
        "Deleted": "Over: ListApps shows it for 24 hours, with the header `x-smstudio-history: all` for ever.",
    },
)
"""Statuses of an app and what may follow each."""
