"""The image of Autopilot's text classification: one candidate a training job, answered by labels and probabilities."""
