"""What Amazon's own algorithm images share: hyperparameters, channels, log lines, requests, answers, hosts."""
