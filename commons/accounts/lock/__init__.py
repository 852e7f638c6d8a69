"""A desk that is left alone: locking, unlocking, and changing person in one step."""
