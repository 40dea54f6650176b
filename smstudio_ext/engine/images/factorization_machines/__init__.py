"""The factorization-machines image."""
