"""The image of Autopilot's ensembling mode: bagged models, stacks and weighted ensembles in one container."""
