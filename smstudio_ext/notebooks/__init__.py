"""Images, instance types, kernel provisioner, metering and sharing (their own issue fills this room)."""
