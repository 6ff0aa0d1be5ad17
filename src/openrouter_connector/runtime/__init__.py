"""Perform actions: parameters become a call, its response becomes a result."""
