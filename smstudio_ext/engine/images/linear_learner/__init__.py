"""The linear-learner image."""
