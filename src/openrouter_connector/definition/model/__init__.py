"""What a definition can say: the words of `connector.yaml` and of the files in `definitions/`.

    Component ── Connection
        └── Action ── Property ── Option, Send, PictureRule
                 ├─── Output ── Shape, Part, FileOutput
                 ├─── Message, Server
                 └─── FactsSource, Poll, Each, Split

The words are those of the field's format where it has one (`displayCondition`, `advancedOption`,
`FILE_ENTRY` ...). Everything is frozen, and an unknown word is refused.
"""

from .actions import Action, ForEach, Message, ModelSource, Poll, Server, Split
from .basics import QUERIED, ControlType, Face, Type, Words, snake
from .components import Component, Connection, Environment, OAuth, Receipt
from .outputs import FileOutput, Output, Part, Pcm, Shape
from .properties import ImageRule, ModelLimits, Option, OptionsSource, Property, Send
from .sources import Filter, Price, Source

__all__ = [
    "QUERIED",
    "Action",
    "Component",
    "Connection",
    "ControlType",
    "Environment",
    "Face",
    "FileOutput",
    "Filter",
    "ForEach",
    "ImageRule",
    "Message",
    "ModelLimits",
    "ModelSource",
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
    "Split",
    "Type",
    "Words",
    "snake",
]
