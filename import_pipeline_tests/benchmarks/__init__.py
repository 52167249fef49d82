"""Benchmarks: what the pipeline costs beside a hand-written script and the usual ways of doing the same.

Each module is a command; none of them is a test, and figures are printed, never asserted. Start with `throughput`.
"""
