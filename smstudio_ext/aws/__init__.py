"""Who we are in AWS: profiles, signing in, roles to assume, how long it lasts, and what to do when it fails."""
