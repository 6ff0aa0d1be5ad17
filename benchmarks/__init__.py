"""Figures, measured and never tested: ours beside raw httpx and two SDKs, on loopback.

    python -m benchmarks            measure all, and print a table
    python -m benchmarks --write    write it to docs/benchmarks.md as well

server.py   a server that costs next to nothing, in a process of its own
clients.py  the same calls through each library, as its users write them
works.py    what one process measures of one library (files.py: with large files)
measure.py  every work in fresh processes, in turns, and the medians
rows.py     the table: what is shown, and what is to be reached
"""
