"""The BlazingText image."""
