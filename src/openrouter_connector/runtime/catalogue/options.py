"""The options of a dropdown: those of the definition, of the API or of the chosen model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from re import findall

from ...definition.conditions import Condition
from ...definition.fast_validation import is_valid
from ...definition.form import Form
from ...definition.model import OptionsSource, Property, Source, snake
from ...definition.model_limits import supported_options
from ...errors import ApiError, ConnectorError, CredentialError, InputError, NotFoundError, Problem
from ...suggest import did_you_mean
from ...values import Choices, JsonObject
from ..build import call_of, mapping, text
from .catalogue import Catalogue, Listed
from .option import Entry, entries, own, search_text, static


async def options(
    form: Form,
    path: str,
    parameters: JsonObject,
    catalogue: Catalogue,
    *,
    search: str = "",
    filters: JsonObject | None = None,
    refresh: bool = False,
) -> Choices:
    """Return the options of the property at a dotted path, for the values in the form.

    InputError for a property that does not exist or has no options, and for unknown filters. A
    list that cannot be loaded is no error: the choices say why.
    """
    prop = property_at(form, path)
    if isinstance(prop.options, OptionsSource):
        source = catalogue.sources[prop.options.from_]
        active = _active_filters(source, filters or {})
        values = _dependencies(form, prop.options, parameters)
        if missing := [name for name in source.placeholders if name not in values]:
            label = _label(form, missing[0])
            return Choices((), disabled=True, placeholder=f"Choose {label} first")
        query = {**prop.options.query, **mapping(source.filter_properties, "GET", active).query}
        conditions = [
            word.keep_if for word in source.filters if word.name in active and word.keep_if
        ]
        nothing = "No option passes the filter." if active else "The list is empty."
        return await _listed(
            source, values, query, conditions, catalogue, search, refresh, nothing=nothing
        )
    if filters:
        raise InputError([Problem("filters", f"{path} has options of its own, without filters")])
    model_info = (
        (await catalogue.model_info(form.action, parameters)).model_info
        if prop.model_limits
        else None
    )
    found = supported_options(prop, model_info)
    listed = prop.choices or prop.suggestions
    if found is None and not listed:
        return _nothing_known(form, prop, parameters)
    shown = [static(option) for option in (listed if found is None else found)]
    return Choices(
        tuple(_searched([Entry(option, search_text(option)) for option in shown], search))
    )


async def _listed(
    source: Source,
    values: JsonObject,
    query: Mapping[str, str],
    conditions: list[Condition],
    catalogue: Catalogue,
    search: str,
    refresh: bool,
    *,
    nothing: str,
) -> Choices:
    """Return the options of a list; without a cached list the API itself does the search.

    `nothing` is the message for a list without options that pass the filters.
    """
    rest = {name: value for name, value in values.items() if name not in source.placeholders}
    parameters = {snake(name): text(value) for name, value in rest.items()}
    try:
        call = call_of(source.request, values, {**parameters, **query})
        listed = await catalogue.listed(source, call, refresh=refresh, search=search.strip())
    except ValueError as error:
        message = str(error)
        return Choices((), disabled=True, message=message, error=InputError(message))
    except ConnectorError as error:
        return _unavailable(error)
    accepted = [
        entry
        for entry in entries(source, listed.cached)
        if all(condition.holds(entry.option["details"]) for condition in conditions)
    ]
    found = _searched(accepted, search)
    nothing = "Nothing matches the search." if accepted else nothing
    return Choices(tuple(found), message=_message(listed, nothing, found), age=listed.cached.age)


def _dependencies(form: Form, source: OptionsSource, parameters: JsonObject) -> JsonObject:
    """Return the values of the form that a list depends on, where they are set.

    Those that name the server are no part of the request.
    """
    server = form.action.server
    place = (server.base_url, server.token) if server else ()
    found = {name: parameters.get(name) for name in source.depends_on if name not in place}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _active_filters(source: Source, filters: JsonObject) -> JsonObject:
    """Return the filters that are set; InputError for unknown ones and wrong values."""
    known = {prop.name or "": prop for prop in source.filter_properties}
    active = {name: value for name, value in filters.items() if value not in (None, False, "", [])}
    problems = [
        Problem(f"filters.{name}", _expected(known[name]))
        for name, value in active.items()
        if name in known and not is_valid(known[name], value)
    ]
    problems += [
        Problem(f"filters.{name}", f"there is no such filter{_known(name, known)}")
        for name in filters
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    return active


def _known(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known) or f"; there are: {', '.join(known) or 'none'}"


def _expected(prop: Property) -> str:
    choices = ", ".join(str(option.value).lower() for option in prop.choices)
    return f"is not one of {choices}" if choices else f"is no {prop.type.lower()}"


def _searched(entries: Iterable[Entry], search: str) -> list[JsonObject]:
    """Return copies of the options in which every word of a search occurs."""
    words = search.lower().split()
    return [own(entry.option) for entry in entries if all(word in entry.text for word in words)]


def _message(listed: Listed, nothing: str, found: list[JsonObject]) -> str | None:
    sentences = [
        f"This list is {_old(listed.cached.age)} old; it could not be refreshed: {listed.fault}"
        if listed.fault
        else "",
        "" if found else nothing,
    ]
    return " ".join(filter(None, sentences)) or None


def _old(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _unavailable(error: ConnectorError) -> Choices:
    if isinstance(error, CredentialError):
        placeholder, message = "Connect first", error.message
        return Choices((), True, placeholder, message, error=error)
    if isinstance(error, NotFoundError):
        return Choices((), message="This server has no such list; any value may be entered.")
    message = f"Could not load the list: {error.message.rstrip('. ')}. Any value may be entered."
    if isinstance(error, ApiError) and error.retryable:
        message += " Refresh the list to try again."
    return Choices((), message=message, error=error)


def _nothing_known(form: Form, prop: Property, parameters: JsonObject) -> Choices:
    """Return why a property whose options come from the model's row has none."""
    of = form.action.model_sources[0].property
    if not parameters.get(of):
        return Choices((), disabled=True, placeholder=f"Choose {_label(form, of)} first")
    message = f"The options of {parameters[of]} are not known; any value may be entered."
    return Choices((), placeholder=prop.placeholder, message=message)


def _label(form: Form, name: str) -> str:
    found = next((prop for prop in form.action.properties if prop.name == name), None)
    return (found.label if found else None) or name


def property_at(form: Form, path: str) -> Property:
    """Return the property with options at a dotted path, with or without positions.

    InputError without such a property.
    """
    properties, found = form.action.properties, None
    for name in findall(r"[A-Za-z_]\w*", path):
        found = next((prop for prop in properties if prop.name == name), None)
        if found is None:
            hint = did_you_mean(name, [prop.name or "" for prop in properties])
            raise InputError([Problem("property", f"there is no property {path!r}{hint}")])
        properties = found.items.properties if found.items else found.properties
    limited = found is not None and found.model_limits is not None and found.model_limits.options
    if found is None or not (found.options or found.suggestions or limited):
        raise InputError([Problem("property", f"{path!r} has no options; enter any value")])
    return found
