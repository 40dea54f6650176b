"""Names that scripts of older images take from `sagemaker_containers.beta`."""
