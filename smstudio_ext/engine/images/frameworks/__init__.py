"""Images that run the user's own code: scikit-learn, XGBoost, PyTorch and other frameworks, and plain Python."""
