"""Images of notebooks: what a kernel runs in, as AWS's SageMaker images are, made of environments on this machine."""
