"""The words of `connector.yaml`: identity, connection, and the actions in palette order."""

from typing import Annotated, Literal

from .basics import Name, Path, RequestLine, Words, matching
from .properties import Property

Variable = Annotated[
    str, matching(r"^[A-Z][A-Z0-9_]*$", "the name of a variable, such as ACME_API_KEY")
]
Header = Annotated[
    str, matching(r"^[A-Za-z][A-Za-z0-9-]*$", "the name of a header, such as X-Api-Key")
]
Status = Annotated[
    str, matching(r"^[45]\d\d$", 'a status from 400 to 599 in quotes, such as "429"')
]


class OAuth(Words):
    """OAuth with PKCE that ends with an API key: no client id, refresh token or scopes."""

    authorization_url: str
    """The page where a person consents. It is opened at the host that exchanges the code.
    Example: https://paperworks.example/consent"""
    token_request: RequestLine
    """The request that exchanges the code for the API key.
    Example: POST /auth/keys"""
    token: Path
    """Where its response holds the API key.
    Example: key"""


class NewKey(Words):
    """How an API key for calls is created with a management key, perhaps with a spending limit."""

    request: RequestLine
    """The request.
    Example: POST /keys"""
    name: Name = "name"
    """The field of its body with the name of the new key.
    Example: name"""
    limit: Name = "limit"
    """The field of its body with the spending limit in USD.
    Example: limit"""
    token: Path
    """Where its response holds the new key.
    Example: key"""


class Environment(Words):
    """The environment variables that a command line, a server or an agent may read."""

    token: Variable
    """The variable with the API key.
    Example: ACME_API_KEY"""
    base_url: Variable | None = None
    """The variable with the base URL of another server, which then receives the key.
    Example: ACME_BASE_URL"""


class KeyDetails(Words):
    """Where the response of `test` describes a key. All paths but the first lead on from there."""

    path: Path
    """The object that describes the key; a response without it does not count as an answer.
    Example: data"""
    label: Path | None = None
    """The name of the key.
    Example: label"""
    limit: Path | None = None
    """The spending limit in USD.
    Example: limit"""
    limit_remaining: Path | None = None
    """What is left of the limit, in USD.
    Example: limit_remaining"""
    limit_reset: Path | None = None
    """How often the limit starts anew.
    Example: limit_reset"""
    usage: Path | None = None
    """What the key has spent, in USD.
    Example: usage"""
    free_tier: Path | None = None
    """Whether the account has never bought credits.
    Example: is_free_tier"""
    expires_at: Path | None = None
    """When the key expires, in ISO 8601.
    Example: expires_at"""
    management: tuple[Path, ...] = ()
    """Whether the key manages other keys and cannot call a model; the places are alternatives.
    Example: [is_management_key]"""


class Account(Words):
    """A request for the credits of the account, for keys that may read them."""

    request: RequestLine
    """The request.
    Example: GET /credits"""
    bought: Path
    """Where its response holds the USD that were bought.
    Example: data.total_credits"""
    used: Path
    """Where its response holds the USD that were spent.
    Example: data.total_usage"""


