"""Typed functions over boto3 clients: what a page shows and does, one module a panel."""
