"""Servers that are not ours: llama.cpp's, and LiteLLM's proxy, which has it behind it.

`make servers` installs them; where they are not, these tests are skipped.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from third_party.running import Running

HERE = Path(__file__).parent
BIN = HERE.parents[1] / ".venv-servers/bin"
WITHIN = 120.0  # seconds to start in, on a machine that does other things too
# LiteLLM would ask the web for prices and news; what it asks all the same ends at port 9.
OFFLINE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "DISABLE_ADMIN_UI": "True",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests first: the last ones are spread, and each process would start the servers."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.timeout(2 * WITHIN + 60))  # the first one starts both servers
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.fixture(scope="session")
def servers() -> Path:
    """The folder of the programs."""
    if not (BIN / "litellm").exists():
        pytest.skip("the servers that are not ours are not installed; `make servers` does that")
    return BIN


@pytest.fixture(scope="session")
def llama(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """llama.cpp's server, with a tiny model that tells the colour of a picture."""
    folder, port, key = tmp_path_factory.mktemp("llama"), _free_port(), "a-key-to-the-llama"
    words = [servers / "python", HERE / "tiny_llama.py", folder, port, key]
    with _started(words, port, "/health", folder):
        yield Running(f"http://127.0.0.1:{port}/v1", key)


@pytest.fixture(scope="session")
def litellm(
    servers: Path, llama: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """LiteLLM's proxy with the models of `litellm.yaml`, and without a database."""
    folder, port, key = tmp_path_factory.mktemp("litellm"), _free_port(), "sk-a-master-key"
    words = [servers / "litellm", "--config", HERE / "litellm.yaml"]
    words += ["--host", "127.0.0.1", "--port", port]
    told = {"LITELLM_MASTER_KEY": key, "LLAMA_BASE_URL": llama.base_url, "LLAMA_KEY": llama.key}
    with _started(words, port, "/health/liveliness", folder, told):
        yield Running(f"http://127.0.0.1:{port}/v1", key)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _started(
    words: Sequence[object],
    port: int,
    place: str,
    folder: Path,
    told: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a program as long as it is needed, from when it answers at a place."""
    given = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(folder), **OFFLINE, **(told or {})}
    log = folder / "log"
    with log.open("wb") as out, httpx.Client(trust_env=False, timeout=5) as client:
        program = subprocess.Popen(
            list(map(str, words)),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env=given,
            cwd=folder,
        )
        try:
            until = time.monotonic() + WITHIN
            while not _answers(client, f"http://127.0.0.1:{port}{place}"):
                if program.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{words[0]} does not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield
        finally:
            program.terminate()
            program.communicate()


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).is_success
    except httpx.TransportError:
        return False
