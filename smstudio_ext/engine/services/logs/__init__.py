"""CloudWatch Logs: groups, streams and events; streams of jobs read the jobs' own log files."""

from __future__ import annotations

from smstudio_ext.engine.services.logs import events, groups

__all__ = ["events", "groups"]
