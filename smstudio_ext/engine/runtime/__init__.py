"""Instances, queue, supervised processes, the /opt/ml contract, logs, and the jobs that run on them."""
