"""What a container image URI means here: a registry and one package an algorithm or framework."""
