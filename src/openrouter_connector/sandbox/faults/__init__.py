"""The fault models: every way to fail that is worth testing."""
