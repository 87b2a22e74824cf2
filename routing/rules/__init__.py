"""The rules that a supervisor writes: six blocks as data, read once into what the engine follows.

Plain Python: it is told of the company and touches nothing. docs/policy.md explains the language.
"""

from routing.rules.company import CHANNELS, MEMBER, Company, QueueSetup, Staff, Traffic
from routing.rules.compile import (
    BadRules,
    Classified,
    Classifier,
    Offering,
    Rules,
    classifier_of,
    compiled,
)
from routing.rules.findings import Finding
from routing.rules.ordinary import ordinary, starting_points
from routing.rules.schema import SCHEMA
from routing.rules.validation import findings

__all__ = [
    "CHANNELS",
    "MEMBER",
    "SCHEMA",
    "BadRules",
    "Classified",
    "Classifier",
    "Company",
    "Finding",
    "Offering",
    "QueueSetup",
    "Rules",
    "Staff",
    "Traffic",
    "classifier_of",
    "compiled",
    "findings",
    "ordinary",
    "starting_points",
]
