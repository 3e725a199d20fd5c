"""What every test may use."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The exporter runs on asyncio alone."""
    return "asyncio"
