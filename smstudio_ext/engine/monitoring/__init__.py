"""Baselines, constraints and schedules of Model Monitor (its own issue fills this room)."""
