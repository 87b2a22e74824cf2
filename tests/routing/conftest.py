import pytest

from routing.audit import problems


@pytest.fixture
def sound(db):
    """After the test every invariant of the router's rows holds."""
    yield
    assert problems() == []
