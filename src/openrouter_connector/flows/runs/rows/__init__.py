"""Runs of rows: one action for each row of a table, or for each of many files."""
