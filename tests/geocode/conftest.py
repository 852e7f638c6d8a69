"""How the properties of this folder are searched."""

from hypothesis import settings

# How long one example takes says how busy the machine is, and nothing about the library.
settings.register_profile("any_machine", deadline=None)
settings.load_profile("any_machine")
