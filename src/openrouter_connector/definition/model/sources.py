"""Where the options of a dropdown come from, and what is told of each."""

from functools import cached_property
from typing import ClassVar

from pydantic import Field

from ..conditions import Condition, compile_condition
from ..paths import placeholders
from .basics import Name, Path, RequestLine, Words
from .properties import Property


class Price(Words):
    """One of the prices in a row, for one kind of unit; unlike prices are never added up."""

    path: Path
    """Where the row tells it: USD for one unit, as a text or a number."""
    times: int = Field(default=1, gt=0)
    """How many units the price is shown for."""
    per: str
    """What it is shown for: `million tokens`."""
    label: str
    """What a person reads beside it: `in`."""
    required: bool = False
    """Shown as variable when the row does not tell it."""
    shown: bool = False
    """Said under an option beside the required ones, when it is not 0."""


class Filter(Property):
    """A field that narrows a list: sent in the query as a property is, and judged here too.

    It has those words of a property that concern one value and its field.
    """

    words: ClassVar = frozenset(
        {"name", "label", "description", "placeholder", "type", "control_type", "default_value"}
        | {"options", "items", "pattern", "send", "filter_condition", "min_value", "max_value"}
        | {"min_length", "max_length", "min_items", "max_items"}
    )

    filter_condition: str | None = None
    """When the filter is set, an option stays only if this holds for its `details`."""

    @cached_property
    def narrows(self) -> Condition | None:
        """The compiled `filterCondition`."""
        return compile_condition(self.filter_condition) if self.filter_condition else None


class Source(Words):
    """A list endpoint that several properties draw on. One file in `definitions/options/`."""

    name: Name
    request: RequestLine
    """A method and a path; `{name}` in it takes the property of that name."""
    items: Path
    """Where the list stands in the reply."""
    value: Path
    """Where an item holds what is sent."""
    aliases: tuple[Path, ...] = ()
    """Further names by which an item is known."""
    label: Path
    """Where an item holds what a person reads; without one the value is shown."""
    details: dict[Name, Path] = {}
    """What an option tells besides: a name, and where the item holds it."""
    prices: dict[Name, Price] = {}
    """What an option costs, unit by unit; they come as `prices` among the details."""
    free_condition: str | None = None
    """A condition on the details under which prices of 0 mean free; else they only say that the
    list does not tell what is billed."""
    context: Path | None = None
    """Where an item tells its context length in tokens, for the sentence under an option."""
    expires: Path | None = None
    """Where an item tells the day, YYYY-MM-DD, on which it goes."""
    search: str | None = None
    """The query parameter by which the endpoint searches; without it the list is searched here."""
    filters: tuple[Filter, ...] = ()
    """What narrows the list."""

    @cached_property
    def gratis(self) -> Condition | None:
        """The compiled `freeCondition`."""
        return compile_condition(self.free_condition) if self.free_condition else None

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The properties that stand in the path."""
        return tuple(placeholders(self.request))
