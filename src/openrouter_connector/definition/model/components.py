"""The table of contents: identity, connection, and the actions in palette order."""

from typing import Annotated, Literal

from pydantic import Field

from .basics import Name, Path, RequestLine, Words
from .properties import Property

Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Header = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
Status = Annotated[str, Field(pattern=r"^[45]\d\d$")]


class OAuth(Words):
    """OAuth with PKCE that ends with a key: no client id, no refresh token, no scopes."""

    authorize: str
    """The page where a person consents. It is opened at the host that exchanges the code."""
    exchange: RequestLine
    """What gives the key for the code that the person comes back with."""
    key: Path
    """Where its reply holds the key."""


class Environment(Words):
    """The environment variables that a command line, a server or an agent may read."""

    token: Variable
    """The one that holds the API key."""
    base_url: Variable | None = None
    """The one that names another server, to which the key then goes."""


class Connection(Words):
    """How the component authenticates."""

    title: str
    type: Literal["BEARER_TOKEN", "API_KEY"]
    """How the key is sent: as `Authorization: Bearer …`, or alone in the header `header`."""
    header: Header | None = None
    """For API_KEY: the request header that carries the key, such as `X-Api-Key`."""
    properties: tuple[Property, ...]
    """What a person gives: `token`, perhaps `baseUrl`, `allowHttp`, and headers of every call."""
    environment: Variable | Environment | None = None
    """The environment variable with the API key, or `{token, baseUrl}`; without it none is read.
    Those of the component that ships with this package are read for it alone."""
    test: RequestLine
    """A request that succeeds with a good token, and costs nothing."""
    key_details: Path | None = None
    """Where the response of `test` describes the key: its label, limit, usage. Without it, a
    response that is no error proves the key."""
    list_test: RequestLine | None = None
    """For another server, which may lack `test`: a list that it shows with a good key only."""
    account: RequestLine | None = None
    """A request that tells the credits left, to those keys that may ask."""
    oauth: OAuth | None = None
    """How a person gets a key without copying one."""
    help: str | None = None
    """The address where a token is had."""
    credits: str | None = None
    """The address where credits are bought."""
    setup: tuple[str, ...] = ()
    """Steps a person takes to get a token."""

    @property
    def variables(self) -> Environment | None:
        """The environment variables, also where the token's stands alone."""
        named = self.environment
        return Environment(token=named) if isinstance(named, str) else named


class Receipt(Words):
    """Where the cost of a call is told afterwards, when its reply does not tell it."""

    request: RequestLine
    """The question; `{generationId}` is that of the call."""
    cost: Path
    """Where the reply tells the cost, in USD."""
    within: float
    """Seconds to try for; the record appears some time after the call."""


class ErrorBody(Words):
    """Where the body of a refused call says what is wrong."""

    message: Path
    """The sentence for people: `errors[0].detail`."""
    code: Path | None = None
    """The word or number for programs."""


class Component(Words):
    """The table of contents: identity, connection, and the actions in palette order."""

    name: Name
    """camelCase; with the version it begins the `type` of an action."""
    version: int
    """Goes up when stored actions would no longer fit."""
    title: str
    description: str
    icon: str
    """A file, from here."""
    categories: tuple[str, ...] = ()
    help: str | None = None
    """The address of a page about it."""
    base_url: str
    """What every path of a request is appended to."""
    connection: Connection
    response_id: Header | None = None
    """The response header that holds the id of a call, such as `X-Request-Id`."""
    error_body: ErrorBody | None = None
    """For an API whose errors are not where most APIs have them: `error`, `message`, `detail`."""
    hints: dict[Status, str] = {}
    """What to do about a refused call, by its HTTP status: a sentence after the API's own."""
    receipt: Receipt | None = None
    """Only for an API that tells some costs late; it needs `responseId`."""
    properties: tuple[Property, ...] = ()
    """What every action has, after its own."""
    actions: tuple[Name, ...]
    """In the order of the palette; each is a file of `definitions/`."""

    def type_of(self, action: str) -> str:
        """Give the `type` under which an action is exchanged: `openRouter/v1/ask`."""
        return f"{self.name}/v{self.version}/{action}"
