"""What opens when a plate is scanned."""
