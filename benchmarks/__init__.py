"""Benchmarks, and the same cases in other codes beside them: `coldrack bench`, or ``python -m coldrack.benchmarks``."""
