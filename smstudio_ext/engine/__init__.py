"""The embedded SageMaker: speaks AWS's wire protocols on loopback and really does the work."""
