"""Read the YAML of a definition as JSON: `NO` is text, `1:1` is not 61, and no key occurs twice."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ..errors import DefinitionError, Problem
from ..values import Json, JsonObject

# PyYAML raises the last three for tags such as `!!int x`.
_BAD_YAML = (yaml.YAMLError, ValueError, KeyError, AttributeError)


def read_yaml(file: Path) -> JsonObject:
    """Return the mapping in a file. DefinitionError says where it is not valid."""
    try:
        with file.open(encoding="utf-8") as stream:
            raw = yaml.load(stream, JsonLoader)  # noqa: S506 - built on the safe loader
    except OSError as error:
        raise DefinitionError([Problem(file.name, error.strerror or "cannot be read")]) from error
    except UnicodeDecodeError as error:
        raise DefinitionError([Problem(file.name, "is not UTF-8 text")]) from error
    except _BAD_YAML as error:
        raise DefinitionError([Problem(file.name, _where(error))]) from error
    if not isinstance(raw, dict):
        raise DefinitionError([Problem(file.name, "must be a mapping")])
    return raw


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return "is not valid YAML"


# The C loader is several times faster; PyYAML lacks it where libyaml is missing.
class JsonLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Read YAML as JSON: `NO` is text, `1:1` is not 61, and no key occurs twice."""

    yaml_implicit_resolvers: dict[str, list[object]] = {}  # noqa: RUF012 - PyYAML's own name

    def construct_mapping(  # noqa: D102 - as PyYAML has it
        self, node: yaml.MappingNode, deep: bool = False
    ) -> JsonObject:
        mapping: JsonObject = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if fault := _key_fault(key, mapping):
                raise yaml.MarkedYAMLError(None, None, f"{key!r} {fault}", key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


def _key_fault(key: Json, mapping: JsonObject) -> str | None:
    if isinstance(key, list | dict):
        return "is not text"
    if not isinstance(key, str):
        # The statuses of `hints` are the keys that people forget to quote.
        return "is not text; put it in quotes"
    # PyYAML itself keeps the last of two equal keys, and drops the other silently.
    return "occurs twice" if key in mapping else None


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(?:0|[1-9]\d*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", "-0123456789"),
):
    JsonLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )
