"""Export the component in ByteChef's format.

    definition.form("ask").action ──▶ {"name": "ask", "properties": [{"controlType": …}, …], …}

It omits the words that only our runtime reads (`request`, `send`, `hook` …), and everything with
`bytechef: false`. An unset word is a missing key. `canvas` and `reference` use its helpers.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from ...values import FILE_KEYS, Json, JsonObject
from ..load import Definition
from ..model import Action, Component, ControlType, Option, OptionsSource, Output, Property, Type

FILE_ENTRY = tuple(Property(name=name, type="STRING", required=True) for name in FILE_KEYS)
"""The parts of a FILE_ENTRY."""

_CONTROLS: dict[Type, ControlType] = {
    "STRING": "TEXT",
    "NUMBER": "NUMBER",
    "INTEGER": "INTEGER",
    "BOOLEAN": "SELECT",  # ByteChef draws booleans as a choice of True and False
    "ARRAY": "ARRAY_BUILDER",
    "OBJECT": "OBJECT_BUILDER",
    "FILE_ENTRY": "FILE_ENTRY",
    "ANY": "JSON",
}
_BOOLEANS = (Option(label="True", value=True), Option(label="False", value=False))


def bytechef(definition: Definition) -> JsonObject:
    """Return the component as a ByteChef component definition; DefinitionError for a wrong file."""
    component = definition.component
    return set_words(
        name=component.name,
        version=component.version,
        title=component.title,
        description=component.description,
        icon=component.icon,
        componentCategories=[
            {"name": name, "label": name.replace("-", " ").title()} for name in component.categories
        ],
        connection=_connection(component),
        actions=[_action(action) for action in _exported_actions(definition)],
    )


def _exported_actions(definition: Definition) -> list[Action]:
    actions = [definition.form(name).action for name in definition.component.actions]
    return [action for action in actions if action.bytechef]


def control_type(prop: Property) -> ControlType:
    """Return the control of a property: its own, or one derived from its type and options."""
    if prop.control_type:
        return prop.control_type
    if prop.options:
        return "MULTI_SELECT" if prop.type == "ARRAY" else "SELECT"
    return _CONTROLS[prop.type]


def choices(prop: Property) -> tuple[Option, ...]:
    """Return the options that need no request: the listed ones, or true and false."""
    return prop.choices or (_BOOLEANS if prop.type == "BOOLEAN" else ())


def inner_properties(prop: Property) -> tuple[Property, ...]:
    """Return the properties inside an OBJECT or a FILE_ENTRY."""
    return FILE_ENTRY if prop.type == "FILE_ENTRY" else prop.properties


def _connection(component: Component) -> JsonObject:
    connection = component.connection
    authorization = {
        "name": connection.type.lower(),
        "title": connection.title,
        "type": connection.type,
        "properties": _properties(connection.properties),
    }
    return set_words(version=1, authorizations=[authorization], help=_help(connection.help))


def _action(action: Action) -> JsonObject:
    return set_words(
        name=action.name,
        title=action.title,
        description=action.description,
        help=_help(action.help),
        properties=_properties(action.properties),
        outputDefinition=_output(action.output),
    )


def _output(output: Output) -> JsonObject | None:
    """Describe the output, unless its schema depends on the parameters."""
    if output.dynamic_schema:
        return None
    schema = _property(Property(type=output.type, description=output.description))
    return {"outputSchema": schema, "outputResponse": {"outputSchema": schema}}


def _properties(properties: Iterable[Property], hidden: Set[str] = frozenset()) -> list[Json]:
    """Export properties. A condition on a property that stays here is left out."""
    listed = list(properties)
    hidden = hidden | {prop.name for prop in listed if prop.name and not prop.bytechef}
    return [_property(prop, hidden) for prop in listed if prop.bytechef]


def _property(prop: Property, hidden: Set[str] = frozenset()) -> JsonObject:
    inner = prop.additional_properties
    if prop.condition and prop.condition.reads & hidden:
        prop = prop.model_copy(update={"display_condition": None})
    return set_words(
        **described(prop, [option for option in choices(prop) if option.bytechef]),
        optionsDataSource=_data_source(prop.options),
        # ByteChef lists alternatives for items and additionalProperties; we have one.
        items=[_property(prop.items, hidden)] if prop.items else None,
        properties=_properties(inner_properties(prop), hidden) or None,
        additionalProperties=[_property(inner)] if inner else None,
    )


def described(prop: Property, options: Iterable[Option]) -> JsonObject:
    """Return the words of a property that every canvas reads, without the properties inside it."""
    return set_words(
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
        options=[option_words(option) for option in options] or None,
    )


def option_words(option: Option) -> JsonObject:
    """Return the words of one option."""
    return set_words(label=option.label, value=option.value, description=option.description)


def _data_source(options: Json) -> JsonObject | None:
    if not isinstance(options, OptionsSource):
        return None
    return set_words(optionsLookupDependsOn=list(options.depends_on) or None)


def _help(address: str | None) -> JsonObject | None:
    return {"learnMoreUrl": address} if address else None


def set_words(**words: Json) -> JsonObject:
    """Return the words that have a value."""
    return {word: value for word, value in words.items() if value is not None}
