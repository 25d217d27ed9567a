"""What the tests against a real Prefect server share: the server, one for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desk.server import LocalServer, use_server
from tests.integration.one_case import story, work  # noqa: F401


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API's address of a Prefect server on a port and in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch, LocalServer(tmp_path_factory.mktemp("prefect")) as server:
        patch.setenv("PREFECT_HOME", str(server.home))
        patch.setenv("PREFECT_API_URL", server.api_url)
        use_server(server.api_url)
        yield server.api_url
