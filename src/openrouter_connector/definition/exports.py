"""The component as others read it: in ByteChef's format, and as a canvas draws it.

    definition.form("ask").action ──▶ {"name": "ask", "properties": [{"controlType": …}, …], …}

The words that only our runtime reads (`request`, `send`, `facts`, `hook` …) are left out, and for
ByteChef all that is marked `extension: true`. An unset word is a missing key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePath

from ..values import Json, JsonObject
from .load import Definition
from .model import Action, Component, ControlType, Option, OptionsSource, Output, Property, Type

FILE_ENTRY = tuple(
    Property(name=name, type="STRING", required=True)
    for name in ("extension", "mimeType", "name", "url")
)
"""What a FILE_ENTRY is made of."""

_CONTROLS: dict[Type, ControlType] = {
    "STRING": "TEXT",
    "NUMBER": "NUMBER",
    "INTEGER": "INTEGER",
    "BOOLEAN": "SELECT",
    "ARRAY": "ARRAY_BUILDER",
    "OBJECT": "OBJECT_BUILDER",
    "FILE_ENTRY": "FILE_ENTRY",
    "ANY": "JSON",
}
_BOOLEANS = (Option(label="True", value=True), Option(label="False", value=False))


Lookup = Callable[[Property], JsonObject | None]


def bytechef(definition: Definition) -> JsonObject:
    """Give the component as a ByteChef component definition; DefinitionError for a wrong file."""
    component = definition.component
    return _set(
        name=component.name,
        version=component.version,
        title=component.title,
        description=component.description,
        icon=component.icon,
        componentCategories=[
            {"name": name, "label": name.replace("-", " ").title()} for name in component.categories
        ],
        connection=_connection(component),
        actions=[_action(action) for action in _shared_actions(definition)],
    )


def canvas(definition: Definition) -> JsonObject:
    """Give the component with all that a canvas needs to draw its forms; DefinitionError.

    `icon` is a file of `icons/`; `defaults` fill an empty form. A dropdown whose options must be
    asked for has `optionsDataSource`, with the properties that they depend on and the filters that
    narrow them.
    """
    component = definition.component
    return _set(
        name=component.name,
        version=component.version,
        title=component.title,
        description=component.description,
        icon=PurePath(component.icon).name,
        categories=list(component.categories),
        help=component.help,
        connection=_set(
            title=component.connection.title,
            type=component.connection.type,
            properties=[_drawn(prop, _never) for prop in component.connection.properties],
            setup=list(component.connection.setup),
            help=component.connection.help,
            oauth=component.connection.oauth is not None,
        ),
        actions=[_drawn_action(definition, name) for name in component.actions],
    )


def _drawn_action(definition: Definition, name: str) -> JsonObject:
    form, component = definition.form(name), definition.component
    action = form.action
    icon = f"{(action.group or '').lower().replace(' ', '_')}.svg"
    known = (definition.folder.parent / "icons" / icon).is_file()
    return _set(
        name=action.name,
        type=component.type_of(action.name),
        title=action.title,
        description=action.description,
        group=action.group,
        icon=icon if known else PurePath(component.icon).name,
        help=action.help,
        streams=action.streams,
        properties=[_drawn(prop, _lookups(definition, action)) for prop in action.properties],
        defaults=form.defaults,
        output=_set(
            type=action.output.type,
            description=action.output.description,
            dynamic=action.output.dynamic or None,
        ),
    )


def _lookups(definition: Definition, action: Action) -> Lookup:
    """Give what says where the options of a property are asked for, None when nowhere."""

    def lookup(prop: Property) -> JsonObject | None:
        if isinstance(prop.options, OptionsSource):
            source = definition.sources[prop.options.from_]
            filters = [_drawn(one, _never) for one in source.filters]
            needs = list(prop.options.depends_on)
            return {"optionsLookupDependsOn": needs, "filters": filters}
        if prop.limits and prop.limits.options:
            return {"optionsLookupDependsOn": [facts.of for facts in action.facts[:1]]}
        return None

    return lookup


def _never(_: Property) -> None:
    """Nothing is asked for."""


def _drawn(prop: Property, lookup: Lookup) -> JsonObject:
    """Give a property in the words of the definition that a form is drawn by."""
    source = lookup(prop)
    listed = [_option(option) for option in choices(prop)]
    control = control_type(prop)
    return _set(
        name=prop.name,
        label=prop.label,
        description=prop.description,
        placeholder=prop.placeholder,
        type=prop.type,
        controlType="SELECT" if source and control == "TEXT" else control,
        required=prop.required,
        advancedOption=prop.advanced_option or None,
        filter=prop.filter or None,
        displayCondition=prop.display_condition,
        defaultValue=prop.default_value,
        minValue=prop.min_value,
        maxValue=prop.max_value,
        minLength=prop.min_length,
        maxLength=prop.max_length,
        minItems=prop.min_items,
        maxItems=prop.max_items,
        accept=list(prop.accept) or None,
        options=listed or None,
        optionsDataSource=source,
        anyOf=[_drawn(one, lookup) for one in prop.any_of] or None,
        items=_drawn(prop.items, lookup) if prop.items else None,
        properties=[_drawn(inner, lookup) for inner in prop.properties] or None,
        additionalProperties=(
            _drawn(prop.additional_properties, lookup) if prop.additional_properties else None
        ),
    )


def _shared_actions(definition: Definition) -> list[Action]:
    """Give the actions that ByteChef's component has too."""
    actions = [definition.form(name).action for name in definition.component.actions]
    return [action for action in actions if not action.extension]


