"""The image of Autopilot's image classification: one candidate a training job, answered by labels and probabilities."""
