"""Import Roboflow's workflows and steps: its OpenRouter and OpenAI-compatible blocks.

    roboflow_core/openrouter@v3          ─▶  openRouter/v1/analyzeImages
    roboflow_core/openai_compatible@v1   ─▶  openRouter/v1/prompt

`$inputs.x` becomes an input of the flow, `$steps.name.output` a pill.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....openrouter.rehoming import ROBOFLOW_MODELS
from ....values import Json, JsonObject, an_object
from ..expressions.paths import path_text
from ..report import FixUps
from .names import Inputs, Names, flow_document
from .parameters import Parameters
from .recognize import roboflow_workflow
from .texts import literal, pill

_VISION = re.compile(
    r"\w+/(openrouter|kimi_openrouter|qwen3_5_openrouter|qwen3_6_openrouter|qwen_vlm|google_gemma"
    r"|llama_vision|kimi_vlm)@v\d+"
)
_PROMPT = re.compile(r"\w+/openai_compatible@v\d+")
_RENAMED = {
    "model_id": "model",
    "model_version": "model",
    "model_name": "model",
    "base_url": "baseUrl",
    "task_type": "taskType",
    "system_prompt": "systemPrompt",
    "output_structure": "outputStructure",
    "privacy_level": "privacyLevel",
    "max_tokens": "maxTokens",
    "max_concurrent_requests": "maxConcurrentRequests",
    "prompt_parameters": "promptParameters",
    "prompt_parameters_operations": "promptParametersOperations",
    "extra_body": "extraBody",
}
_OUTPUTS: Mapping[str, Mapping[str, tuple[str | int, ...]]] = {
    "analyzeImages": {
        "output": (0, "text"),
        "predictions": (0, "answer"),
        "error_status": (0, "error"),
    },
    "prompt": {"output": ("output",), "error_status": ("errorStatus",)},
}
"""The outputs of blocks, as paths into the output of the action."""
_IMAGE_KINDS = {"WorkflowImage": "file_entry", "InferenceImage": "file_entry"}
_EXAMPLE = "<block_does_not_provide_example>"
_SELECTOR = re.compile(r"\$(inputs|steps)\.([\w-]+(?:\.[\w.-]+)?)")


def import_roboflow(source: Json, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return a flow with the blocks that call models. InputError without such a block."""
    workflow = roboflow_workflow(source)
    if workflow is None:
        raise InputError([Problem("", "must be a Roboflow workflow, or one step with a type")])
    this = _Workflow(definition, fixes)
    this.declare(workflow.get("inputs"))
    tasks = this.tasks(workflow["steps"])
    if not tasks:
        raise InputError([Problem("steps", "contains no OpenRouter or OpenAI-compatible block")])
    document = flow_document("Roboflow workflow", tasks, this.inputs.to_json())
    if outputs := this.outputs(workflow.get("outputs")):
        document["outputs"] = outputs
    return document


