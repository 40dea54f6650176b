"""Mode ENSEMBLING of an Autopilot job: which models are trained, when, and how they are shown as candidates."""
