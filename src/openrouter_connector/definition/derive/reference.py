"""Generate the reference page of a component in Markdown: properties, examples and outputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ...values import Json, JsonObject
from ..load import Definition
from ..model import (
    Action,
    Component,
    Connection,
    Option,
    OptionsSource,
    Output,
    Property,
    Shape,
    Type,
)
from .bytechef import choices, inner_properties

_FILE_KEYS = {
    "extension": "`mp3`, `png` …, without a dot.",
    "mimeType": "`audio/mpeg`, `image/png` …",
    "name": "The file name.",
    "url": "Where the content is.",
}
_LEGEND = """\
A `+` marks a property or option that ByteChef's component lacks; the ByteChef export omits it.
Required *when shown* means while its condition holds; *in a form* means that only a form requires
it, and it is never sent. A default fills a new form; a call uses only the defaults of required
properties."""
_EMPTY: dict[Type, Json] = {"STRING": "", "NUMBER": 0.0, "INTEGER": 1, "BOOLEAN": False, "ANY": {}}


def reference(definition: Definition) -> str:
    """Return the page of the component; DefinitionError for a wrong file."""
    component = definition.component
    actions = [definition.form(name).action for name in component.actions]
    parts = [
        f"# {component.title}",
        component.description,
        *_identity(component),
        *_connection(component.connection),
        "## Actions",
        "\n".join(
            f"- [{action.title}](#{_anchor(action.title)}): {action.description}"
            for action in actions
        ),
        _LEGEND,
        *(part for action in actions for part in _action(component, action)),
    ]
    return "\n\n".join(parts) + "\n"


def example(component: Component, action: Action) -> JsonObject:
    """Return the JSON of an action, with every property at its default or a sample value."""
    return {
        "label": action.title,
        "name": action.name,
        "parameters": _example_object(action.properties),
        "type": component.type_of(action.name),
    }


def _identity(component: Component) -> Iterator[str]:
    categories = ", ".join(name.replace("-", " ").title() for name in component.categories)
    yield f"Categories: {categories}"
    yield f"Type: `{component.name}/v{component.version}`"
    if component.help:
        yield f"API: <{component.help}>"


def _connection(connection: Connection) -> Iterator[str]:
    yield "## Connection"
    yield f"### {connection.title}"
    yield _properties(connection.properties)
    yield "#### Setup"
    yield "\n".join(f"{number}. {step}" for number, step in enumerate(connection.setup, 1))


def _action(component: Component, action: Action) -> Iterator[str]:
    yield f"### {action.title}"
    yield f"Name: `{action.name}` · Type: `{component.type_of(action.name)}` · `{action.request}`"
    if action.main:
        yield f"Main property: `{action.main}`"
    yield action.description + (f" ([more]({action.help}))" if action.help else "")
    yield "#### Properties"
    yield _properties(action.properties)
    yield "#### Example"
    yield _json(example(component, action))
    yield "#### Output"
    yield from _output(action.output)


def _output(output: Output) -> Iterator[str]:
    yield f"Type: `{output.type}`" + (", or as the parameters define" * output.dynamic_schema)
    if output.description:
        yield output.description
    if output.type == "FILE_ENTRY":
        keys = [[f"`{name}`", "`STRING`", text] for name, text in _FILE_KEYS.items()]
        yield _table(["Name", "Type", "Description"], keys)
        yield _json(dict.fromkeys(_FILE_KEYS, ""))
    elif parts := list(_parts(output, "")):
        yield _table(["Name", "Type", "Description"], parts)


def _parts(shape: Shape, prefix: str) -> Iterator[list[str]]:
    """Yield a row for each part inside a value, followed by the rows of its own parts."""
    if shape.items:
        yield from _parts(shape.items, f"{prefix}[].")
    for part in shape.properties:
        path = f"{prefix}{part.name}"
        items = f" of `{part.items.type}`" if part.items else ""
        yield [f"`{path}`", f"`{part.type}`{items}", part.description or ""]
        yield from _parts(part, path if part.items else f"{path}.")


def _properties(properties: Iterable[Property]) -> str:
    head = ["Name", "Label", "Type", "Description", "Required", "Default", "Shown when"]
    return _table(head, _rows(properties, ""))


def _rows(properties: Iterable[Property], prefix: str) -> Iterator[list[str]]:
    """Yield a row for each property, followed by the rows of the properties inside it."""
    for prop in properties:
        path = f"{prefix}{prop.name}"
        yield _row(prop, path)
        if prop.items:
            yield from _rows(prop.items.properties, f"{path}[].")
        yield from _rows(prop.properties, f"{path}.")


def _row(prop: Property, path: str) -> list[str]:
    default = prop.default_value
    return [
        f"`{path}`" + " +" * (not prop.bytechef),
        prop.label or "",
        "<br>".join(_type_lines(prop)),
        prop.description or "",
        _required(prop),
        "" if default is None else f"`{json.dumps(default)}`",
        f"`{prop.display_condition}`" if prop.display_condition else "",
    ]


def _required(prop: Property) -> str:
    if prop.required_condition:
        return f"`{prop.required_condition}`"
    if not prop.required:
        return "no"
    if prop.mirrors:
        return "in a form"
    return "when shown" if prop.display_condition else "yes"


def _type_lines(prop: Property) -> Iterator[str]:
    yield " or ".join(dict.fromkeys(_type(variant) for variant in prop.any_of or (prop,)))
    if inner := prop.additional_properties:
        yield f"any keys, with values of type `{inner.type}`"
    yield from _bounds(prop)
    if listed := choices(prop):
        yield "one of " * (prop.type != "ARRAY") + ", ".join(map(_option, listed))
    if isinstance(prop.options, OptionsSource):
        yield f"from the list `{prop.options.from_}`"
        if prop.options.depends_on:
            yield "depends on " + ", ".join(f"`{name}`" for name in prop.options.depends_on)
    if accept := prop.accept or (prop.items.accept if prop.items else ()):
        yield ", ".join(f"`{kind}`" for kind in accept)


def _type(prop: Property) -> str:
    return f"`{prop.type}`" + (f" of `{prop.items.type}`" if prop.items else "")


def _bounds(prop: Property) -> Iterator[str]:
    low, high = prop.min_value, prop.max_value
    if low is not None and high is not None:
        yield f"{low} to {high}"
    elif low is not None:
        yield f"{low} or more"
    elif high is not None:
        yield f"at most {high}"
    if prop.min_items is not None:
        yield f"at least {prop.min_items} item{'s' * (prop.min_items != 1)}"
    if prop.max_items is not None:
        yield f"at most {prop.max_items} items"
    if prop.max_length is not None:
        yield f"at most {prop.max_length} characters"


def _option(option: Option) -> str:
    value = option.value if isinstance(option.value, str) else json.dumps(option.value)
    named = "" if option.label.lower() == value.lower() else f" ({option.label})"
    return f"`{value}`{named}" + " +" * (not option.bytechef)


def _example_object(properties: Iterable[Property]) -> JsonObject:
    return {prop.name: _example(prop) for prop in properties if prop.name}


def _example(prop: Property) -> Json:
    if prop.default_value is not None:
        return prop.default_value
    if prop.type == "ARRAY":
        # A list has one item, so that the example shows its shape.
        item = prop.choices[0].value if prop.choices else prop.items and _example(prop.items)
        return [item]
    if prop.type in ("OBJECT", "FILE_ENTRY"):
        return _example_object(inner_properties(prop))
    if prop.any_of:
        return _example(prop.any_of[0])
    if prop.placeholder and (prop.pattern or prop.min_length):
        return prop.placeholder  # an empty text would not match
    if prop.choices:
        return prop.choices[0].value
    return _EMPTY[prop.type] if prop.min_value is None else prop.min_value


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table without its empty columns."""
    listed = list(rows)
    used = [i for i in range(len(head)) if any(row[i] for row in listed)]
    lines = [head, ["---"] * len(head), *listed]
    return "\n".join(
        "| " + " | ".join(line[i].replace("|", "\\|") for i in used) + " |" for line in lines
    )


def _json(value: Json) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
