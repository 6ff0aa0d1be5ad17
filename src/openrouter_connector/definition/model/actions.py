"""The words of an action: its form, its request, the calls it makes, its output."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from ...values import JsonObject
from ..conditions import Condition, compile_condition
from .basics import Name, Path, RequestLine, Words, matching
from .outputs import Output
from .properties import Property

Module = Annotated[str, matching(r"^[a-z_]+$", "the name of a module, such as create_speech")]


class ModelSource(Words):
    """A list that may contain the chosen model. The first source with its row wins."""

    from_: str = Field(alias="from")
    """The name of the source in `definitions/options/`, in camelCase.
    Example: imageModels"""
    property: Name = "model"
    """The property with the value to look up.
    Example: model"""
    query: dict[str, str] = {}
    """Query parameters of every request for the list.
    Example: {output_modalities: image}"""
    lookup_condition: bool | str = False
    """Whether a call looks up the row as well as the form: always, or under a condition.
    Example: response.responseFormat == 'JSON'"""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled condition of `lookupCondition`."""
        return (
            compile_condition(self.lookup_condition)
            if isinstance(self.lookup_condition, str)
            else None
        )

    def is_needed(self, values: JsonObject) -> bool:
        """Return whether a call with these values needs the row."""
        return self.condition.holds(values) if self.condition else bool(self.lookup_condition)


class Poll(Words):
    """A long-running job: its status is requested until it is done."""

    request: RequestLine
    """The status request. `{name}` is replaced by a value of the first response.
    Example: GET /videos/{id}"""
    status: Path
    """Where the response holds the status.
    Example: status"""
    done: tuple[str, ...]
    """The statuses of a finished job.
    Example: [completed]"""
    failed: tuple[str, ...] = ()
    """The statuses of a failed job.
    Example: [failed, cancelled, expired]"""
    error: Path | None = None
    """Where the response holds the reason of a failure.
    Example: error"""
    every: float = Field(default=5, gt=0)
    """Seconds between two status requests. The first ones follow sooner.
    Example: 10"""
    within: float = Field(default=900, gt=0)
    """Seconds until the call ends with JobTimedOutError. The job itself continues.
    Example: 900"""
    then: RequestLine | None = None
    """The request for the result of a finished job. `{name}` is replaced by a value of the last
    response.
    Example: GET /videos/{id}/content"""
    id: Path = "id"
    """Where the first response holds the id of the job.
    Example: id"""
    resume: Name | None = None
    """The property with the id of a submitted job: the call waits for it instead of submitting one.
    Example: jobId"""


class Message(Words):
    """A chat message built from properties. It is omitted if all of them are missing."""

    for_each: Name | None = None
    """An ARRAY property that provides one message per item. The other words then name properties of
    an item.
    Example: messages"""
    role: Name
    """`system`, `user` or `assistant`. With `forEach`, the property that holds it, in any case.
    Example: user"""
    text: Name | None = None
    """The property with the text.
    Example: userPrompt"""
    files: Name | None = None
    """The property with the attached files, at any depth of its value.
    Example: attachments"""


class Server(Words):
    """The properties that select another server than the connection's."""

    base_url: Name
    """The property with the base URL.
    Example: baseUrl"""
    token: Name
    """The property with the API key of that server, of controlType PASSWORD. The connection's own
    token is never sent there.
    Example: apiKey"""


class ForEach(Words):
    """One call per item of a list. The output lists their outputs in the same order.

    A failed item has an `error` instead, unless all items fail.
    """

    property: Name
    """The property with the list.
    Example: images"""
    concurrency: Name
    """The property with the maximum number of concurrent calls.
    Example: maxConcurrentRequests"""
    unit: str
    """What progress messages call the items.
    Example: images"""


