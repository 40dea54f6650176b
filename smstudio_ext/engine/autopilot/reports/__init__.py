"""Reports of an Autopilot job: on its data, on what its best model looks at, on how good that model is."""
