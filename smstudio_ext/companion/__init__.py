"""The SDK companion: a start-up hook that lets the SageMaker SDKs work with a local engine unmodified."""
