"""The official SDK works with the sandbox's server tools, keys, presets and statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openrouter import OpenRouter, errors

from openrouter_connector.sandbox import Sandbox


@pytest.fixture(scope="module")
def managed(served: Sandbox) -> Iterator[Any]:
    with OpenRouter(api_key="sk-or-v1-management", server_url=served.base_url) as client:
        yield client


@pytest.fixture(scope="module")
def router(served: Sandbox) -> Iterator[Any]:
    with OpenRouter(api_key=served.token, server_url=served.base_url) as client:
        yield client


def test_the_sdk_reads_tools_and_the_files_of_containers(router: Any) -> None:
    bearer: Any = {"bearer": Sandbox.token}
    tools = router.tools.list_tools(security=bearer).data
    assert [tool.id for tool in tools][:2] == ["web_search", "web_fetch"]
    bash = router.tools.get_tool(security=bearer, name="bash").result.data
    assert bash.engines[0].pricing[0].unit == "container hour"
    files = router.containers.list_container_files(container_id="cntr_sandbox0001").data
    place = {"container_id": "cntr_sandbox0001", "file_id": files[0].id}
    assert router.containers.get_container_file(**place) == files[0]
    content = router.containers.download_container_file_content(**place).read()
    assert len(content) == files[0].bytes_
    kept = router.containers.promote_container_file(**place)
    assert router.files.retrieve(file_id=kept.id).filename == "boats.csv"


@pytest.mark.filterwarnings("ignore:.*DEPRECATED")  # of the SDK, for a field of the key
def test_the_sdk_creates_changes_and_deletes_a_key(
    managed: Any, router: Any, served: Sandbox
) -> None:
    created = managed.api_keys.create(name="SDK", limit=3)
    with OpenRouter(api_key=created.key, server_url=served.base_url) as client:
        assert client.api_keys.get_current_key_metadata().data.limit == 3
    key = {"hash": created.data.hash}
    assert managed.api_keys.update(**key, name="Renamed").data.name == "Renamed"
    assert managed.api_keys.get(**key).data.name == "Renamed"
    assert created.data.hash in [one.hash for one in managed.api_keys.list().data]
    assert managed.api_keys.delete(**key).DELETED
    with pytest.raises(errors.OpenRouterDefaultError, match="403"):
        router.api_keys.list()


def test_the_sdk_makes_a_preset_and_reads_its_versions(router: Any) -> None:
    for temperature in (0.2, 0.4):
        router.presets.create_presets_chat_completions(
            slug="sdk",
            model="sandbox/echo",
            temperature=temperature,
            messages=[{"role": "user", "content": "Hello"}],
        )
    listed = router.presets.list_versions(slug="sdk")
    assert listed and [one.version for one in listed.result.data] == [2, 1]
    config = router.presets.get_version(slug="sdk", version="2").data.config
    assert config == {"model": "sandbox/echo", "temperature": 0.4}


def test_the_sdk_reads_what_was_used(managed: Any, router: Any) -> None:
    router.chat.send(model="sandbox/echo", messages=[{"role": "user", "content": "Hello"}])
    assert managed.analytics.get_user_activity().data[0].requests >= 1
    assert managed.analytics.get_analytics_meta().data.metrics[0].name == "request_count"
    rows = managed.analytics.query_analytics(metrics=["request_count"]).data.data
    assert len(rows) == 1
    members = managed.organization.list_members()
    assert members and len(members.result.data) == 2
    assert router.benchmarks.get_benchmarks().data
    assert router.classifications.get_task_classifications().data.window_days == 7
    assert router.datasets.get_app_rankings()
    assert router.datasets.get_rankings_daily().data[0].total_tokens == str(2**60)
    assert router.datasets.get_session_cost()
