"""Export the component for a canvas: forms, dropdowns, defaults, and output schemas.

    definition.form("ask").action ──▶ {"name": "ask", "properties": […], "outputSchema": {…}, …}

It omits the words that only our runtime reads (`request`, `send`, `hook` …). An unset word is a
missing key. The HTTP face serves it as `GET /api/component`.
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
    """Return the component with everything that a canvas draws; DefinitionError for a wrong file.

    `icon` is a file in `icons/`, `defaults` fill a new form, `main` is the property to show on the
    node. A dropdown whose options must be requested has `optionsDataSource`, with the properties
    that they depend on and the filters of the list. `outputSchema` is a JSON Schema (2020-12).
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
            properties=[_property(prop, _no_lookup) for prop in component.connection.properties],
            setup=list(component.connection.setup),
            help=component.connection.help,
            credits=component.connection.credits,
            oauth=component.connection.oauth is not None,
            newKey=component.connection.new_key is not None,
        ),
        actions=[_action(definition, name) for name in component.actions],
    )


def _action(definition: Definition, name: str) -> JsonObject:
    form, component = definition.form(name), definition.component
    action = form.action
    icon = f"{(action.group or '').lower().replace(' ', '_')}.svg"
    # Another component need not have an icon per group.
    known = (definition.folder.parent / "icons" / icon).is_file()
    return set_words(
        name=action.name,
        type=component.type_of(action.name),
        title=action.title,
        description=action.description,
        keywords=list(action.keywords) or None,
        group=action.group,
        icon=icon if known else PurePath(component.icon).name,
        help=action.help,
        streams=action.streams,
        main=action.main,
        properties=[_property(prop, _lookups(definition, action)) for prop in action.properties],
        defaults=form.defaults,
        output=set_words(
            type=action.output.type,
            description=action.output.description,
            dynamicSchema=action.output.dynamic_schema or None,
        ),
        outputSchema=output_schema(action.output),
    )


def _lookups(definition: Definition, action: Action) -> Lookup:
    """Return a function that returns where the options of a property are requested, if anywhere."""

    def lookup(prop: Property) -> JsonObject | None:
        if isinstance(prop.options, OptionsSource):
            source = definition.sources[prop.options.from_]
            filters = [_property(prop, _no_lookup) for prop in source.filter_properties]
            needs = list(prop.options.depends_on)
            name = prop.options.from_
            return {"list": name, "optionsLookupDependsOn": needs, "filters": filters}
        if prop.suggestions:
            return {"optionsLookupDependsOn": []}
        if prop.model_limits and prop.model_limits.options:
            return {
                "optionsLookupDependsOn": [source.property for source in action.model_sources[:1]]
            }
        return None

    return lookup


def _no_lookup(_: Property) -> None:
    """Return nothing: connections and filters list their own options."""


def _property(prop: Property, lookup: Lookup) -> JsonObject:
    """Return a property in the words of the definition that a canvas reads."""
    source = lookup(prop)
    words = described(prop, choices(prop))
    # Voices, suggestions and the like are no options of their own: any text may be entered.
    if source and words["controlType"] == "TEXT":
        words["controlType"] = "SELECT"
    return words | set_words(
        pattern=prop.pattern,
        mirrors=prop.mirrors,
        accept=list(prop.accept) or None,
        optionsDataSource=source,
        anyOf=[_property(variant, lookup) for variant in prop.any_of] or None,
        items=_property(prop.items, lookup) if prop.items else None,
        properties=[_property(inner, lookup) for inner in prop.properties] or None,
        additionalProperties=(
            _property(prop.additional_properties, lookup) if prop.additional_properties else None
        ),
    )
