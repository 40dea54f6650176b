"""AWS services: one package or module a service; importing it registers its operations."""
