"""The name of the scikit-learn container; scripts that import it use nothing of it."""
