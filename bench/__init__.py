"""Benchmarks: ratios taken in one run. README.md says what each compares."""
