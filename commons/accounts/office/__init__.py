"""What an official does for the own account at the desk, and who is appointed to what."""
