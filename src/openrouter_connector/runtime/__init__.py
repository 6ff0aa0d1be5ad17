"""Performs actions: parameters to a call, a call to a reply, a reply to a result."""
