"""The component as a canvas draws it: forms, dropdowns, defaults, and what comes out.

    definition.form("ask").action ──▶ {"name": "ask", "properties": […], "outputSchema": {…}, …}

The words that only our runtime reads (`request`, `send`, `hook` …) are left out. An unset
word is a missing key.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from ...values import JsonObject
from ..load import Definition
from ..model import Action, OptionsSource, Property
from .bytechef import choices, described, set_words
from .json_schema import output_schema

Lookup = Callable[[Property], JsonObject | None]


def canvas(definition: Definition) -> JsonObject:
    """Give the component with all that a canvas needs to draw its forms; DefinitionError.

    `icon` is a file of `icons/`; `defaults` fill an empty form. A dropdown whose options must be
    asked for has `optionsDataSource`, with the properties that they depend on and the filters that
    narrow them. `outputSchema` is the JSON Schema (2020-12) of what an action gives.
    """
    component = definition.component
    return set_words(
        name=component.name,
        version=component.version,
        title=component.title,
        description=component.description,
        icon=PurePath(component.icon).name,
        categories=list(component.categories),
        help=component.help,
        connection=set_words(
            title=component.connection.title,
            type=component.connection.type,
            properties=[_property(prop, _never) for prop in component.connection.properties],
            setup=list(component.connection.setup),
            help=component.connection.help,
            oauth=component.connection.oauth is not None,
        ),
        actions=[_action(definition, name) for name in component.actions],
    )


def _action(definition: Definition, name: str) -> JsonObject:
    form, component = definition.form(name), definition.component
    action = form.action
    icon = f"{(action.group or '').lower().replace(' ', '_')}.svg"
    known = (definition.folder.parent / "icons" / icon).is_file()
    return set_words(
        name=action.name,
        type=component.type_of(action.name),
        title=action.title,
        description=action.description,
        group=action.group,
        icon=icon if known else PurePath(component.icon).name,
        help=action.help,
        streams=action.streams,
        properties=[_property(prop, _lookups(definition, action)) for prop in action.properties],
        defaults=form.defaults,
        output=set_words(
            type=action.output.type,
            description=action.output.description,
            dynamic=action.output.dynamic or None,
        ),
        outputSchema=output_schema(action.output),
    )


def _lookups(definition: Definition, action: Action) -> Lookup:
    """Give what says where the options of a property are asked for, None when nowhere."""

    def lookup(prop: Property) -> JsonObject | None:
        if isinstance(prop.options, OptionsSource):
            source = definition.sources[prop.options.from_]
            filters = [_property(one, _never) for one in source.filters]
            needs = list(prop.options.depends_on)
            return {"optionsLookupDependsOn": needs, "filters": filters}
        if prop.model_limits and prop.model_limits.options:
            return {
                "optionsLookupDependsOn": [source.property for source in action.model_sources[:1]]
            }
        return None

    return lookup


def _never(_: Property) -> None:
    """Nothing is asked for."""


def _property(prop: Property, lookup: Lookup) -> JsonObject:
    """Give a property in the words of the definition that a form is drawn by."""
    source = lookup(prop)
    drawn = described(prop, choices(prop))
    if source and drawn["controlType"] == "TEXT":
        drawn["controlType"] = "SELECT"
    return drawn | set_words(
        pattern=prop.pattern,
        filter=prop.filter or None,
        accept=list(prop.accept) or None,
        optionsDataSource=source,
        anyOf=[_property(one, lookup) for one in prop.any_of] or None,
        items=_property(prop.items, lookup) if prop.items else None,
        properties=[_property(inner, lookup) for inner in prop.properties] or None,
        additionalProperties=(
            _property(prop.additional_properties, lookup) if prop.additional_properties else None
        ),
    )
