"""Transformers with the names and behaviour of AWS's scikit-learn extension, for code that Autopilot generates.

Written anew after what https://github.com/aws/sagemaker-scikit-learn-extension documents and does; that package's last
release needs scikit-learn 0.23. Works with scikit-learn 1.5 and later. `contrib.smstudio` is this project's own.
"""

__version__ = "2.5.0+smstudio"
