"""Domains of Studio: user profiles, spaces, apps, start-up scripts and own images."""