def control_type(prop: Property) -> ControlType:
    """Tell how a property is edited: as it says, else as follows from its type and options."""
    if prop.control_type:
        return prop.control_type
    if prop.options:
        return "MULTI_SELECT" if prop.type == "ARRAY" else "SELECT"
    return _CONTROLS[prop.type]


def choices(prop: Property) -> tuple[Option, ...]:
    """Give the options that are known without asking anyone: those listed, or true and false."""
    return prop.choices or (_BOOLEANS if prop.type == "BOOLEAN" else ())


def inner_properties(prop: Property) -> tuple[Property, ...]:
    """Give the properties inside an OBJECT or a FILE_ENTRY."""
    return FILE_ENTRY if prop.type == "FILE_ENTRY" else prop.properties


def _connection(component: Component) -> JsonObject:
    connection = component.connection
    authorization = {
        "name": connection.type.lower(),
        "title": connection.title,
        "type": connection.type,
        "properties": _properties(connection.properties),
    }
    return _set(version=1, authorizations=[authorization], help=_help(connection.help))


def _action(action: Action) -> JsonObject:
    return _set(
        name=action.name,
        title=action.title,
        description=action.description,
        help=_help(action.help),
        properties=_properties(action.properties),
        outputDefinition=_output(action.output),
    )


def _output(output: Output) -> JsonObject | None:
    """Describe the output, unless only performing the action tells what it is like."""
    if output.dynamic:
        return None
    schema = _property(Property(type=output.type, description=output.description))
    return {"outputSchema": schema, "outputResponse": {"outputSchema": schema}}


def _properties(properties: Iterable[Property]) -> list[Json]:
    return [_property(prop) for prop in properties if not prop.extension]


def _property(prop: Property) -> JsonObject:
    listed = [_option(option) for option in choices(prop) if not option.extension]
    inner = prop.additional_properties
    return _set(
        name=prop.name,
        label=prop.label,
        description=prop.description,
        placeholder=prop.placeholder,
        type=prop.type,
        controlType=control_type(prop),
        required=prop.required,
        advancedOption=prop.advanced_option or None,
        displayCondition=prop.display_condition,
        defaultValue=prop.default_value,
        minValue=prop.min_value,
        maxValue=prop.max_value,
        minLength=prop.min_length,
        maxLength=prop.max_length,
        minItems=prop.min_items,
        maxItems=prop.max_items,
        options=listed or None,
        optionsDataSource=_data_source(prop.options),
        items=[_property(prop.items)] if prop.items else None,
        properties=_properties(inner_properties(prop)) or None,
        additionalProperties=[_property(inner)] if inner else None,
    )


def _option(option: Option) -> JsonObject:
    return _set(label=option.label, value=option.value, description=option.description)


def _data_source(options: Json) -> JsonObject | None:
    if not isinstance(options, OptionsSource):
        return None
    return _set(optionsLookupDependsOn=list(options.depends_on) or None)


def _help(address: str | None) -> JsonObject | None:
    return {"learnMoreUrl": address} if address else None


def _set(**words: Json) -> JsonObject:
    """Keep the words that are set."""
    return {word: value for word, value in words.items() if value is not None}
