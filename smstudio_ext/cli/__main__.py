"""`python -m smstudio_ext.cli`."""

from smstudio_ext.cli import main

main()
