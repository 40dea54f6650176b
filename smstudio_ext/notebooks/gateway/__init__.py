"""Kernels of Jupyter gateways: which gateways there are, their kernelspecs here, and the relay that carries their messages."""
