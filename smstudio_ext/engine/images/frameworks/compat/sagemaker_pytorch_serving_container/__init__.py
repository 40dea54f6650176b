"""Names that scripts take from `sagemaker_pytorch_serving_container`."""
