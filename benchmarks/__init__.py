"""Figures of speed, measured on a desk of real processes and printed as ratios to a baseline of the same run."""
