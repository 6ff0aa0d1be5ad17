"""The endpoints of the sandbox."""
