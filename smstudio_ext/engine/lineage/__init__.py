"""Lineage: artifacts, contexts, actions, and the associations that make a graph of them and the jobs."""
