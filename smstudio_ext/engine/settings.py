"""What an engine is told at its start: where its data lives, where it listens, what it may use."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

ACCOUNT_ID = "000000000000"
DEFAULT_REGION = "us-east-1"
EXECUTION_ROLE = "AmazonSageMaker-ExecutionRole"
"""The role that callers of an engine have; SDKs read it from their identity and hand it to jobs."""


def default_data_dir() -> Path:
    """`$SMSTUDIO_HOME`, else the platform's user data directory."""
    home = os.environ.get("SMSTUDIO_HOME")
    return Path(home).expanduser() if home else Path(platformdirs.user_data_dir("smstudio", appauthor=False))


@dataclass(frozen=True)
class Settings:
    """Settings of one engine.

    Attributes:
        data_dir: everything that the engine keeps; one engine a directory.
        host: address to listen on; loopback only.
        port: 0 takes a free one.
        cpus: vCPUs that jobs may use together.
        memory_mb: memory that jobs may use together, MiB.
        access_key, secret_key: the credentials made for this data directory.
        database_url: SQLAlchemy URL; SQLite in the data directory by default.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    cpus: int = field(
        default_factory=lambda: (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
        )
    )
    memory_mb: int = 0
    access_key: str = "AKIASMSTUDIOLOCAL000"
    secret_key: str = "local"
    database_url: str | None = None

    @property
    def jobs_dir(self) -> Path:
        """One folder a job: `<kind>/<region>/<name>-<id>/` with its /opt/ml, logs and process files."""
        return self.data_dir / "jobs"

    @property
    def run_dir(self) -> Path:
        """Sockets and pid files of this run."""
        return self.data_dir / "run"
