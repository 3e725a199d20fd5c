"""Sites for the simulators' tests."""

import pytest

from tests.simulators.site import Site


@pytest.fixture
def site() -> Site:
    """A site of the default size that somebody is signed in to."""
    made = Site()
    made.log_in()
    return made


@pytest.fixture(scope="session")
def still_site() -> Site:
    """The same, shared by tests that change nothing of it."""
    made = Site()
    made.log_in()
    return made


@pytest.fixture
def small_site() -> Site:
    """A site small enough to live through days."""
    made = Site(queues=6, agents=20, campaigns=3)
    made.log_in()
    return made