class SplitAudio(Words):
    """Audio that is too long for one call is cut at its silences, and the texts are joined."""

    property: Name
    """The audio, a FILE_ENTRY property.
    Example: file"""
    max_seconds: Name
    """The property with the maximum length of a part in seconds.
    Example: partLength"""
    max_bytes: int | None = Field(default=None, gt=100_000)
    """The largest file that the API accepts in one call, in bytes.
    Example: 24000000"""
    concurrency: Name
    """The property with the maximum number of concurrent parts.
    Example: maxConcurrentParts"""
    segments: Name | None = None
    """A BOOLEAN property that adds the time of each sentence to `metadata.segments`.
    Example: segments"""
    words: Name | None = None
    """A BOOLEAN property that adds the time of each word to `metadata.words`, if the model returns
    times.
    Example: words"""
    speakers: Name | None = None
    """A BOOLEAN property that adds the speaker of each word to `metadata.words`, if the model
    returns them.
    Example: diarize"""
    subtitles: Name | None = None
    """An ARRAY property with the formats of subtitle files: `srt`, `vtt`.
    Example: subtitles"""


class SplitText(Words):
    """Text that is too long for one call is cut after sentences, and the audio files are joined."""

    property: Name
    """The text, a STRING property.
    Example: input"""
    max_length: Name
    """The property with the maximum length of a part in characters.
    Example: partLength"""
    concurrency: Name
    """The property with the maximum number of concurrent parts.
    Example: maxConcurrentParts"""


class Bundle(Words):
    """Many requests of other actions that the API takes in one call and answers later.

    The body holds `endpoint`, `model` and, last, `requests`: a list of `{custom_id, body}`. Results
    have the format of OpenAI's batches: `{custom_id, response: {status_code, body}, error}`.
    """

    actions: dict[Name, str] = Field(min_length=1)
    """The actions whose requests can be sent so, each with what the API calls its endpoint.
    Example: {ask: /v1/chat/completions, createEmbeddings: /v1/embeddings}"""
    action: Name
    """The property with the action whose parameters the requests hold. Default: the first action,
    or the first of the chosen endpoint.
    Example: action"""
    endpoint: Name
    """The property with the endpoint, which may replace the action.
    Example: endpoint"""
    model: Name = "model"
    """The property with the model of all requests. Their actions have a property of the same name.
    Example: model"""
    requests: Name
    """The ARRAY property with the requests: parameters of the action, each perhaps with a
    `customId`, or `{custom_id, body}` as the API has them.
    Example: requests"""
    file: Name
    """The FILE_ENTRY property with the same as JSONL: one request per line.
    Example: requestsFile"""
    common: Name
    """The OBJECT property with parameters that all requests share.
    Example: parameters"""
    max_requests: int = Field(gt=0)
    """The maximum number of requests in one call.
    Example: 5000"""
    max_bytes: int = Field(gt=0)
    """The largest body of one call, in bytes.
    Example: 200000000"""
    split: bool = False
    """Whether more requests than one call takes are sent in several calls. Without it, they are
    refused.
    Example: true"""
    price_factor: float = Field(default=1, ge=0)
    """The price of a request in such a call, as a share of its price alone.
    Example: 0.5"""
    within: str | None = None
    """The time within which the API answers, in words.
    Example: 24 hours"""


class StoredKey(Words):
    """An API key in the response. It is stored as a connection, and never becomes an output."""

    path: Path
    """Where the response holds the key.
    Example: key"""
    name: Name
    """The property with the name of the connection. The response then holds this name as
    `connection`, in place of the key.
    Example: connectionName"""
    id: Path | None = None
    """Where the response holds the id of the key. It is in the error if the key was not stored.
    Example: data.hash"""
    label: Path | None = None
    """Where the response holds what people know the key by.
    Example: data.label"""
    delete: Name | None = None
    """The action that deletes a key.
    Example: deleteKey"""


