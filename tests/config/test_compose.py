"""The containers run what the table of processes says, and can be scaled."""

import re

import pytest
import yaml

from config.processes import HOME, TABLE

TEXT = (HOME / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
OURS = sorted(set(TABLE) - {"sink"})


@pytest.mark.parametrize("name", OURS)
def test_a_container_runs_the_process_of_its_name(name):
    assert SERVICES[name]["command"] == f"python -m config.processes {name}"


@pytest.mark.parametrize("name", ["web", "worker", "router", "beat"])
def test_what_is_scaled_has_neither_a_name_nor_a_port_of_its_own(name):
    assert SERVICES[name].keys() & {"container_name", "ports"} == set()


def test_secrets_have_no_default():
    asked = re.findall(r"\$\{(\w*(?:SECRET|PASSWORD|_URL)\w*)(:\?|:-|\})", TEXT)

    assert {kind for _, kind in asked} == {":?"}
