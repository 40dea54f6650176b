"""What the tabular algorithms of JumpStart share: channels, targets, answers."""
