"""Reads and checks definitions, and derives forms and exports from them. Knows no HTTP."""
