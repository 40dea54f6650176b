"""Application Auto Scaling of endpoints: targets, policies and schedules that change the number of model servers."""
