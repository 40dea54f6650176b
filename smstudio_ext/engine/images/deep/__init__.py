"""What the images that train with PyTorch have in common."""
