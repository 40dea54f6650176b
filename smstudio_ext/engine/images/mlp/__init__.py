"""Autopilot's multilayer perceptron: trained by PyTorch, served by plain numpy."""
