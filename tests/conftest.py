"""Settings that hold for all tests."""

from hypothesis import settings

# A busy machine is no failure, and a failure must come again when it is looked for.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
