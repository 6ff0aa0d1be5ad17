"""Speak HTTP: the only package that opens a connection."""
