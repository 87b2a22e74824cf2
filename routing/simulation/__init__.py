"""Discrete events that drive the real engine: a scenario file in, figures with confidence intervals out."""
