"""The words of a list endpoint: where its options are, what they cost, how the list is filtered."""

from functools import cached_property
from typing import Annotated

from pydantic import BeforeValidator, Field

from ..conditions import Condition, compile_condition
from ..paths import placeholders
from .basics import Name, Path, RequestLine, Scalar, Words
from .properties import FormField, Option, Property, expand_options


class Price(Words):
    """One price of an option, for one unit. Prices of unlike units are never added up."""

    path: Path
    """Where the row holds the price: USD for one unit, as text or number.
    Example: pricing.prompt"""
    multiplier: int = Field(default=1, gt=0)
    """The number of units that the displayed price is for.
    Example: 1000000"""
    unit: str
    """What the displayed price is for.
    Example: million tokens"""
    label: str
    """The text beside the price.
    Example: in"""
    required: bool = False
    """Whether the price is shown as variable if the row lacks it.
    Example: true"""
    shown: bool = False
    """Shows a price that is not required below an option, unless it is 0.
    Example: true"""


class Filter(FormField):
    """A field that filters a list: sent in the query, or applied here by `filterCondition`."""

    name: Name
    """The name in camelCase.
    Example: maxPrice"""
    options: Annotated[
        tuple[Option, ...] | None,
        BeforeValidator(expand_options, json_schema_input_type=tuple[Option | Scalar, ...] | None),
    ] = None
    """The choices. `eu` is short for `{label: eu, value: eu}`.
    Example: [eu, us]"""
    filter_condition: str | None = None
    """A condition on an option's `details` that keeps the option while the filter is set.
    Example: prices.prompt.usd == 0"""

    @cached_property
    def keep_if(self) -> Condition | None:
        """The compiled `filterCondition`."""
        return compile_condition(self.filter_condition) if self.filter_condition else None

    @cached_property
    def as_property(self) -> Property:
        """The same field as a property, for the code that checks, sends and draws those."""
        words = {word: getattr(self, word) for word in FormField.model_fields}
        return Property.model_construct(**words)


class Source(Words):
    """A list endpoint that provides options. One file in `definitions/options/`."""

    name: Name
    """The name in camelCase; the file has it in snake_case.
    Example: imageModels"""
    request: RequestLine
    """The method and path of the endpoint. `{name}` is replaced by the value of that property.
    Example: GET /models/{model}/endpoints"""
    items: Path
    """Where the response holds the list.
    Example: data"""
    value: Path
    """Where a row holds the value of the option.
    Example: id"""
    aliases: tuple[Path, ...] = ()
    """Where a row holds other names of the same option.
    Example: [canonical_slug]"""
    label: Path
    """Where a row holds the label. Rows without one show their value.
    Example: name"""
    details: dict[Name, Path] = {}
    """Further details of an option, each with its place in the row.
    Example: {contextLength: context_length}"""
    prices: dict[Name, Price] = {}
    """The prices of an option by name; they become `details.prices`.
    Example: {request: {path: pricing.request, unit: request, label: a request}}"""
    free_condition: str | None = None
    """A condition on the details under which prices of 0 mean free. Otherwise they mean that the
    list does not contain what is billed.
    Example: contains(outputModalities, 'text')"""
    context_length: Path | None = None
    """Where a row holds the context length in tokens, for the line below the option.
    Example: context_length"""
    expiration_date: Path | None = None
    """Where a row holds the day on which the option ends, as YYYY-MM-DD.
    Example: expiration_date"""
    search_parameter: str | None = None
    """The query parameter of a search on the server. Without it, the loaded list is searched.
    Example: q"""
    filters: tuple[Filter, ...] = ()
    """The filters of the list.
    Example: [{name: maxPrice, label: Maximum Price, type: NUMBER, minValue: 0}]"""

    @cached_property
    def free_if(self) -> Condition | None:
        """The compiled `freeCondition`."""
        return compile_condition(self.free_condition) if self.free_condition else None

    @cached_property
    def filter_properties(self) -> tuple[Property, ...]:
        """The filters as properties."""
        return tuple(word.as_property for word in self.filters)

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The properties in the path."""
        return tuple(placeholders(self.request))
