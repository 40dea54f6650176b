"""The image of Autopilot's time series forecasting: statistical, tree and neural forecasters, back-tests and their mixture."""
