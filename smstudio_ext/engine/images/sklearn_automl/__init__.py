"""The data transformer image of Autopilot."""
