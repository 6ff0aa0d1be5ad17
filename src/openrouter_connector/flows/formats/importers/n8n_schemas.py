"""Read the schemas of n8n's output parsers and extractors."""

from __future__ import annotations

from ....values import Json, JsonObject, an_object
from .json_example import schema_of_example
from .n8n_expressions import Converter, parsed_json
from .n8n_workflow import Workflow
from .parameters import Parameters
from .texts import json_text

_TYPES = {"date": "string", "boolean": "boolean", "number": "number", "string": "string"}


def read_parsers(this: Workflow, name: str, parameters: Parameters) -> None:
    """Turn a structured output parser into a response schema, and report any other."""
    for parser in this.graph.into(name, "ai_outputParser"):
        if this.graph.type_of(parser) == "outputParserAutofixing":
            source = this.graph.places[parser]
            message = f"{parser!r} repairs answers, which the step does itself"
            this.fixes.converted(source, parameters.at("response"), message)
            read_parsers(this, parser, parameters)
        else:
            _read_parser(this, parser, parameters)


def _read_parser(this: Workflow, parser: str, parameters: Parameters) -> None:
    source = this.graph.places[parser]
    node = an_object(this.graph.nodes[parser].get("parameters"))
    target = parameters.at("response.responseSchema")
    if this.graph.type_of(parser) != "outputParserStructured":
        message = f"{parser!r} ({this.graph.type_of(parser)}) checks no answer here"
        this.fixes.dropped(source, message, parameters.place)
        return
    converter = this.converter(parser, f"{source}.parameters", target)
    schema = schema_of(node, converter)
    if schema is None:
        # An expression may be the schema; any other text is kept for a person to mend.
        written = node.get("inputSchema") or node.get("jsonSchema")
        text = converter.text(str(written or node.get("jsonSchemaExample") or ""))
        if not written or "${" not in text:
            message = f"the schema of {parser!r} is no JSON; write it again"
            this.fixes.choose(source, target, message)
        add_schema(text, parameters)
        return
    add_schema(json_text(schema), parameters)
    this.fixes.converted(source, target, f"the schema of {parser!r} is the response schema")
    if node.get("autoFix"):
        message = "answers that do not fit the schema are repaired by the step"
        this.fixes.converted(f"{source}.parameters.autoFix", target, message)


def add_schema(text: str, parameters: Parameters) -> None:
    """Ask for an answer that fits a schema."""
    parameters.values["response"] = {"responseFormat": "JSON", "responseSchema": text}


def schema_of(node: JsonObject, converter: Converter) -> JsonObject | None:
    """Return the schema of a parser or an extractor; None if it has none that is JSON.

    Its texts are those of a flow.
    """
    if node.get("schemaType") == "fromAttributes" or "attributes" in node:
        return _schema_of_attributes(an_object(node.get("attributes")).get("attributes"), converter)
    example = node.get("jsonSchemaExample")
    written = node.get("inputSchema") or node.get("jsonSchema")
    is_manual = node.get("schemaType", "fromJson" if example else "manual") == "manual"
    text = written if is_manual and written else example or written
    found = parsed_json(text, converter) if isinstance(text, str) else None
    if text is example:
        return None if found is None else schema_of_example(found)
    return found if isinstance(found, dict) else None


def _schema_of_attributes(attributes: Json, converter: Converter) -> JsonObject | None:
    listed = [an_object(one) for one in attributes] if isinstance(attributes, list) else []
    named = [one for one in listed if isinstance(one.get("name"), str)]
    properties = {
        one["name"]: {
            "type": _TYPES.get(str(one.get("type")), "string"),
            "description": converter.text(str(one.get("description") or "")),
        }
        for one in named
    }
    required = [one["name"] for one in named if one.get("required")]
    return {"type": "object", "properties": properties, "required": required} if named else None
