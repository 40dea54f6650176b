"""Tests of smstudio_ext."""
