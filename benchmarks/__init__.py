"""Measure this connector, plain httpx and two SDKs on loopback; no test depends on the times.

    python -m benchmarks            measure everything, and print a table
    python -m benchmarks --write    also write it to docs/benchmarks.md

server.py     a server with a negligible cost, in a process of its own
clients.py    the same calls through each library, as its users write them
workloads.py  what one process measures of one library (files.py: large files)
measure.py    every workload in fresh processes, in turns, and the medians
rows.py       the rows of the table, with their targets
"""
