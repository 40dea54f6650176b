"""What Autopilot's text and image classifiers share: their model card, their scores and their answers."""
