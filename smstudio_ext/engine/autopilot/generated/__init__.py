"""The code that Autopilot hands to its user: data processors, their trainer and server, the candidate notebook."""
