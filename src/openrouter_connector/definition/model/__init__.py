"""The words of the format, as frozen pydantic models: one module per part of a definition.

    Component ── Connection ── Environment, OAuth
        └── Action ── Property ── Option, OptionsSource, ModelLimits, Send, ImageRule
                 ├─── Output ── Shape, Part, FileOutput
                 ├─── Message, Server
                 └─── ModelSource, Poll, ForEach, SplitAudio, SplitText, Bundle
    Source ── Filter, Price

A word has the name that the field uses (OpenAPI, JSON Schema, ByteChef) if there is one. An unknown
word is an error.
"""

from .actions import (
    Action,
    Bundle,
    ForEach,
    Message,
    ModelSource,
    Poll,
    Server,
    SplitAudio,
    SplitText,
    StoredKey,
)
from .basics import QUERIED, ControlType, FileEncoding, Type, Words, snake
from .components import (
    Account,
    Component,
    Connection,
    Environment,
    ErrorBody,
    KeyDetails,
    NewKey,
    OAuth,
    Receipt,
)
from .outputs import FileOutput, Output, Part, Pcm, Shape
from .properties import ImageRule, ModelLimits, Option, OptionsSource, Property, Send
from .sources import Filter, Price, Source

__all__ = [
    "QUERIED",
    "Account",
    "Action",
    "Bundle",
    "Component",
    "Connection",
    "ControlType",
    "Environment",
    "ErrorBody",
    "FileEncoding",
    "FileOutput",
    "Filter",
    "ForEach",
    "ImageRule",
    "KeyDetails",
    "Message",
    "ModelLimits",
    "ModelSource",
    "NewKey",
    "OAuth",
    "Option",
    "OptionsSource",
    "Output",
    "Part",
    "Pcm",
    "Poll",
    "Price",
    "Property",
    "Receipt",
    "Send",
    "Server",
    "Shape",
    "Source",
    "SplitAudio",
    "SplitText",
    "StoredKey",
    "Type",
    "Words",
    "snake",
]