@dataclass(slots=True)
class _Workflow:
    definition: Definition
    fixes: FixUps
    names: Names = field(default_factory=Names)
    inputs: Inputs = field(init=False)
    steps: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The steps that are tasks by their names: the names of the tasks, and their actions."""
    taken: dict[str, str] = field(default_factory=dict)
    """The names of the tasks by the places of their steps: two steps may have one name."""

    def __post_init__(self) -> None:
        self.inputs = Inputs(self.names)

    def declare(self, inputs: Json) -> None:
        """Add the inputs that the workflow declares."""
        for index, declared in enumerate(inputs if isinstance(inputs, list) else ()):
            name, kind = an_object(declared).get("name"), str(an_object(declared).get("type"))
            if not isinstance(name, str):
                self.fixes.dropped(f"inputs[{index}]", "is no input: it has no name")
                continue
            own = self.names.take(name, "input")
            default = declared.get("default_value")
            of_kind = _IMAGE_KINDS.get(kind, _type_of(default))
            value: JsonObject = {"name": own, "label": name, "type": of_kind}
            value |= {"required": default is None}
            value |= {"defaultValue": default} if default is not None else {}
            self.inputs.add(f"inputs.{name}", value)
            self.fixes.converted(f"inputs[{index}]", f"inputs[{index}]", f"{name} is an input")

    def tasks(self, steps: list[Json]) -> list[JsonObject]:
        """Return the tasks of the blocks that call models, and report the others."""
        ours: list[tuple[str, JsonObject]] = []
        for index, step in enumerate(steps):
            place = f"steps[{index}]"
            if not isinstance(step, dict):
                self.fixes.dropped(place, "is no step: it has no type")
            elif not _action_of(step):
                why = f"{step.get('name')!r} ({step.get('type')}) calls no model of OpenRouter"
                self.fixes.dropped(place, why)
            else:
                ours.append((place, step))
                self._name(place, step)
        # A step may read one that is listed after it.
        ordered = _in_order(ours)
        return [self._task(step, source, f"tasks[{i}]") for i, (source, step) in enumerate(ordered)]

    def _name(self, place: str, step: JsonObject) -> None:
        name = str(step.get("name", ""))
        own = self.names.take("step" if name.startswith("<") else name, "step")
        self.taken[place] = own
        if name and name in self.steps:
            message = f"another step is called {name!r} too; this one is {own!r}, and is not read"
            self.fixes.renamed(place, "", message)
        self.steps.setdefault(name, (own, _action_of(step)))

    def outputs(self, outputs: Json) -> list[JsonObject]:
        """Return the outputs of the flow that read its tasks or inputs."""
        found = []
        for index, output in enumerate(outputs if isinstance(outputs, list) else ()):
            name, selector = an_object(output).get("name"), an_object(output).get("selector")
            place = f"outputs[{index}]"
            root = selector.split(".")[1] if isinstance(selector, str) and "." in selector else ""
            is_input = str(selector).startswith("$inputs.") and f"inputs.{root}" in self.inputs
            if isinstance(name, str) and (is_input or root in self.steps):
                found.append({"name": name, "value": self.text(str(selector), place, place)})
                self.fixes.converted(place, f"outputs[{len(found) - 1}]", f"{selector} is a pill")
            else:
                self.fixes.dropped(place, f"{selector} is no output of a step that came over")
        return found

    def text(self, value: str, source: str, place: str) -> str:
        """Return a text, or the pill for a selector such as `$steps.name.output`."""
        found = _SELECTOR.fullmatch(value)
        if not found:
            return literal(value)
        if found[1] == "inputs":
            return pill(self.inputs.take(f"inputs.{found[2]}", found[2]))
        name, _, output = found[2].partition(".")
        if name not in self.steps:
            known = self.inputs.take(f"steps.{found[2]}", f"{name} {output}")
            message = f"{value} is of a step that did not come over: it is the input {known!r}"
            self.fixes.converted(source, place, message)
            return pill(known)
        task, action = self.steps[name]
        path = _OUTPUTS[action].get(output)
        if path is None and output not in ("", "*"):
            message = f"{output} has no counterpart in the output of {action}"
            self.fixes.choose(source, place, message)
        return pill(path_text((task, *(path or ()))))

    def value(self, value: Json, source: str, place: str) -> Json:
        """Return a value with the selectors in it as pills."""
        if isinstance(value, str):
            return self.text(value, source, place)
        if isinstance(value, list):
            return [self.value(v, f"{source}[{i}]", f"{place}[{i}]") for i, v in enumerate(value)]
        if isinstance(value, dict):
            return {k: self.value(v, f"{source}.{k}", f"{place}.{k}") for k, v in value.items()}
        return value

    def _task(self, step: JsonObject, source: str, place: str) -> JsonObject:
        name, action = self.taken[source], _action_of(step)
        kind = self.definition.component.type_of(action)
        self.fixes.converted(source, place, f"{step['type']} is {kind}")
        parameters = Parameters({}, source, f"{place}.parameters", self.fixes)
        known = {prop.name: prop for prop in self.definition.form(action).action.properties}
        for key, value in step.items():
            own = _RENAMED.get(key, key)
            if key in ("name", "type") or value is None:
                continue
            if key == "api_key":
                self.fixes.secret(f"{source}.{key}", "the key is that of the connection")
            elif value == _EXAMPLE:
                parameters.note_converted(key, "holds no value, so the default counts")
            elif key == "detection_format" and value == "named_normalized":
                parameters.note_converted(key, "is how boxes are asked for here")
            elif key == "reasoning_effort":
                parameters.values["reasoning"] = {
                    "effort": self.value(value, f"{source}.{key}", "")
                }
                parameters.converted(
                    "reasoning.effort", "reasoning_effort is reasoning.effort", key
                )
            elif own in known:
                self._place(key, own, value, parameters)
            else:
                parameters.dropped(key, f"{action} has no such property")
        return {"label": name, "name": name, "type": kind, "parameters": parameters.values}

    def _place(self, key: str, own: str, value: Json, parameters: Parameters) -> None:
        if own == "model" and value in ROBOFLOW_MODELS:
            parameters.values[own] = ROBOFLOW_MODELS[value]
            parameters.converted(own, f"{value} is {ROBOFLOW_MODELS[value]}", key)
            return
        if (
            key == "model_version"
            and isinstance(value, str)
            and "/" not in value
            and value[:1] != "$"
        ):
            parameters.choose(own, f"{value!r} is a label of Roboflow; choose the model", key)
        source, place = f"{parameters.source}.{key}", parameters.at(own)
        converted = self.value(value, source, place)
        # Roboflow passes one image or a batch under the same name.
        parameters.values[own] = (
            [converted] if key == "images" and not isinstance(converted, list) else converted
        )
        if own != key:
            self.fixes.renamed(source, place, f"{key} is {own}")
        else:
            self.fixes.kept(source, place, f"{key} is unchanged")


def _action_of(step: JsonObject) -> str:
    kind = str(step.get("type"))
    if _PROMPT.fullmatch(kind):
        return "prompt"
    return "analyzeImages" if _VISION.fullmatch(kind) else ""


def _in_order(steps: list[tuple[str, JsonObject]]) -> list[tuple[str, JsonObject]]:
    """Return the steps so that each follows those that it reads; a cycle keeps its order."""
    from graphlib import CycleError, TopologicalSorter

    places: dict[str, list[str]] = {}
    for place, step in steps:
        places.setdefault(str(step.get("name", "")), []).append(place)
    by_place = dict(steps)
    needs = {place: _needs(step, places) - {place} for place, step in steps}
    try:
        return [(place, by_place[place]) for place in TopologicalSorter(needs).static_order()]
    except CycleError:
        return steps


def _needs(step: JsonObject, places: Mapping[str, list[str]]) -> set[str]:
    """Return the places of the steps that a step reads: of each name, the first."""
    read = set(re.findall(r"\$steps\.([\w-]+)", repr(step)))
    return {places[name][0] for name in read & places.keys()}


def _type_of(value: Json) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return kinds.get(type(value), "string")
