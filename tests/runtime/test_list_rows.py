"""Whatever a row of a list holds, the dropdown is shown."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.definition.load import load_component
from openrouter_connector.runtime.catalogue.cache import CachedList
from openrouter_connector.runtime.catalogue.option import entries, own

SOURCES = load_component().sources
FIELDS = [
    "id", "name", "slug", "tag", "provider_slug", "context_length", "pricing", "expiration_date",
    "architecture", "top_provider", "supported_parameters", "description", "reasoning",
]  # fmt: skip
DEEP = json.loads("[" * 900 + "]" * 900)
ODD = st.recursive(
    st.sampled_from(
        [
            None,
            True,
            -1,
            0.5,
            float("nan"),
            float("inf"),
            10**400,
            "",
            "x",
            "NaN",
            "2030-01-01",
            DEEP,
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["prompt", "completion", "image", "overrides"]), inner)
    ),
    max_leaves=5,
)


@given(row=st.dictionaries(st.sampled_from(FIELDS), ODD))
@settings(max_examples=60, deadline=None)
def test_no_row_breaks_a_dropdown(row: Any) -> None:
    held = CachedList([{"id": "a/b", **row}, {"id": 5, "name": None}], time.time())
    for source in SOURCES.values():
        for entry in entries(source, replace(held, derived={})):
            assert isinstance(entry.option["value"], str) and entry.option["label"]
            json.dumps(own(entry.option))