class Action(Words):
    """One operation: its form, its request, its output. One file in `definitions/`."""

    name: Name
    """The name in camelCase; the file has it in snake_case.
    Example: createSpeech"""
    title: str
    """The title shown to people.
    Example: Create Speech"""
    description: str
    """One sentence about what the action does.
    Example: Convert text to speech and return an audio file."""
    ai_description: str | None = None
    """The description for a model that chooses among tools. Default: `description`.
    Example: Convert text (input) to speech with the given voice. Returns an audio file."""
    keywords: tuple[str, ...] = ()
    """Everyday words for the action that are neither in its title nor in its description: a search
    for them finds it.
    Example: [tts, voice, read aloud]"""
    operation_id: str | None = None
    """The `operationId` in the OpenAPI document of the API.
    Example: createAudioSpeech"""
    group: str | None = None
    """The heading in the palette. `Text tools` has the icon `icons/text_tools.svg`.
    Example: Audio"""
    help: str | None = None
    """The URL of a help page.
    Example: https://paperworks.example/docs/notes"""
    request: RequestLine
    """The method and path. `{name}` is replaced by the value of that property.
    Example: POST /audio/speech"""
    main: Name | None = None
    """The most important property: a command line takes it without a flag, a canvas shows it on the
    node.
    Example: userPrompt"""
    streams: bool = False
    """Whether the API can stream the answer (`stream: true`).
    Example: true"""
    dialect: Literal["chat", "messages", "responses", "images", "generation"] | None = None
    """The format of responses and streams: OpenAI's chat completions, Anthropic's messages,
    OpenAI's responses, images as base64, or JSON whose `id` is that of the generation. Default:
    plain JSON or a file.
    Example: chat"""
    destructive: bool = False
    """Whether the action deletes something for good.
    Example: true"""
    management_key: bool = False
    """Whether the action requires a management key. Agents get it only if its name or group is
    chosen.
    Example: true"""
    retry_not_found: float | None = Field(default=None, gt=0)
    """Seconds to retry a 404, for resources that appear with a delay.
    Example: 15"""
    model_sources: tuple[ModelSource, ...] = ()
    """The lists that may contain the chosen model. Its row limits the form, and may change the
    request.
    Example: [{from: speechModels}]"""
    price_source: str | None = None
    """The source with the prices of the chosen model, if its own row has none.
    Example: imageEndpoints"""
    properties: tuple[Property, ...] = ()
    """The fields of the form, in their order.
    Example: [{name: input, label: Input, type: STRING, required: true}]"""
    messages: tuple[Message, ...] = ()
    """The `messages` of a chat request, built from properties.
    Example: [{role: system, text: systemPrompt}, {role: user, text: userPrompt}]"""
    server: Server | None = None
    """The properties that select another server.
    Example: {baseUrl: baseUrl, token: apiKey}"""
    for_each: ForEach | None = None
    """Makes one call per item of a list.
    Example: {property: images, concurrency: maxConcurrentRequests, unit: images}"""
    split_audio: SplitAudio | None = None
    """Cuts audio that may be too long for one call at silences, and joins the texts.
    Example: {property: file, maxSeconds: partLength, concurrency: maxConcurrentParts}"""
    split_text: SplitText | None = None
    """Cuts text that may be too long for one call after sentences, and joins the audio.
    Example: {property: input, maxLength: partLength, concurrency: maxConcurrentParts}"""
    bundle: Bundle | None = None
    """Sends many requests of other actions in one call.
    Example: {actions: {ask: /v1/chat/completions}, action: action, endpoint: endpoint,
    requests: requests, file: requestsFile, common: parameters, maxRequests: 5000,
    maxBytes: 200000000}"""
    results: Path | None = None
    """Where the response holds a list that may be too long for memory. It is stored as a JSONL
    file while it is received, and the output has the FILE_ENTRY in its place.
    Example: results"""
    error_output: Name | None = None
    """The part of the output that holds the error of a failed call, which then counts as a result.
    Example: errorStatus"""
    poll: Poll | None = None
    """How to wait for a job that continues after the first response.
    Example: {request: 'GET /videos/{id}', status: status, done: [completed]}"""
    stores_key: StoredKey | None = None
    """Stores an API key that the response holds as a connection, and keeps it out of the output.
    Example: {path: key, name: connectionName}"""
    output: Output
    """What the action returns.
    Example: {type: STRING, path: text}"""
    hook: Module | None = None
    """A module in `hooks/`: pure functions for what words cannot express.
    Example: create_speech"""
    bytechef: bool = True
    """Whether the ByteChef export includes the action.
    Example: false"""
