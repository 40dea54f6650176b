"""Text and image classification as problem types of Autopilot jobs."""
