"""The randomcutforest image."""
