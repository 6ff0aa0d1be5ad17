"""Flows: several steps as one piece of data. `formats` reads, checks and writes them."""
