"""What docs/policy.md shows must be so."""

import json
import re
from pathlib import Path

from routing.engine.facts import Weights
from routing.rules import Company, QueueSetup, findings, ordinary
from routing.rules.expressions import FUNCTIONS, NAMES

TEXT = (Path(__file__).parents[3] / "docs" / "policy.md").read_text()
QUEUES = ("care", "night", "backoffice")
COMPANY = Company(
    queues={slug: QueueSetup(slug, needs={"billing": 1}) for slug in QUEUES},
    skills={"billing": "Billing", "returns": "Returns"},
    tiers=("standard", "gold"),
)


def test_the_example_can_be_published():
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)

    assert findings(json.loads(example), COMPANY) == []


def test_every_block_name_function_and_weight_is_explained():
    words = [*ordinary(), *NAMES, *FUNCTIONS, *Weights.__dataclass_fields__]

    assert [word for word in words if f"`{word}" not in TEXT and f"({word}" not in TEXT and word != "about"] == []
