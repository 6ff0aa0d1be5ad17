"""Workflows of n8n for tests: agents behind nodes that choose, and flows as outlines."""

from __future__ import annotations

from typing import Any

from openrouter_connector.flows.formats import Imported, import_flow

STATE, X, Y = "={{ $json.state }}", "={{ $json.x }}", "={{ $json.y }}"


def agent(name: str, text: str = "Hi", **more: Any) -> dict[str, Any]:
    kind = "@n8n/n8n-nodes-langchain.agent"
    return {"name": name, "type": kind, "parameters": {"promptType": "define", "text": text}} | more


def node(name: str, kind: str, **parameters: Any) -> dict[str, Any]:
    return {"name": name, "type": f"n8n-nodes-base.{kind}", "parameters": parameters}


def imported(links: str, *nodes: dict[str, Any]) -> Imported:
    """Import nodes with links such as `Form > If, If:1 > A`; `>>` leads from a tool.

    Agents are served by a model.
    """
    model = node("Model", "lmChatOpenRouter", model="sandbox/echo")
    agents = [one["name"] for one in nodes if "langchain" in one["type"]]
    serving = [{"node": name, "type": "ai_languageModel", "index": 0} for name in agents]
    connections: dict[str, Any] = {"Model": {"ai_languageModel": [serving]}}
    for link in links.split(", "):
        start, sign, end = link.split(" ")
        start, _, output = start.partition(":")
        kind = "ai_tool" if sign == ">>" else "main"
        lists = connections.setdefault(start, {kind: []})[kind]
        lists += [[] for _ in range(int(output or 0) + 1 - len(lists))]
        lists[int(output or 0)].append({"node": end, "type": kind, "index": 0})
    return import_flow({"nodes": [model, node("Form", "formTrigger"), *nodes],
                        "connections": connections})  # fmt: skip


def compared(
    left: Any, operation: str, right: Any = "", kind: str = "string", **options: Any
) -> dict[str, Any]:
    """The parameters of a node with one comparison."""
    operator = {"type": kind, "operation": operation}
    one = {"leftValue": left, "rightValue": right, "operator": operator}
    settings = {"caseSensitive": True, "typeValidation": "strict", **options}
    return {"conditions": {"options": settings, "conditions": [one], "combinator": "and"}}


NEW = compared(STATE, "equals", "new")


def rules(*found: dict[str, Any], names: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
    """The parameters of a Switch with these rules."""
    values = [
        {**rule, **({"outputKey": names[index], "renameOutput": True} if names else {})}
        for index, rule in enumerate(found)
    ]
    return {"rules": {"values": values}, "options": options}


def outline(tasks: list[Any]) -> list[Any]:
    """Tasks as labels, containers as `[label, expression, {slot: tasks}]`."""
    found: list[Any] = []
    for task in tasks:
        given = task["parameters"]
        slots = {slot: outline(given[slot]) for slot in ("caseTrue", "caseFalse", "default")
                 if given.get(slot)}  # fmt: skip
        slots |= {case["key"]: outline(case["tasks"]) for case in given.get("cases", ())}
        is_container = not task["type"].startswith("openRouter")
        found.append([task["label"], given.get("expression"), slots] if is_container
                     else task["label"])  # fmt: skip
    return found


def messages(found: Imported, kind: Any = "choose") -> list[str]:
    return [fix.message for fix in found.report.of(kind)]
