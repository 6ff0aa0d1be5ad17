"""Stored connections: where calls go, and the key that pays for them, encrypted."""