class Connection(Words):
    """How the component authenticates."""

    title: str
    """The title of the authentication method.
    Example: API Key"""
    type: Literal["BEARER_TOKEN", "API_KEY"]
    """How the key is sent: as `Authorization: Bearer …`, or alone in the header `header`.
    Example: BEARER_TOKEN"""
    header: Header | None = None
    """For API_KEY: the request header with the key.
    Example: X-Api-Key"""
    properties: tuple[Property, ...]
    """The fields of a connection: `token`, optionally `baseUrl` and `allowHttp`, and headers of
    every call.
    Example: [{name: token, label: API Key, type: STRING, controlType: PASSWORD, required: true}]"""
    environment: Variable | Environment | None = None
    """The environment variable with the API key, or `{token, baseUrl}`. Default: none is read.
    `OPENROUTER_…` is read only for the component that ships with this package.
    Example: {token: ACME_API_KEY, baseUrl: ACME_BASE_URL}"""
    test: RequestLine
    """A free request that succeeds if the token is valid.
    Example: GET /key"""
    key_details: KeyDetails | None = None
    """Where the response of `test` describes the key. Without it, any response that is not an error
    shows that the key works.
    Example: {path: data, label: label, limit: limit, usage: usage}"""
    list_test: RequestLine | None = None
    """A list that other servers return only with a valid key, used if they lack `test`.
    Example: GET /models"""
    account: Account | None = None
    """Where to request the remaining credits.
    Example: {request: GET /credits, bought: data.total_credits, used: data.total_usage}"""
    oauth: OAuth | None = None
    """How a person gets an API key without copying one.
    Example: {authorizationUrl: 'https://a.example/auth', tokenRequest: POST /keys, token: key}"""
    new_key: NewKey | None = None
    """How the wizard creates an API key for calls, if a person enters a management key.
    Example: {request: POST /keys, token: key}"""
    help: str | None = None
    """The URL of the page where API keys are created.
    Example: https://paperworks.example/keys"""
    credits: str | None = None
    """The URL of the page where credits are bought.
    Example: https://paperworks.example/balance"""
    setup: tuple[str, ...] = ()
    """The steps to create an API key.
    Example: [Log in to the console., Choose **New Key**.]"""

    @property
    def variables(self) -> Environment | None:
        """The environment variables, also if only the token's is named."""
        named = self.environment
        return Environment(token=named) if isinstance(named, str) else named


class Receipt(Words):
    """A request for the cost of a call whose own response does not contain it."""

    request: RequestLine
    """The request; `{generationId}` is replaced by the id of the call.
    Example: GET /generation?id={generationId}"""
    cost: Path
    """Where the response holds the cost in USD.
    Example: data.total_cost"""
    within: float
    """Seconds to retry: the record appears some time after the call.
    Example: 3"""


class ErrorBody(Words):
    """Where the body of an error response describes the error."""

    message: Path
    """The message for people.
    Example: 'errors[0].detail'"""
    code: Path | None = None
    """The code for programs.
    Example: 'errors[0].code'"""


class Component(Words):
    """The table of contents: identity, connection, and the actions in palette order."""

    name: Name
    """The name in camelCase, the first part of an action's `type`.
    Example: paperworks"""
    version: int
    """The second part of an action's `type`. Raise it when stored actions no longer work.
    Example: 1"""
    title: str
    """The title shown to people.
    Example: Paperworks"""
    description: str
    """One sentence about the component.
    Example: Hundreds of AI models behind one API."""
    icon: str
    """An SVG file, relative to this one.
    Example: icons/paperworks.svg"""
    categories: tuple[str, ...] = ()
    """The categories in a catalogue of components.
    Example: [artificial-intelligence]"""
    help: str | None = None
    """The URL of a help page.
    Example: https://paperworks.example/docs"""
    base_url: str
    """The URL before the path of every request.
    Example: https://api.paperworks.example/v2"""
    connection: Connection
    """How the component authenticates.
    Example: {title: API Key, type: BEARER_TOKEN, properties: [], test: GET /key}"""
    response_id: Header | None = None
    """The response header with the id of a call.
    Example: X-Request-Id"""
    error_body: ErrorBody | None = None
    """Where error responses hold their message, if not in `error`, `message` or `detail`.
    Example: {message: 'errors[0].detail', code: 'errors[0].code'}"""
    hints: dict[Status, str] = {}
    """What to do about an HTTP status: a sentence that follows the API's own message.
    Example: {'402': Add credits at https://example.com/credits.}"""
    receipt: Receipt | None = None
    """Where to request costs that responses do not contain. Requires `responseId`.
    Example: {request: 'GET /generation?id={generationId}', cost: data.total_cost, within: 3}"""
    properties: tuple[Property, ...] = ()
    """Properties that every action has after its own.
    Example: [{name: appTitle, label: App Name, type: STRING, send: {in: header, to: X-Title}}]"""
    groups: tuple[str, ...] = ()
    """The headings of the palette that actions may name as their `group`. Default: any.
    Example: [Images, Audio]"""
    actions: tuple[Name, ...]
    """The actions in palette order. Each is a file in `definitions/`.
    Example: [ask, createImage]"""

    def type_of(self, action: str) -> str:
        """Return the `type` of an action in its JSON: `paperworks/v1/printNote`."""
        return f"{self.name}/v{self.version}/{action}"
