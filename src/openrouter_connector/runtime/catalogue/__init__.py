"""Fetch and cache the lists of an API, and turn their rows into options."""
