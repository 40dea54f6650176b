"""The data exploration notebook: what the analysis found in the data, with insights and suggested actions."""
