"""Experiments, trials and trial components: kept, made for jobs of themselves, with every metric point."""
