"""REST handlers, one module a panel."""
