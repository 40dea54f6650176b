"""Autopilot: analysis, candidates, transforms, tuning, ranking."""
