"""Discrete events that drive the real engine: a scenario file in, figures with confidence intervals out."""

from routing.simulation.estimate import Estimate, Report, difference
from routing.simulation.reading import BadScenario, read_file, read_policy, read_scenario
from routing.simulation.replicate import replicate
from routing.simulation.run import simulate_day
from routing.simulation.scenario import Group, Kind, Retrial, Scenario

__all__ = [
    "BadScenario",
    "Estimate",
    "Group",
    "Kind",
    "Report",
    "Retrial",
    "Scenario",
    "difference",
    "read_file",
    "read_policy",
    "read_scenario",
    "replicate",
    "simulate_day",
]
