"""What runs inside a framework image: the training toolkit and the serving toolkit, written anew for this engine."""
