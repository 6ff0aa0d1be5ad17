"""The actions as typed functions. Generated from the definition by `make docs`; do not edit."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NotRequired, TypeAlias, TypedDict

from .values import FileEntry, Json, JsonObject, Result

class FileJson(TypedDict):
    """A FILE_ENTRY as JSON."""

    extension: str
    mimeType: str
    name: str
    url: str

File: TypeAlias = FileEntry | Path | FileJson | str
"""A file: an entry of a result, a `Path` of this machine, or an http(s) or data: URL."""

class MessagesItem(TypedDict):
    role: Literal['SYSTEM', 'USER', 'ASSISTANT']
    """The role of the author."""
    content: str
    """The text of the message."""
    attachments: NotRequired[Sequence[File] | None]
    """Files to send with this message."""

class Response(TypedDict):
    responseFormat: NotRequired[Literal['TEXT', 'JSON'] | None]
    """Plain text, or data that matches a schema."""
    responseSchema: NotRequired[str | JsonObject | None]
    """The JSON Schema of the answer. Models with `structured_outputs` enforce it; other models
    receive it in the prompt. The answer is always validated."""

class ProviderSortBy(TypedDict):
    by: Literal['price', 'throughput', 'latency', 'exacto']
    """The property by which providers are preferred."""
    partition: NotRequired[Literal['model', 'none'] | None]
    """Sorts the endpoints per model (model) or all together (none)."""

class ProviderPreferredMinThroughput(TypedDict):
    p50: NotRequired[float | None]
    p75: NotRequired[float | None]
    p90: NotRequired[float | None]
    p99: NotRequired[float | None]

class ProviderMaxPrice(TypedDict):
    prompt: NotRequired[float | None]
    """Per million input tokens."""
    completion: NotRequired[float | None]
    """Per million output tokens."""
    request: NotRequired[float | None]
    """Per request."""
    image: NotRequired[float | None]
    """Per image."""
    audio: NotRequired[float | None]
    """Per million audio tokens."""

class Provider(TypedDict):
    order: NotRequired[Sequence[str] | None]
    """Provider slugs to try first."""
    only: NotRequired[Sequence[str] | None]
    """Only these provider slugs may serve the request."""
    ignore: NotRequired[Sequence[str] | None]
    """Provider slugs that must not serve the request."""
    allowFallbacks: NotRequired[bool | None]
    """Whether other providers may serve the request if the first ones fail."""
    requireParameters: NotRequired[bool | None]
    """Only providers that support all parameters of the request."""
    sort: NotRequired[Literal['price', 'throughput', 'latency', 'exacto'] | None]
    """The property by which providers are preferred."""
    sortBy: NotRequired[ProviderSortBy | None]
    """Sorts the providers of all fallback models together or per model."""
    dataCollection: NotRequired[Literal['allow', 'deny'] | None]
    """Whether providers may store the data or train on it."""
    zdr: NotRequired[bool | None]
    """Only endpoints that store nothing."""
    enforceDistillableText: NotRequired[bool | None]
    """Only models whose output may be used for training."""
    quantizations: NotRequired[Sequence[Literal['int4', 'int8', 'fp4', 'mxfp4', 'nvfp4', 'fp6', 'fp8', 'mxfp8', 'fp16', 'bf16', 'fp32', 'unknown']] | None]
    """Only endpoints with one of these precisions."""
    preferredMinThroughput: NotRequired[float | ProviderPreferredMinThroughput | None]
    """The minimum tokens per second, as a number or as {"p90": 50}. Slower endpoints are tried
    later."""
    preferredMaxLatency: NotRequired[float | ProviderPreferredMinThroughput | None]
    """The maximum seconds to the first token, as a number or as {"p90": 3}. Slower endpoints are
    tried later."""
    maxPrice: NotRequired[ProviderMaxPrice | None]
    """The maximum price in USD. More expensive providers must not serve the request."""

class ServerToolsItemWebSearchUserLocation(TypedDict):
    type: NotRequired[Literal['approximate'] | None]
    """The precision."""
    city: NotRequired[str | None]
    """The city."""
    region: NotRequired[str | None]
    """The region."""
    country: NotRequired[str | None]
    """The code of the country."""
    timezone: NotRequired[str | None]
    """The time zone."""

class ServerToolsItemWebSearchXSearch(TypedDict):
    allowedXHandles: NotRequired[Sequence[str] | None]
    """Only these accounts."""
    excludedXHandles: NotRequired[Sequence[str] | None]
    """Not these accounts."""
    fromDate: NotRequired[str | None]
    """The first day."""
    toDate: NotRequired[str | None]
    """The last day."""
    enableImageUnderstanding: NotRequired[bool | None]
    """Whether images of posts are read."""
    enableVideoUnderstanding: NotRequired[bool | None]
    """Whether videos of posts are watched."""

class ServerToolsItemWebSearch(TypedDict):
    engine: NotRequired[Literal['auto', 'native', 'exa', 'parallel', 'firecrawl', 'perplexity'] | None]
    """The search engine. Each has its own price."""
    maxResults: NotRequired[int | None]
    """Per search."""
    maxTotalResults: NotRequired[int | None]
    """Of all searches."""
    maxUses: NotRequired[int | None]
    """The maximum number of searches."""
    maxCharacters: NotRequired[int | None]
    """Per result."""
    mode: NotRequired[Literal['instant', 'fast', 'auto', 'deep-lite', 'deep', 'deep-reasoning', 'turbo', 'basic', 'advanced'] | None]
    """How thorough a search is. Each engine supports some of them."""
    searchContextSize: NotRequired[Literal['low', 'medium', 'high'] | None]
    """How much of the results the model reads."""
    allowedDomains: NotRequired[Sequence[str] | None]
    """Only these domains."""
    excludedDomains: NotRequired[Sequence[str] | None]
    """Not these domains."""
    userLocation: NotRequired[ServerToolsItemWebSearchUserLocation | None]
    """Where the user is, for local results."""
    xSearch: NotRequired[ServerToolsItemWebSearchXSearch | None]
    """Searches posts on X as well. Only for xAI's models with native search; it has its own
    price."""

class ServerToolsItemWebFetch(TypedDict):
    engine: NotRequired[Literal['auto', 'native', 'openrouter', 'exa', 'parallel', 'firecrawl'] | None]
    """What fetches the pages. Each has its own price."""
    maxUses: NotRequired[int | None]
    """The maximum number of pages."""
    maxContentTokens: NotRequired[int | None]
    """Per page."""
    allowedDomains: NotRequired[Sequence[str] | None]
    """Only these domains."""
    blockedDomains: NotRequired[Sequence[str] | None]
    """Not these domains."""

class ServerToolsItemDatetime(TypedDict):
    timezone: NotRequired[str | None]
    """The time zone."""

class ServerToolsItemImageGeneration(TypedDict):
    model: NotRequired[str | None]
    """The model that generates the images."""

class ServerToolsItemBashEnvironment(TypedDict):
    type: Literal['container_auto', 'container_reference']
    """Which container."""
    containerId: NotRequired[str | None]
    """The id of the container."""
    fileIds: NotRequired[Sequence[str] | None]
    """The ids of stored files to copy into it."""

class ServerToolsItemBash(TypedDict):
    engine: NotRequired[Literal['auto', 'native', 'openrouter'] | None]
    """What runs the commands."""
    environment: NotRequired[ServerToolsItemBashEnvironment | None]
    """A new container, or one of an earlier answer."""

class ServerToolsItemShell(TypedDict):
    engine: NotRequired[Literal['auto', 'openrouter'] | None]
    """What runs the commands."""
    environment: NotRequired[ServerToolsItemBashEnvironment | None]
    """A new container, or one of an earlier answer."""

class ServerToolsItemSubagentReasoning(TypedDict):
    effort: NotRequired[Literal['max', 'xhigh', 'high', 'medium', 'low', 'minimal', 'none'] | None]
    """How much."""
    maxTokens: NotRequired[int | None]
    """The maximum number of tokens for it."""

class ServerToolsItemSubagent(TypedDict):
    name: NotRequired[str | None]
    """A name, if there are several subagents. Each needs its own."""
    model: NotRequired[str | None]
    """The model. Default: that of the request."""
    instructions: NotRequired[str | None]
    """Its system prompt."""
    tools: NotRequired[Sequence[JsonObject] | None]
    """The server tools of the subagent, such as `[{"type":"openrouter:web_search"}]`. The subagent
    tool itself is not allowed."""
    maxToolCalls: NotRequired[int | None]
    """The maximum number of calls."""
    maxCompletionTokens: NotRequired[int | None]
    """The maximum number of tokens in its answer, including reasoning."""
    temperature: NotRequired[float | None]
    """The randomness of its answer."""
    reasoning: NotRequired[ServerToolsItemSubagentReasoning | None]
    """How much the subagent reasons."""
    inheritFunctions: NotRequired[bool | None]
    """Whether it may call all functions in Tools. Create Response only."""
    inheritedFunctionNames: NotRequired[Sequence[str] | None]
    """The functions that it may call. Create Response only."""

class ServerToolsItemAdvisor(TypedDict):
    name: NotRequired[str | None]
    """A name, if there are several advisors. Each needs its own."""
    model: NotRequired[str | None]
    """The model. Default: that of the request."""
    instructions: NotRequired[str | None]
    """Its system prompt."""
    forwardTranscript: NotRequired[bool | None]
    """Whether it reads the whole conversation, instead of the question alone."""
    stream: NotRequired[bool | None]
    """Whether its advice is streamed too. Create Response only."""
    maxCompletionTokens: NotRequired[int | None]
    """The maximum number of tokens in its answer, including reasoning."""
    temperature: NotRequired[float | None]
    """The randomness of its answer."""
    reasoning: NotRequired[ServerToolsItemSubagentReasoning | None]
    """How much the advisor reasons."""

class ServerToolsItemFusionCacheControl(TypedDict):
    type: NotRequired[Literal['ephemeral'] | None]
    """The kind."""
    ttl: NotRequired[Literal['5m', '1h'] | None]
    """How long it is kept."""

class ServerToolsItemFusion(TypedDict):
    analysisModels: NotRequired[Sequence[str] | None]
    """The models that answer. Each call is paid."""
    model: NotRequired[str | None]
    """The model that joins the answers. Default: that of the request."""
    tools: NotRequired[Sequence[JsonObject] | None]
    """The server tools of all of them, such as `[{"type":"openrouter:web_search"}]`. Default: web
    search and web fetch. An empty list means no tools."""
    maxToolCalls: NotRequired[int | None]
    """The maximum number of calls of each model. Default: 4."""
    maxCompletionTokens: NotRequired[int | None]
    """The maximum number of tokens in each answer, including reasoning. Default: 16000."""
    temperature: NotRequired[float | None]
    """The randomness of the answers of the panel."""
    reasoning: NotRequired[ServerToolsItemSubagentReasoning | None]
    """How much each model reasons."""
    cacheControl: NotRequired[ServerToolsItemFusionCacheControl | None]
    """Whether the prompt is cached."""

class ServerToolsItemApplyPatch(TypedDict):
    engine: NotRequired[Literal['auto', 'native', 'openrouter'] | None]
    """What checks them."""

class ServerToolsItemToolSearch(TypedDict):
    maxResults: NotRequired[int | None]
    """The maximum number of tools that a search returns. Default: 5."""

class ServerToolsItemSearchModels(TypedDict):
    maxResults: NotRequired[int | None]
    """The maximum number of models. Default: 5."""

class ServerToolsItem(TypedDict):
    type: str
    """The tool. The list shows its engines and prices."""
    webSearch: NotRequired[ServerToolsItemWebSearch | None]
    """How the web is searched."""
    webFetch: NotRequired[ServerToolsItemWebFetch | None]
    """Which pages the model may read."""
    datetime: NotRequired[ServerToolsItemDatetime | None]
    """The time that the model is told."""
    imageGeneration: NotRequired[ServerToolsItemImageGeneration | None]
    """How images are generated."""
    bash: NotRequired[ServerToolsItemBash | None]
    """Where shell commands run."""
    shell: NotRequired[ServerToolsItemShell | None]
    """Where the commands of the hosted shell run."""
    subagent: NotRequired[ServerToolsItemSubagent | None]
    """The model that performs tasks for the first one."""
    advisor: NotRequired[ServerToolsItemAdvisor | None]
    """The model that the first one asks for advice."""
    fusion: NotRequired[ServerToolsItemFusion | None]
    """The models that answer in parallel, and the one that joins their answers."""
    applyPatch: NotRequired[ServerToolsItemApplyPatch | None]
    """How changes of files are checked. Create Response only."""
    toolSearch: NotRequired[ServerToolsItemToolSearch | None]
    """How deferred tools are found."""
    searchModels: NotRequired[ServerToolsItemSearchModels | None]
    """How models of OpenRouter are searched."""
    parameters: NotRequired[Mapping[str, Json] | None]
    """Parameters that the form lacks, and those of tools without a form, as List Server Tools
    describes them."""

class PluginsItem(TypedDict):
    id: str
    """The plugin. A new one can be typed."""

class ImageMessagesItem(TypedDict):
    content: str
    """A description of the image."""
    weight: NotRequired[float | None]
    """1 is normal, less counts less; negative values describe what to avoid."""

class CreateImageProvider(TypedDict):
    order: NotRequired[Sequence[str] | None]
    """Provider slugs to try first."""
    only: NotRequired[Sequence[str] | None]
    """Only these provider slugs may serve the request."""
    ignore: NotRequired[Sequence[str] | None]
    """Provider slugs that must not serve the request."""
    allowFallbacks: NotRequired[bool | None]
    """Whether other providers may serve the request if the first ones fail."""
    sort: NotRequired[Literal['price', 'throughput', 'latency', 'exacto'] | None]
    """The property by which providers are preferred."""
    options: NotRequired[Mapping[str, JsonObject] | None]
    """An object for each provider slug, such as `{"openai":{"moderation":"low"}}`."""

class TurnsItem(TypedDict):
    text: str
    """The text of this turn."""
    voice: NotRequired[str | None]
    """The voice of this turn. Default: Voice."""
    instructions: NotRequired[str | None]
    """How this turn is spoken. Overrides Instructions."""

class InputReferencesItem(TypedDict):
    type: NotRequired[Literal['input_audio', 'text', 'image_url'] | None]
    """The type of the reference. A transcript follows its recording."""
    audio: NotRequired[File | None]
    """The recording: at most 15 MB."""
    text: NotRequired[str | None]
    """What is said in the recording before it."""
    image: NotRequired[File | None]
    """The image."""

class CreateSpeechProvider(TypedDict):
    dataCollection: NotRequired[Literal['allow', 'deny'] | None]
    """Whether providers may store the data or train on it."""
    zdr: NotRequired[bool | None]
    """Only endpoints that store nothing."""
    options: NotRequired[Mapping[str, JsonObject] | None]
    """An object for each provider slug, such as `{"openai":{"instructions":"Whisper."}}`."""

class Reasoning(TypedDict):
    effort: NotRequired[Literal['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] | None]
    """How much the model reasons. Set this or Max Tokens."""
    maxTokens: NotRequired[int | None]
    """The maximum number of reasoning tokens, for models that support a limit."""
    summary: NotRequired[Literal['auto', 'concise', 'detailed'] | None]
    """The length of the reasoning summary."""
    enabled: NotRequired[bool | None]
    """Whether the model reasons, with its default effort."""
    exclude: NotRequired[bool | None]
    """Omits the reasoning from the response. It is billed all the same."""

class StopServerToolsWhenItem(TypedDict):
    type: Literal['max_cost', 'max_tokens_used', 'step_count_is', 'has_tool_call', 'finish_reason_is']
    """What is counted."""
    maxCostInDollars: NotRequired[float | None]
    """The maximum cost in USD."""
    maxTokens: NotRequired[int | None]
    """The maximum number of tokens."""
    stepCount: NotRequired[int | None]
    """The number of steps."""
    toolName: NotRequired[str | None]
    """The name of the tool whose call ends the steps."""
    reason: NotRequired[str | None]
    """A finish reason of the model, such as length."""

class DeferredToolsSearch(TypedDict):
    type: NotRequired[Literal['bm25', 'regex', 'custom'] | None]
    """By words (bm25), by regular expression, or by a tool of your own (custom)."""
    maxResults: NotRequired[int | None]
    """The maximum number of tools that a search returns."""
    toolId: NotRequired[str | None]
    """Your tool that searches."""
    resultKey: NotRequired[str | None]
    """The key of its result that lists the tools."""

class DeferredTools(TypedDict):
    search: NotRequired[DeferredToolsSearch | None]
    """How tools are found."""
    protocol: NotRequired[Literal['v1'] | None]
    """The version of the protocol."""
    profile: NotRequired[Literal['portable'] | None]
    """How tools are loaded: OpenRouter searches for any model."""
    validation: NotRequired[Literal['runtime'] | None]
    """Where the arguments of a tool call are checked: at OpenRouter."""

class Audio(TypedDict):
    voice: str
    """The voice."""
    format: NotRequired[Literal['pcm16', 'wav', 'mp3', 'flac', 'opus'] | None]
    """The audio format."""

class CacheControl(TypedDict):
    type: NotRequired[Literal['ephemeral'] | None]
    """The type of the cache."""
    ttl: NotRequired[Literal['5m', '1h'] | None]
    """How long the cache is kept. Default: five minutes."""

class PromptCacheOptions(TypedDict):
    mode: NotRequired[Literal['explicit'] | None]
    """Caches only the blocks that are marked with `prompt_cache_breakpoint`."""
    ttl: NotRequired[Literal['30m', '12h'] | None]
    """The minimum lifetime. 12 hours cost more."""

class StreamOptions(TypedDict):
    includeUsage: NotRequired[bool | None]
    """Without effect."""

class Debug(TypedDict):
    echoUpstreamBody: NotRequired[bool | None]
    """Returns the request that was sent to the provider."""

class ToolChoice(TypedDict):
    type: Literal['auto', 'any', 'none', 'tool']
    """The model decides (auto), calls any tool (any), no tool (none) or a specific one (tool)."""
    name: NotRequired[str | None]
    """The name of the tool."""
    disableParallelToolUse: NotRequired[bool | None]
    """Limits the model to one tool call at a time."""

class Thinking(TypedDict):
    type: Literal['enabled', 'adaptive', 'disabled']
    """Within a token budget (enabled), as the model decides (adaptive), or not at all."""
    budgetTokens: NotRequired[int | None]
    """The maximum number of thinking tokens; less than Max Tokens."""
    display: NotRequired[Literal['summarized', 'omitted'] | None]
    """Whether the response contains a summary of the thinking."""

class OutputConfigTaskBudget(TypedDict):
    type: NotRequired[Literal['tokens'] | None]
    """The unit of the budget."""
    total: int
    """The total number of tokens."""
    remaining: NotRequired[int | None]
    """The remaining number of tokens."""

class OutputConfig(TypedDict):
    effort: NotRequired[Literal['low', 'medium', 'high', 'xhigh', 'max'] | None]
    """The effort that the model spends on the answer."""
    format: NotRequired[JsonObject | None]
    """A JSON Schema for the answer."""
    taskBudget: NotRequired[OutputConfigTaskBudget | None]
    """A token budget for the whole task. The model sees how many tokens remain."""

class FallbacksItem(TypedDict):
    model: str
    """The model."""

class Metadata(TypedDict):
    userId: NotRequired[str | None]
    """A stable identifier of the end user."""

class Text(TypedDict):
    format: NotRequired[JsonObject | None]
    """Plain text, any JSON, or JSON that matches a schema."""
    verbosity: NotRequired[Literal['low', 'medium', 'high', 'xhigh', 'max'] | None]
    """The length of the answer."""

class CreateResponseReasoning(TypedDict):
    effort: NotRequired[Literal['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] | None]
    """How much the model reasons. Set this or Max Tokens."""
    maxTokens: NotRequired[int | None]
    """The maximum number of reasoning tokens, for models that support a limit."""
    summary: NotRequired[Literal['auto', 'concise', 'detailed'] | None]
    """The length of the reasoning summary."""
    enabled: NotRequired[bool | None]
    """Reasons with the default effort of the model."""
    context: NotRequired[Literal['auto', 'all_turns', 'current_turn'] | None]
    """Which earlier reasoning the model receives."""
    mode: NotRequired[Literal['standard', 'pro'] | None]
    """A deeper mode, for models that support it."""

class Prompt(TypedDict):
    id: str
    """The id of the stored prompt."""
    variables: NotRequired[Mapping[str, Json] | None]
    """The values of its variables."""

class FrameImagesItem(TypedDict):
    frameType: Literal['first_frame', 'last_frame']
    """First or last frame."""
    image: File
    """The image."""
    type: NotRequired[Literal['image_url'] | None]
    """The type of the frame, always an image."""

class CreateVideoInputReferencesItem(TypedDict):
    type: NotRequired[Literal['image_url', 'audio_url', 'video_url'] | None]
    """The type of the reference."""
    image: NotRequired[File | None]
    """The image."""
    audio: NotRequired[File | None]
    """The audio file."""
    video: NotRequired[File | None]
    """The video file."""

class CreateVideoProvider(TypedDict):
    options: NotRequired[Mapping[str, JsonObject] | None]
    """An object for each provider slug, such as `{"openai":{"instructions":"Whisper."}}`."""

class InputItem(TypedDict):
    content: Sequence[JsonObject]

class DocumentsItem(TypedDict):
    text: NotRequired[str | None]
    """The text of the document."""
    image: NotRequired[str | None]
    """The URL of an image, or a data URL."""

class CreateBatchProvider(TypedDict):
    only: NotRequired[Sequence[str] | None]
    """Only these provider slugs may run the batch."""
    allowFallbacks: NotRequired[bool | None]
    """Whether another provider may run the batch if the first one fails."""

class TimeRange(TypedDict):
    start: str
    """The start (UTC), as YYYY-MM-DDTHH:MM:SSZ."""
    end: str
    """The end (UTC), as YYYY-MM-DDTHH:MM:SSZ."""

class FiltersItem(TypedDict):
    field: str
    """The dimension."""
    operator: str
    """The operator, as Get Analytics Fields lists it."""
    value: str | float | Sequence[str]
    """A value, or a list of values."""
    includeUnset: NotRequired[bool | None]
    """Includes rows without a value."""

class OrderBy(TypedDict):
    field: str
    """A metric, a dimension or date."""
    direction: Literal['asc', 'desc']
    """Ascending or descending."""


class Actions:
    """The actions of a session as functions: `await session.actions.ask(model=…, userPrompt=…)`."""

    def __init__(
        self, perform: Callable[[str, JsonObject], Awaitable[Result]], names: Sequence[str]
    ) -> None: ...

    async def ask(
        self,
        *,
        supportedParameters: Sequence[str] | None = ...,
        model: str,
        userPrompt: str | None = ...,
        format: Literal['SIMPLE', 'ADVANCED'] | None = ...,
        systemPrompt: str | None = ...,
        attachments: Sequence[File] | None = ...,
        messages: Sequence[MessagesItem] | None = ...,
        response: Response | None = ...,
        frequencyPenalty: float | None = ...,
        logitBias: Mapping[str, float] | None = ...,
        logprobs: bool | None = ...,
        maxCompletionTokens: int | None = ...,
        maxTokens: int | None = ...,
        presencePenalty: float | None = ...,
        reasoning: Literal['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] | None = ...,
        seed: int | None = ...,
        stop: Sequence[str] | None = ...,
        temperature: float | None = ...,
        topLogprobs: int | None = ...,
        topK: int | None = ...,
        topP: float | None = ...,
        verbosity: Literal['low', 'medium', 'high'] | None = ...,
        user: str | None = ...,
        models: Sequence[str] | None = ...,
        provider: Provider | None = ...,
        serverTools: Sequence[ServerToolsItem] | None = ...,
        plugins: Sequence[PluginsItem] | None = ...,
        routingMetadata: Literal[True, False, 'enabled', 'disabled'] | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Ask a model a question, optionally with files, and return text or structured data.

        Args:
            supportedParameters: Filters the form: only models that support all of these parameters,
                and only these parameters as fields.
            model: The model, such as `openai/gpt-5-mini`.
            userPrompt: The prompt for the model. It is sent unchanged.
            format: The format of the prompt.
            systemPrompt: Instructions for the behavior of the model.
            attachments: Files to send with the prompt. Text files work with every model; images,
                PDF, audio and video require a model that supports them.
            messages: The conversation so far, with the newest message last.
            response: The format of the answer.
            frequencyPenalty: From -2 to 2. Positive values make a token less likely each time it
                occurs.
            logitBias: Token ids, each with a bias from -100 (never) to 100 (always).
            logprobs: Returns the log probability of each token of the answer.
            maxCompletionTokens: The maximum number of tokens in the answer, including reasoning.
            maxTokens: The maximum number of tokens in the answer. Without it, your credits must
                cover the longest possible answer.
            presencePenalty: From -2 to 2. Positive values make tokens less likely once they have
                occurred.
            reasoning: How much a reasoning model reasons. Reasoning is billed as output.
            seed: The same seed and prompt should return the same answer, if the model supports it.
            stop: Up to four texts. The answer ends before the first occurrence of one.
            temperature: From 0 (predictable) to 2 (random).
            topLogprobs: The number of likely tokens to return per position, from 0 to 20. Requires
                Logprobs.
            topK: Samples from this number of most likely tokens; 0 sets no limit.
            topP: Samples from the most likely tokens that together have this probability. Set this
                or Temperature.
            verbosity: The length of the answer.
            user: A stable identifier of the end user, which helps to detect abuse.
            models: Up to three models to try, in this order, if the model fails.
            provider: Which providers may serve the request, and in which order.
            serverTools: Tools that OpenRouter runs while the model answers, such as web search.
                They have their own prices.
            plugins: What OpenRouter does before and after the model answers, such as reading PDF
                files or repairing JSON.
            routingMetadata: Adds to `metadata.routing` how the request was routed: the strategy,
                the providers that were tried, and why.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createImage(
        self,
        *,
        model: str,
        imageMessages: Sequence[ImageMessagesItem],
        aspectRatio: Literal['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9', '1:4', '4:1', '1:8', '8:1', '1:2', '2:1', '9:19.5', '19.5:9', '9:20', '20:9', '9:21', '2.35:1', '5:2', '5:7', '7:5', 'auto'] | None = ...,
        size: Literal['1K', '2K', '4K', '0.5K', '0.75K', '1.5K', '512', '768'] | None = ...,
        pixelSize: str | None = ...,
        n: int | None = ...,
        quality: Literal['auto', 'low', 'medium', 'high', 'xhigh', 'max'] | None = ...,
        background: Literal['auto', 'transparent', 'opaque'] | None = ...,
        outputFormat: Literal['png', 'jpeg', 'webp', 'svg'] | None = ...,
        outputCompression: int | None = ...,
        seed: int | None = ...,
        attachments: Sequence[File] | None = ...,
        user: str | None = ...,
        provider: CreateImageProvider | None = ...,
        sessionId: str | None = ...,
        trace: Mapping[str, Json] | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Create an image from text, and from other images if the model supports them.

        Args:
            model: A model that generates images, such as `google/gemini-2.5-flash-image`.
            imageMessages: The prompts. All of them are used.
            aspectRatio: The ratio of width to height. The options depend on the model.
            size: The resolution of the image. The options depend on the model.
            pixelSize: The width and height in pixels. Replaces Size and Aspect Ratio.
            n: The maximum number of images, from 1 to 10. Many models return only one.
            quality: The quality of the image. Models without this choice ignore it.
            background: Whether the background is transparent. It then requires PNG or WebP.
            outputFormat: The file format. Few models generate SVG.
            outputCompression: From 0 to 100, for JPEG and WebP. 100 is the best quality.
            seed: The same seed and prompt should return the same image, if the model supports it.
            attachments: Input images, and text files that belong to the prompt.
            user: A stable identifier of the end user, which helps to detect abuse.
            provider: Which providers may serve the request, and in which order.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createSpeech(
        self,
        *,
        model: str,
        input: str | None = ...,
        turns: Sequence[TurnsItem] | None = ...,
        voice: str,
        responseFormat: Literal['mp3', 'pcm', 'wav'] | None = ...,
        speed: float | None = ...,
        instructions: str | None = ...,
        inputReferences: Sequence[InputReferencesItem] | None = ...,
        partLength: int | None = ...,
        maxConcurrentParts: int | None = ...,
        provider: CreateSpeechProvider | None = ...,
        user: str | None = ...,
        sessionId: str | None = ...,
        trace: Mapping[str, Json] | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Convert a text of any length to speech and return an audio file.

        Args:
            model: A model that generates speech, such as `openai/gpt-4o-mini-tts-2025-12-15`.
            input: The text to speak.
            turns: The turns of several speakers, in their order, instead of Input. Supported by the
                speech models of Gemini and Fish Audio.
            voice: The voice, such as `alloy`. The options depend on the model.
            responseFormat: The audio format. MP3 and WAV play everywhere; PCM is raw samples (24
                kHz, mono, 16 bit).
            speed: The speed; 1 is normal. Models without speed control ignore it.
            instructions: How the text is spoken, such as tone, pacing or emotion. Models other than
                gpt-4o-mini-tts, Gemini and Fish Audio ignore it.
            inputReferences: Recordings of a voice to imitate, each with its transcript if known; or
                an image that describes the voice. Few models support them.
            partLength: The maximum characters per part. Longer text is split after sentences, and
                its audio joined.
            maxConcurrentParts: The maximum number of parts that are sent concurrently.
            provider: What the provider may do with the data, and options of a single provider.
            user: A stable identifier of the end user, which helps to detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createTranscription(
        self,
        *,
        model: str,
        file: File | None = ...,
        sourceUrl: str | None = ...,
        language: Literal['AF', 'AR', 'HY', 'AZ', 'BE', 'BS', 'BG', 'CA', 'ZH', 'HR', 'CS', 'DA', 'NL', 'EL', 'ET', 'EN', 'FI', 'FR', 'GL', 'DE', 'HE', 'HI', 'HU', 'IS', 'ID', 'IT', 'JA', 'KK', 'KN', 'KO', 'LT', 'LV', 'MA', 'MK', 'MR', 'MS', 'NE', 'NO', 'FA', 'PL', 'PT', 'RO', 'RU', 'SK', 'SL', 'SR', 'ES', 'SV', 'SW', 'TA', 'TL', 'TH', 'TR', 'UK', 'UR', 'VI', 'CY', 'af', 'ar', 'hy', 'az', 'be', 'bs', 'bg', 'ca', 'zh', 'hr', 'cs', 'da', 'nl', 'el', 'et', 'en', 'fi', 'fr', 'gl', 'de', 'he', 'hi', 'hu', 'is', 'id', 'it', 'ja', 'kk', 'kn', 'ko', 'lt', 'lv', 'mr', 'mk', 'ms', 'ne', 'no', 'fa', 'pl', 'pt', 'ro', 'ru', 'sk', 'sl', 'sr', 'es', 'sv', 'sw', 'ta', 'tl', 'th', 'tr', 'uk', 'ur', 'vi', 'cy'] | None = ...,
        temperature: float | None = ...,
        segments: bool | None = ...,
        words: bool | None = ...,
        diarize: bool | None = ...,
        keyterms: Sequence[str] | None = ...,
        subtitles: Sequence[Literal['srt', 'vtt']] | None = ...,
        partLength: int | None = ...,
        maxConcurrentParts: int | None = ...,
        provider: CreateSpeechProvider | None = ...,
        user: str | None = ...,
        sessionId: str | None = ...,
        trace: Mapping[str, Json] | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Transcribe an audio file of any length.

        Args:
            model: A model that transcribes speech, such as `openai/whisper-large-v3`.
            file: The audio file: wav, mp3, flac, m4a, ogg, webm or aac.
            sourceUrl: The public URL of an audio file, instead of File. The provider downloads it
                in one piece; few providers support it.
            language: The spoken language. Default: detected by the model.
            temperature: From 0 (predictable) to 1 (random).
            segments: Adds the start and end of each segment to `metadata.segments`. For models
                without timestamps, the segments are the parts between silences.
            words: Adds the start and end of each word to `metadata.words`. Few models support it.
            diarize: Adds the speaker of each word to `metadata.words`. Few models support it.
            keyterms: Names and terms that occur in the audio. Few models support them.
            subtitles: Adds subtitle files to `metadata.files`.
            partLength: The maximum seconds per part. Longer audio is split at silences, because the
                API stops after one minute of processing and accepts 25 MB.
            maxConcurrentParts: The maximum number of parts that are sent concurrently.
            provider: What the provider may do with the data, and options of a single provider.
            user: A stable identifier of the end user, which helps to detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def analyzeImages(
        self,
        *,
        images: Sequence[File],
        model: str,
        taskType: Literal['unconstrained', 'ocr', 'visual-question-answering', 'caption', 'detailed-caption', 'classification', 'multi-label-classification', 'object-detection', 'structured-answering'] | None = ...,
        prompt: str | None = ...,
        classes: Sequence[str] | None = ...,
        outputStructure: Mapping[str, str] | None = ...,
        privacyLevel: Literal['deny', 'allow', 'zdr'] | None = ...,
        maxTokens: int | None = ...,
        temperature: float | None = ...,
        maxConcurrentRequests: int | None = ...,
        drawBoxes: bool | None = ...,
        longestSide: int | None = ...,
        reasoning: Reasoning | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Read, describe or classify images, or detect objects in them, one call per image. A failed image does not stop the others.

        Args:
            images: The images: JPEG, PNG, WebP or GIF. For animations, only the first frame is
                used.
            model: A model that reads images.
            taskType: The task for each image.
            prompt: The instruction or the question.
            classes: The possible classes, or the objects to detect. Without them, all objects are
                detected.
            outputStructure: The fields of the answer, each with a description of its value.
            privacyLevel: Which providers may receive the images. Stricter levels leave fewer
                providers.
            maxTokens: The maximum number of tokens in the answer for one image, including
                reasoning.
            temperature: From 0 (predictable) to 2 (random).
            maxConcurrentRequests: The maximum number of concurrent requests. Lower it if you reach
                rate limits.
            drawBoxes: Returns a copy of each image with the boxes drawn on it.
            longestSide: The maximum length of the longer side in pixels. Larger images are
                downscaled before they are sent, which saves time and tokens.
            reasoning: How a reasoning model reasons. Reasoning is billed as output.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def vision(
        self,
        *,
        imageUrls: Sequence[File],
        prompt: str,
        systemPrompt: str | None = ...,
        model: str,
        reasoning: Literal[False, True] | None = ...,
        temperature: float | None = ...,
        maxTokens: int | None = ...,
        longestSide: int | None = ...,
        provider: Provider | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Ask about one or more images in one call, and return the answer with its usage and cost.

        Args:
            imageUrls: The images as URLs or files.
            prompt: The question about the images.
            systemPrompt: Instructions for the behavior of the model.
            model: A model that reads images.
            reasoning: Whether the output contains the reasoning of the model. It is billed either
                way.
            temperature: From 0 (predictable) to 2 (random).
            maxTokens: The maximum number of tokens in the answer, including reasoning.
            longestSide: The maximum length of the longer side in pixels. Larger images are
                downscaled before they are sent, which saves time and tokens.
            provider: Which providers may serve the request, and in which order.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def prompt(
        self,
        *,
        baseUrl: str | None = ...,
        apiKey: str | None = ...,
        model: str,
        systemPrompt: str | None = ...,
        prompt: str,
        promptParameters: Mapping[str, str | float | bool | File | Sequence[File] | Sequence[Json] | JsonObject] | None = ...,
        promptParametersOperations: Mapping[str, Sequence[JsonObject]] | None = ...,
        maxTokens: int | None = ...,
        temperature: float | None = ...,
        longestSide: int | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Send a prompt with text and image inputs to any server with an OpenAI-compatible API.

        Args:
            baseUrl: The base URL of the server, including `/v1`. Default: that of the connection.
            apiKey: The API key of that server, if it requires one. The connection's own key is
                never sent there.
            model: The model as the server names it.
            systemPrompt: Instructions for the behavior of the model.
            prompt: The prompt. `{{ $parameters.name }}` is replaced by the input of that name.
            promptParameters: The inputs of the prompt by name: text, numbers, lists, images and
                lists of images. Images are always attached, even if the prompt does not name them.
            promptParametersOperations: Operations that change an input before it is used: for each
                input name a list, run in order.
            maxTokens: The maximum number of tokens in the answer.
            temperature: From 0 (predictable) to 2 (random).
            longestSide: The maximum length of the longer side in pixels. Larger images are
                downscaled before they are sent, which saves time and tokens.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def sendChatCompletion(
        self,
        *,
        model: str,
        messages: Sequence[JsonObject],
        tools: Sequence[JsonObject] | None = ...,
        serverTools: Sequence[ServerToolsItem] | None = ...,
        toolChoice: Literal['auto', 'none', 'required'] | JsonObject | None = ...,
        parallelToolCalls: bool | None = ...,
        stopServerToolsWhen: Sequence[StopServerToolsWhenItem] | None = ...,
        deferredTools: DeferredTools | None = ...,
        responseFormat: JsonObject | None = ...,
        maxCompletionTokens: int | None = ...,
        maxTokens: int | None = ...,
        reasoning: Reasoning | None = ...,
        reasoningEffort: Literal['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] | None = ...,
        temperature: float | None = ...,
        topP: float | None = ...,
        topK: int | None = ...,
        minP: float | None = ...,
        topA: float | None = ...,
        frequencyPenalty: float | None = ...,
        presencePenalty: float | None = ...,
        repetitionPenalty: float | None = ...,
        seed: int | None = ...,
        stop: str | Sequence[str] | None = ...,
        logitBias: Mapping[str, float] | None = ...,
        logprobs: bool | None = ...,
        topLogprobs: int | None = ...,
        verbosity: Literal['low', 'medium', 'high', 'xhigh', 'max'] | None = ...,
        modalities: Sequence[Literal['text', 'image', 'audio']] | None = ...,
        imageConfig: JsonObject | None = ...,
        audio: Audio | None = ...,
        prediction: JsonObject | None = ...,
        models: Sequence[str] | None = ...,
        provider: Provider | None = ...,
        route: Literal['fallback', 'sort'] | None = ...,
        plugins: Sequence[PluginsItem] | None = ...,
        serviceTier: Literal['auto', 'default', 'fast', 'flex', 'priority', 'scale', 'ultrafast'] | None = ...,
        cacheControl: CacheControl | None = ...,
        promptCacheKey: str | None = ...,
        promptCacheOptions: PromptCacheOptions | None = ...,
        user: str | None = ...,
        sessionId: str | None = ...,
        metadata: Mapping[str, str] | None = ...,
        trace: Mapping[str, Json] | None = ...,
        routingMetadata: Literal[True, False, 'enabled', 'disabled'] | None = ...,
        stream: bool | None = ...,
        streamOptions: StreamOptions | None = ...,
        debug: Debug | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Send a complete chat request, with tools if needed, and return the complete response.

        Args:
            model: The model.
            messages: The conversation so far, with the newest message last. Each has a role
                (system, user, assistant or tool) and content.
            tools: The tools that the model may call. Its calls are in the answer.
            serverTools: Tools that OpenRouter runs while the model answers, such as web search.
                They have their own prices.
            toolChoice: The model decides (auto), calls no tool (none), any tool (required), or a
                specific one (object).
            parallelToolCalls: Whether the model may call several tools at once.
            stopServerToolsWhen: Conditions that end the calls of server tools. The first one that
                is met counts.
            deferredTools: Loads tools on demand: the model searches those with `defer_loading`
                instead of reading all of them.
            responseFormat: The format of the answer, such as `{"type":"json_object"}`, a JSON
                Schema, `{"type":"python"}` or a grammar.
            maxCompletionTokens: The maximum number of tokens in the answer, including reasoning.
            maxTokens: The old name of Max Completion Tokens.
            reasoning: How a reasoning model reasons. Reasoning is billed as output.
            reasoningEffort: The same as Effort in Reasoning, under OpenAI's name. Set only one of
                the two.
            temperature: From 0 (predictable) to 2 (random).
            topP: Samples from the most likely tokens whose probabilities add up to this value. Set
                this or Temperature.
            topK: Samples from this number of most likely tokens; 0 sets no limit.
            minP: Ignores tokens whose probability is below this fraction of the highest one.
            topA: Ignores tokens whose probability is below this fraction of the square of the
                highest one.
            frequencyPenalty: From -2 to 2. Positive values make a token less likely each time it
                occurs.
            presencePenalty: From -2 to 2. Positive values make tokens less likely once they have
                occurred.
            repetitionPenalty: Values above 1 make repeated tokens less likely. Default of the API:
                1.
            seed: The same seed and prompt should return the same answer, if the model supports it.
            stop: One to four texts. The answer ends before the first occurrence of one.
            logitBias: Token ids, each with a bias from -100 (never) to 100 (always).
            logprobs: Returns the log probability of each token of the answer.
            topLogprobs: The number of likely tokens to return per position, from 0 to 20.
            verbosity: The length of the answer.
            modalities: The modalities of the answer.
            imageConfig: Settings of image models, such as
                `{"aspect_ratio":"16:9","image_size":"2K"}`.
            audio: The audio output of models that speak. It requires streaming.
            prediction: The expected answer, which lets some models finish sooner.
            models: Up to three models to try, in this order, if the model fails.
            provider: Which providers may serve the request, and in which order.
            route: The old setting for the order of fallback models. Use Sort Across Models instead.
            plugins: What OpenRouter does before and after the model answers, such as reading PDF
                files or repairing JSON.
            serviceTier: Faster and more expensive (ultrafast, priority or fast), or slower and
                cheaper (flex).
            cacheControl: Caches the prompt at the provider, so that later prompts with the same
                beginning cost less.
            promptCacheKey: The same key for all requests whose prompts begin with the same text, so
                that they share a cache.
            promptCacheOptions: Which parts of the prompt are cached, for models of OpenAI since
                GPT-5.6.
            user: A stable identifier of the end user, which helps to detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            metadata: Up to 16 of your own names and values, stored with the request.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            routingMetadata: Adds to `metadata.routing` how the request was routed: the strategy,
                the providers that were tried, and why.
            stream: Whether the API sends the answer in parts. The result is the same.
            streamOptions: Without effect, since the usage is always returned. Kept for old
                programs.
            debug: Debug output. It requires Stream.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createMessage(
        self,
        *,
        model: str,
        messages: Sequence[JsonObject],
        system: str | Sequence[JsonObject] | None = ...,
        maxTokens: int | None = ...,
        tools: Sequence[JsonObject] | None = ...,
        serverTools: Sequence[ServerToolsItem] | None = ...,
        toolChoice: ToolChoice | None = ...,
        stopServerToolsWhen: Sequence[StopServerToolsWhenItem] | None = ...,
        deferredTools: DeferredTools | None = ...,
        thinking: Thinking | None = ...,
        outputConfig: OutputConfig | None = ...,
        stopSequences: Sequence[str] | None = ...,
        temperature: float | None = ...,
        topP: float | None = ...,
        topK: int | None = ...,
        speed: Literal['standard', 'fast'] | None = ...,
        serviceTier: str | None = ...,
        cacheControl: CacheControl | None = ...,
        contextManagement: JsonObject | None = ...,
        models: Sequence[str] | None = ...,
        fallbacks: Sequence[FallbacksItem] | None = ...,
        safeguards: Sequence[JsonObject] | None = ...,
        provider: Provider | None = ...,
        route: Literal['fallback', 'sort'] | None = ...,
        plugins: Sequence[PluginsItem] | None = ...,
        metadata: Metadata | None = ...,
        user: str | None = ...,
        sessionId: str | None = ...,
        trace: Mapping[str, Json] | None = ...,
        routingMetadata: Literal[True, False, 'enabled', 'disabled'] | None = ...,
        stream: bool | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Call any model with a request in Anthropic's format, and return its message.

        Args:
            model: The model; it can be from any provider.
            messages: The conversation so far, user and assistant alternating, with the newest
                message last.
            system: Instructions for the behavior of the model, as text or as a list of text blocks.
            maxTokens: The maximum number of tokens in the answer, including reasoning.
            tools: The tools that the model may call. Its calls are in the answer.
            serverTools: Tools that OpenRouter runs while the model answers, such as web search.
                They have their own prices.
            toolChoice: Whether the model calls tools.
            stopServerToolsWhen: Conditions that end the calls of server tools. The first one that
                is met counts.
            deferredTools: Loads tools on demand: the model searches those with `defer_loading`
                instead of reading all of them.
            thinking: Whether and how much a reasoning model thinks.
            outputConfig: The effort and the format of the answer.
            stopSequences: The answer ends before the first occurrence of one of these texts.
            temperature: From 0 (predictable) to 2 (random).
            topP: Samples from the most likely tokens whose probabilities add up to this value. Set
                this or Temperature.
            topK: Samples from this number of most likely tokens; 0 sets no limit.
            speed: A faster and more expensive mode, for models that support it.
            serviceTier: The tier as the provider names it, such as auto or standard_only.
            cacheControl: Caches the prompt at the provider, so that later prompts with the same
                beginning cost less.
            contextManagement: Rules that remove old parts of a long conversation.
            models: Up to three models to try, in this order, if the model fails.
            fallbacks: Anthropic's format of Fallback Models: models to try in this order.
            safeguards: Checks that Anthropic makes beside the answer.
            provider: Which providers may serve the request, and in which order.
            route: The old setting for the order of fallback models. Use Sort Across Models instead.
            plugins: What OpenRouter does before and after the model answers, such as reading PDF
                files or repairing JSON.
            metadata: Metadata of the request.
            user: A stable identifier of the end user, which helps to detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            routingMetadata: Adds to `metadata.routing` how the request was routed: the strategy,
                the providers that were tried, and why.
            stream: Whether the API sends the answer in parts. The result is the same.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createResponse(
        self,
        *,
        model: str,
        input: str | Sequence[JsonObject],
        instructions: str | None = ...,
        maxOutputTokens: int | None = ...,
        tools: Sequence[JsonObject] | None = ...,
        serverTools: Sequence[ServerToolsItem] | None = ...,
        toolChoice: Literal['auto', 'none', 'required'] | JsonObject | None = ...,
        parallelToolCalls: bool | None = ...,
        stopServerToolsWhen: Sequence[StopServerToolsWhenItem] | None = ...,
        deferredTools: DeferredTools | None = ...,
        maxToolCalls: int | None = ...,
        text: Text | None = ...,
        reasoning: CreateResponseReasoning | None = ...,
        temperature: float | None = ...,
        topP: float | None = ...,
        topK: int | None = ...,
        frequencyPenalty: float | None = ...,
        presencePenalty: float | None = ...,
        topLogprobs: int | None = ...,
        stop: str | Sequence[str] | None = ...,
        include: Sequence[Literal['file_search_call.results', 'message.input_image.image_url', 'computer_call_output.output.image_url', 'reasoning.encrypted_content', 'code_interpreter_call.outputs']] | None = ...,
        modalities: Sequence[Literal['text', 'image']] | None = ...,
        imageConfig: JsonObject | None = ...,
        truncation: Literal['auto', 'disabled'] | None = ...,
        prompt: Prompt | None = ...,
        promptCacheKey: str | None = ...,
        promptCacheOptions: PromptCacheOptions | None = ...,
        cacheControl: CacheControl | None = ...,
        store: Literal[False] | None = ...,
        previousResponseId: str | None = ...,
        background: bool | None = ...,
        models: Sequence[str] | None = ...,
        provider: Provider | None = ...,
        route: Literal['fallback', 'sort'] | None = ...,
        plugins: Sequence[PluginsItem] | None = ...,
        serviceTier: Literal['auto', 'default', 'fast', 'flex', 'priority', 'scale', 'ultrafast'] | None = ...,
        user: str | None = ...,
        safetyIdentifier: str | None = ...,
        sessionId: str | None = ...,
        metadata: Mapping[str, str] | None = ...,
        trace: Mapping[str, Json] | None = ...,
        routingMetadata: Literal[True, False, 'enabled', 'disabled'] | None = ...,
        stream: bool | None = ...,
        debug: Debug | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Call any model with a request in OpenAI's Responses format, and return the response.

        Args:
            model: The model.
            input: The input as text, or the conversation so far as a list of items.
            instructions: Instructions for the behavior of the model.
            maxOutputTokens: The maximum number of tokens in the answer, including reasoning.
            tools: The tools that the model may call. Its calls are in the answer.
            serverTools: Tools that OpenRouter runs while the model answers, such as web search.
                They have their own prices.
            toolChoice: The model decides (auto), calls no tool (none), any tool (required), or a
                specific one (object).
            parallelToolCalls: Whether the model may call several tools at once.
            stopServerToolsWhen: Conditions that end the calls of server tools. The first one that
                is met counts.
            deferredTools: Loads tools on demand: the model searches those with `defer_loading`
                instead of reading all of them.
            maxToolCalls: The maximum number of tool calls that OpenRouter itself executes.
            text: The format of the answer.
            reasoning: How a reasoning model reasons. Reasoning is billed as output.
            temperature: From 0 (predictable) to 2 (random).
            topP: Samples from the most likely tokens whose probabilities add up to this value. Set
                this or Temperature.
            topK: Samples from this number of most likely tokens; 0 sets no limit.
            frequencyPenalty: From -2 to 2. Positive values make a token less likely each time it
                occurs.
            presencePenalty: From -2 to 2. Positive values make tokens less likely once they have
                occurred.
            topLogprobs: The number of likely tokens to return per position, from 0 to 20.
            stop: One to four texts. The answer ends before the first occurrence of one.
            include: Additional parts of the response.
            modalities: The modalities of the answer.
            imageConfig: Settings of image models, such as
                `{"aspect_ratio":"16:9","image_size":"2K"}`.
            truncation: Whether the middle of a conversation that is too long is removed.
            prompt: A prompt that the provider stores.
            promptCacheKey: The same key for all requests whose prompts begin with the same text, so
                that they share a cache.
            promptCacheOptions: Which parts of the prompt are cached, for models of OpenAI since
                GPT-5.6.
            cacheControl: Caches the prompt at the provider, so that later prompts with the same
                beginning cost less.
            store: OpenRouter does not store responses, so this must be false.
            previousResponseId: Only for other servers with the same API: OpenRouter stores no
                responses and rejects this field. Send the whole conversation as the input.
            background: Runs in the background, for servers that store responses.
            models: Up to three models to try, in this order, if the model fails.
            provider: Which providers may serve the request, and in which order.
            route: The old setting for the order of fallback models. Use Sort Across Models instead.
            plugins: What OpenRouter does before and after the model answers, such as reading PDF
                files or repairing JSON.
            serviceTier: Faster and more expensive (ultrafast, priority or fast), or slower and
                cheaper (flex).
            user: A stable identifier of the end user, which helps to detect abuse.
            safetyIdentifier: A stable identifier of the end user, for providers that detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            metadata: Up to 16 of your own names and values, stored with the request.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            routingMetadata: Adds to `metadata.routing` how the request was routed: the strategy,
                the providers that were tried, and why.
            stream: Whether the API sends the answer in parts. The result is the same.
            debug: Debug output. It requires Stream.
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createVideo(
        self,
        *,
        model: str | None = ...,
        prompt: str | None = ...,
        duration: int | None = ...,
        resolution: Literal['360p', '480p', '720p', '768p', '1080p', '1K', '2K', '4K'] | None = ...,
        aspectRatio: Literal['16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3', '21:9', '9:21'] | None = ...,
        size: str | None = ...,
        frameImages: Sequence[FrameImagesItem] | None = ...,
        inputReferences: Sequence[CreateVideoInputReferencesItem] | None = ...,
        previousJobId: str | None = ...,
        generateAudio: bool | None = ...,
        seed: int | None = ...,
        creativity: int | None = ...,
        upscaleFactor: float | None = ...,
        callbackUrl: str | None = ...,
        provider: CreateVideoProvider | None = ...,
        user: str | None = ...,
        sessionId: str | None = ...,
        trace: Mapping[str, Json] | None = ...,
        jobId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Create a video from text, and from images if the model supports them. It takes minutes.

        Args:
            model: A model that generates videos.
            prompt: A description of the video.
            duration: The duration in seconds. The options depend on the model.
            resolution: The resolution of the video. The options depend on the model.
            aspectRatio: The ratio of width to height. The options depend on the model.
            size: The width and height in pixels. Replaces Resolution and Aspect Ratio.
            frameImages: The first and last frame of the video.
            inputReferences: Images that the video should follow. Few models also support audio and
                video.
            previousJobId: The id of a finished job whose video is edited or extended, for models
                that support it.
            generateAudio: Whether the video has audio, for models that support it.
            seed: The same seed and prompt should return the same video, if the model supports it.
            creativity: How much detail upscaling may invent, for models that support it.
            upscaleFactor: The factor by which the video is upscaled, for models that support it.
            callbackUrl: An https URL that OpenRouter calls when the job ends.
            provider: Options of a single provider.
            user: A stable identifier of the end user, which helps to detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            jobId: The id of a submitted job. The call waits for it instead of submitting and paying
                a new one.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getVideo(
        self,
        *,
        jobId: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the status of a video job without waiting for it.

        Args:
            jobId: The id of the job, from the result or the error of Create Video.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def downloadVideo(
        self,
        *,
        jobId: str,
        index: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Download a finished video.

        Args:
            jobId: The id of the job, from the result or the error of Create Video.
            index: The position of the video if the job created several; 0 is the first.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createEmbeddings(
        self,
        *,
        model: str,
        input: str | Sequence[str] | Sequence[int] | Sequence[Sequence[int]] | Sequence[InputItem],
        dimensions: int | None = ...,
        inputType: str | None = ...,
        encodingFormat: Literal['float', 'base64'] | None = ...,
        provider: Provider | None = ...,
        user: str | None = ...,
        sessionId: str | None = ...,
        trace: Mapping[str, Json] | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Convert texts to vectors; texts with similar meaning have similar vectors.

        Args:
            model: The embedding model. Only vectors of the same model can be compared.
            input: A text, a list of texts, or token ids. For models that read images, a list of
                `{"content": [{"type":"image_url","image_url":{"url":"https://…"}}]}`.
            dimensions: The length of each vector, for models that can shorten them.
            inputType: The purpose of the text for some models, such as search_query or
                search_document.
            encodingFormat: Numbers, or base64 of little-endian 32-bit floats.
            provider: Which providers may serve the request, and in which order.
            user: A stable identifier of the end user, which helps to detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createRerank(
        self,
        *,
        model: str,
        query: str,
        documents: Sequence[str | DocumentsItem],
        topN: int | None = ...,
        provider: Provider | None = ...,
        user: str | None = ...,
        sessionId: str | None = ...,
        trace: Mapping[str, Json] | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Sort documents by their relevance to a query.

        Args:
            model: The reranking model.
            query: The search query.
            documents: Texts. For models that read images, objects with a text, an image URL, or
                both.
            topN: The maximum number of results. Default: all documents.
            provider: Which providers may serve the request, and in which order.
            user: A stable identifier of the end user, which helps to detect abuse.
            sessionId: The same id for all requests that belong together, such as those of a
                conversation.
            trace: Data for your observability tools: trace_id, trace_name, span_name,
                generation_name, parent_span_id, and any other keys.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createBatch(
        self,
        *,
        action: Literal['ask', 'vision', 'sendChatCompletion', 'createResponse', 'createMessage', 'createEmbeddings'] | None = ...,
        model: str,
        requests: Sequence[JsonObject] | None = ...,
        requestsFile: File | None = ...,
        parameters: JsonObject | None = ...,
        endpoint: Literal['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings'] | None = ...,
        callbackUrl: str | None = ...,
        provider: CreateBatchProvider | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Submit up to 5,000 requests to one model at about half the price, answered within 24 hours.

        Args:
            action: The action whose parameters the requests hold.
            model: The model of all requests, if it has a batch price.
            requests: The parameters of each request, perhaps with a `customId`. Files must be
                public URLs.
            requestsFile: Instead of Requests, a JSONL file with one request per line. It may be
                large.
            parameters: Parameters of the action that all requests share. Those of a request win.
            endpoint: The endpoint of all requests. Default: that of the action.
            callbackUrl: An https URL that OpenRouter calls when the batch ends.
            provider: Which provider may run the batch. Default: the cheapest.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def runBatch(
        self,
        *,
        action: Literal['ask', 'vision', 'sendChatCompletion', 'createResponse', 'createMessage', 'createEmbeddings'] | None = ...,
        model: str | None = ...,
        requests: Sequence[JsonObject] | None = ...,
        requestsFile: File | None = ...,
        parameters: JsonObject | None = ...,
        endpoint: Literal['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings'] | None = ...,
        callbackUrl: str | None = ...,
        provider: CreateBatchProvider | None = ...,
        batchId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Send many requests to one model at about half the price, wait for the answers, and return them as one file.

        Args:
            action: The action whose parameters the requests hold.
            model: The model of all requests, if it has a batch price.
            requests: The parameters of each request, perhaps with a `customId`. Files must be
                public URLs.
            requestsFile: Instead of Requests, a JSONL file with one request per line. It may be
                large.
            parameters: Parameters of the action that all requests share. Those of a request win.
            endpoint: The endpoint of all requests. Default: that of the action.
            callbackUrl: An https URL that OpenRouter calls when the batch ends.
            provider: Which provider may run the batch. Default: the cheapest.
            batchId: The id of a submitted batch, or several ids separated by commas. The call waits
                for them instead of submitting and paying new ones. If you pass the same requests
                too, the lines have their order.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getBatch(
        self,
        *,
        batchId: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the status of a batch, and its results once it has ended.

        Args:
            batchId: The id of the batch, from the result of Create Batch or the error of Run Batch.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listBatches(
        self,
        *,
        status: Literal['validating', 'in_progress', 'completed', 'failed', 'expired', 'cancelled'] | None = ...,
        limit: int | None = ...,
        after: str | None = ...,
        createdAfter: str | None = ...,
        createdBefore: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the batches of the workspace, newest first.

        Args:
            status: Only batches with this status.
            limit: The maximum number of results.
            after: The `last_id` of the previous page.
            createdAfter: Only batches created after this date or time, in ISO 8601.
            createdBefore: Only batches created before this date or time, in ISO 8601.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def deleteBatch(
        self,
        *,
        batchId: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Delete a batch that has ended, with its requests and results.

        Args:
            batchId: The id of the batch, from the result of Create Batch or the error of Run Batch.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listModels(
        self,
        *,
        q: str | None = ...,
        outputModalities: Sequence[Literal['text', 'image', 'audio', 'embeddings', 'speech', 'transcription', 'video', 'rerank', 'all']] | None = ...,
        inputModalities: Sequence[Literal['text', 'image', 'file', 'audio', 'video']] | None = ...,
        supportedParameters: Sequence[str] | None = ...,
        category: Literal['programming', 'roleplay', 'marketing', 'marketing/seo', 'technology', 'science', 'translation', 'legal', 'finance', 'health', 'trivia', 'academia'] | None = ...,
        sort: Literal['most-popular', 'newest', 'top-weekly', 'pricing-low-to-high', 'pricing-high-to-low', 'context-high-to-low', 'throughput-high-to-low', 'latency-low-to-high', 'intelligence-high-to-low', 'coding-high-to-low', 'agentic-high-to-low', 'design-arena-elo-high-to-low'] | None = ...,
        context: int | None = ...,
        minPrice: float | None = ...,
        maxPrice: float | None = ...,
        minOutputPrice: float | None = ...,
        maxOutputPrice: float | None = ...,
        modelAuthors: Sequence[str] | None = ...,
        arch: str | None = ...,
        providers: Sequence[str] | None = ...,
        zdr: Literal[True] | None = ...,
        region: Literal['eu', 'us'] | None = ...,
        distillable: bool | None = ...,
        minAgeDays: int | None = ...,
        maxAgeDays: int | None = ...,
        minIntelligenceIndex: float | None = ...,
        maxIntelligenceIndex: float | None = ...,
        minCodingIndex: float | None = ...,
        maxCodingIndex: float | None = ...,
        minAgenticIndex: float | None = ...,
        maxAgenticIndex: float | None = ...,
        minToolSuccessRate: float | None = ...,
        maxToolSuccessRate: float | None = ...,
        offset: int | None = ...,
        limit: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Search and filter the models of the catalogue.

        Args:
            q: Text in the name or slug of a model.
            outputModalities: Only models that generate one of these. Default: text.
            inputModalities: Only models that accept all of these.
            supportedParameters: Only models that support all of these, such as tools or
                structured_outputs.
            category: Only models that are used for this purpose.
            sort: The order of the list.
            context: In tokens.
            minPrice: In USD per million input tokens.
            maxPrice: In USD per million input tokens.
            minOutputPrice: In USD per million output tokens.
            maxOutputPrice: In USD per million output tokens.
            modelAuthors: Only models of these authors, such as openai or anthropic.
            arch: Only models of this family, such as GPT, Claude or Llama.
            providers: Only models served by one of these providers.
            zdr: Only models with a provider that stores nothing.
            region: Only models served in this region.
            distillable: Whether the output of the model may be used for training.
            minAgeDays: In days.
            maxAgeDays: In days.
            minIntelligenceIndex: The intelligence index of Artificial Analysis, from 0 to 100.
            maxIntelligenceIndex: The intelligence index of Artificial Analysis, from 0 to 100.
            minCodingIndex: The coding index of Artificial Analysis, from 0 to 100.
            maxCodingIndex: The coding index of Artificial Analysis, from 0 to 100.
            minAgenticIndex: The agentic index of Artificial Analysis, from 0 to 100.
            maxAgenticIndex: The agentic index of Artificial Analysis, from 0 to 100.
            minToolSuccessRate: The share of successful tool calls.
            maxToolSuccessRate: The share of successful tool calls.
            offset: The number of results to skip.
            limit: The maximum number of results.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getModel(
        self,
        *,
        model: str,
        author: str | None = ...,
        slug: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get one model of the catalogue.

        Args:
            model: The model, such as `openai/gpt-5-mini`.
            author: The part of the model's name before the slash. Enter Author and Slug instead of
                Model.
            slug: The part of the model's name after the slash. Enter Author and Slug instead of
                Model.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def countModels(
        self,
        *,
        outputModalities: Sequence[Literal['text', 'image', 'audio', 'embeddings', 'speech', 'transcription', 'video', 'rerank', 'all']] | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Count the models that generate text or another output modality.

        Args:
            outputModalities: Only models that generate one of these. Default: text.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listEndpoints(
        self,
        *,
        model: str,
        author: str | None = ...,
        slug: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the providers of a model with their prices, speed and uptime.

        Args:
            model: The model, such as `openai/gpt-5-mini`.
            author: The part of the model's name before the slash. Enter Author and Slug instead of
                Model.
            slug: The part of the model's name after the slash. Enter Author and Slug instead of
                Model.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listZdrEndpoints(
        self,
        *,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the endpoints with zero data retention.

        Args:
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listProviders(
        self,
        *,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the providers with their countries and policies.

        Args:
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listUserModels(
        self,
        *,
        outputModalities: Sequence[Literal['text', 'image', 'audio', 'embeddings', 'speech', 'transcription', 'video', 'rerank', 'all']] | None = ...,
        sort: Literal['most-popular', 'newest', 'top-weekly', 'pricing-low-to-high', 'pricing-high-to-low', 'context-high-to-low', 'throughput-high-to-low', 'latency-low-to-high', 'intelligence-high-to-low', 'coding-high-to-low', 'agentic-high-to-low', 'design-arena-elo-high-to-low'] | None = ...,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the models that your account may use under its provider, privacy and guardrail settings.

        Args:
            outputModalities: Only models that generate one of these. Default: text.
            sort: The order of the list.
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listEmbeddingModels(
        self,
        *,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the embedding models.

        Args:
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listImageModels(
        self,
        *,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the image models with their supported parameters.

        Args:
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listImageEndpoints(
        self,
        *,
        model: str,
        author: str | None = ...,
        slug: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the providers of an image model with their parameters and prices.

        Args:
            model: The model, such as `openai/gpt-5-mini`.
            author: The part of the model's name before the slash. Enter Author and Slug instead of
                Model.
            slug: The part of the model's name after the slash. Enter Author and Slug instead of
                Model.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listVideoModels(
        self,
        *,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the video models with their durations, resolutions and prices.

        Args:
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getPrivateModel(
        self,
        *,
        model: str,
        author: str | None = ...,
        slug: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get a private model of your account.

        Args:
            model: The model, such as `your-company/your-model`.
            author: The part of the model's name before the slash. Enter Author and Slug instead of
                Model.
            slug: The part of the model's name after the slash. Enter Author and Slug instead of
                Model.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listPrivateModelEndpoints(
        self,
        *,
        model: str,
        author: str | None = ...,
        slug: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the providers of a private model of your account.

        Args:
            model: The model, such as `your-company/your-model`.
            author: The part of the model's name before the slash. Enter Author and Slug instead of
                Model.
            slug: The part of the model's name after the slash. Enter Author and Slug instead of
                Model.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getGeneration(
        self,
        *,
        id: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the tokens, cost, provider and latency of a past call.

        Args:
            id: The id of the call, from `metadata.generationId` of its result.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getGenerationContent(
        self,
        *,
        id: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the stored prompt and answer of a past call.

        Args:
            id: The id of the call, from `metadata.generationId` of its result.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def sendFeedback(
        self,
        *,
        generationId: str,
        category: Literal['latency', 'incoherence', 'incorrect_response', 'formatting', 'billing', 'api_error', 'other'],
        comment: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Report a problem with a past call to OpenRouter.

        Args:
            generationId: The id of the call, from `metadata.generationId` of its result.
            category: The kind of problem.
            comment: What was wrong.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getKey(
        self,
        *,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the label, usage and limits of your API key.

        Args:
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getCredits(
        self,
        *,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the purchased and used credits of your account. It requires a management key.

        Args:
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def uploadFile(
        self,
        *,
        file: File,
        provider: Literal['openai', 'anthropic'] | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Store a file at OpenRouter so that messages can refer to it by its id.

        Args:
            file: A PDF, image, audio file, Office document or text, up to 100 MB.
            provider: A provider that stores the file under your own key. Default: OpenRouter.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listFiles(
        self,
        *,
        limit: int | None = ...,
        cursor: str | None = ...,
        order: Literal['asc', 'desc'] | None = ...,
        after: str | None = ...,
        afterId: str | None = ...,
        beforeId: str | None = ...,
        provider: Literal['openai', 'anthropic'] | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the files that OpenRouter stores for you.

        Args:
            limit: The maximum number of results.
            cursor: The cursor of the previous page.
            order: Oldest first (asc) or newest first (desc). OpenRouter's own storage supports asc
                only.
            after: The id of the file before the page, as OpenAI names it.
            afterId: The id of the file before the page, as Anthropic names it.
            beforeId: The id of the file after the page. OpenRouter's own storage does not support
                it.
            provider: A provider that stores the file under your own key. Default: OpenRouter.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getFile(
        self,
        *,
        fileId: str,
        provider: Literal['openai', 'anthropic'] | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the metadata of a stored file.

        Args:
            fileId: The id of the stored file, as List Files returns it.
            provider: A provider that stores the file under your own key. Default: OpenRouter.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def downloadFile(
        self,
        *,
        fileId: str,
        provider: Literal['openai', 'anthropic'] | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Download a stored file that a tool created. Your own uploads cannot be downloaded.

        Args:
            fileId: The id of the stored file, as List Files returns it.
            provider: A provider that stores the file under your own key. Default: OpenRouter.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def deleteFile(
        self,
        *,
        fileId: str,
        provider: Literal['openai', 'anthropic'] | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Delete a stored file permanently.

        Args:
            fileId: The id of the stored file, as List Files returns it.
            provider: A provider that stores the file under your own key. Default: OpenRouter.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listPresets(
        self,
        *,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the presets of your account.

        Args:
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getPreset(
        self,
        *,
        slug: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get a preset of your account.

        Args:
            slug: The slug of the preset.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createPreset(
        self,
        *,
        slug: str,
        model: str,
        messages: Sequence[JsonObject] | None = ...,
        models: Sequence[str] | None = ...,
        maxCompletionTokens: int | None = ...,
        reasoning: Reasoning | None = ...,
        temperature: float | None = ...,
        topP: float | None = ...,
        topK: int | None = ...,
        frequencyPenalty: float | None = ...,
        presencePenalty: float | None = ...,
        verbosity: Literal['low', 'medium', 'high', 'xhigh', 'max'] | None = ...,
        tools: Sequence[JsonObject] | None = ...,
        toolChoice: Literal['auto', 'none', 'required'] | JsonObject | None = ...,
        provider: Provider | None = ...,
        plugins: Sequence[PluginsItem] | None = ...,
        serviceTier: Literal['auto', 'default', 'fast', 'flex', 'priority', 'scale', 'ultrafast'] | None = ...,
        extraBody: JsonObject | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Create a preset, or a new version of one, from the parameters of a chat request.

        Args:
            slug: The slug of the preset.
            model: The model.
            messages: Required by the API, but not stored in the preset.
            models: Up to three models to try, in this order, if the model fails.
            maxCompletionTokens: The maximum number of tokens in the answer, including reasoning.
            reasoning: How a reasoning model reasons. Reasoning is billed as output.
            temperature: From 0 (predictable) to 2 (random).
            topP: Samples from the most likely tokens whose probabilities add up to this value. Set
                this or Temperature.
            topK: Samples from this number of most likely tokens; 0 sets no limit.
            frequencyPenalty: From -2 to 2. Positive values make a token less likely each time it
                occurs.
            presencePenalty: From -2 to 2. Positive values make tokens less likely once they have
                occurred.
            verbosity: The length of the answer.
            tools: The tools that the model may call. Its calls are in the answer.
            toolChoice: The model decides (auto), calls no tool (none), any tool (required), or a
                specific one (object).
            provider: Which providers may serve the request, and in which order.
            plugins: What OpenRouter does before and after the model answers, such as reading PDF
                files or repairing JSON.
            serviceTier: Faster and more expensive (ultrafast, priority or fast), or slower and
                cheaper (flex).
            extraBody: Additional keys of the request body. They override the other fields; null
                removes a key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listPresetVersions(
        self,
        *,
        slug: str,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the versions of a preset, newest first.

        Args:
            slug: The slug of the preset.
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getPresetVersion(
        self,
        *,
        slug: str,
        version: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get one version of a preset.

        Args:
            slug: The slug of the preset.
            version: The number of the version, or its id.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listTools(
        self,
        *,
        apiFormat: Literal['chat-completions', 'responses', 'anthropic-messages'] | None = ...,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the tools that OpenRouter runs itself, with their parameters, engines and prices.

        Args:
            apiFormat: Only tools for this format of requests.
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getTool(
        self,
        *,
        name: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get a server tool, with the models that run it themselves.

        Args:
            name: The id of the tool, as List Server Tools returns it.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listContainerFiles(
        self,
        *,
        containerId: str,
        limit: int | None = ...,
        after: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the files that server tools made in a container.

        Args:
            containerId: The id of the container, from the tool call in an answer.
            limit: The maximum number of results.
            after: The id of the last file of the page before.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getContainerFile(
        self,
        *,
        containerId: str,
        fileId: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the size and path of a file that a server tool made.

        Args:
            containerId: The id of the container, from the tool call in an answer.
            fileId: The id of the file, as List Container Files returns it.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def downloadContainerFile(
        self,
        *,
        containerId: str,
        fileId: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Download a file that a server tool made.

        Args:
            containerId: The id of the container, from the tool call in an answer.
            fileId: The id of the file, as List Container Files returns it.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def promoteContainerFile(
        self,
        *,
        containerId: str,
        fileId: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Copy a file of a container to the stored files, where it outlives the container.

        Args:
            containerId: The id of the container, from the tool call in an answer.
            fileId: The id of the file, as List Container Files returns it.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getActivity(
        self,
        *,
        date: str | None = ...,
        apiKeyHash: str | None = ...,
        userId: str | None = ...,
        groupBy: Literal['workspace'] | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get requests, tokens and costs of the last 30 days by day, model and provider. It requires a management key.

        Args:
            date: Only this day (UTC), as YYYY-MM-DD. Default: the last 30 days.
            apiKeyHash: Only this key.
            userId: Only this member of the organization.
            groupBy: Rows for each workspace.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getAnalyticsMeta(
        self,
        *,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the metrics, dimensions and operators of Query Analytics. It requires a management key.

        Args:
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def queryAnalytics(
        self,
        *,
        metrics: Sequence[str],
        dimensions: Sequence[str] | None = ...,
        granularity: Literal['minute', 'hour', 'day', 'week', 'month'] | None = ...,
        timeRange: TimeRange | None = ...,
        filters: Sequence[FiltersItem] | None = ...,
        orderBy: OrderBy | None = ...,
        limit: int | None = ...,
        groupLimit: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Query metrics of your requests by time, model, key and more. It requires a management key.

        Args:
            metrics: The metrics, as Get Analytics Fields lists them.
            dimensions: The fields to group by, such as model.
            granularity: The time span of each row.
            timeRange: When the requests were made.
            filters: Conditions on dimensions.
            orderBy: The order of the rows.
            limit: The maximum number of rows.
            groupLimit: The maximum number of rows per group.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getBenchmarks(
        self,
        *,
        source: Literal['artificial-analysis', 'design-arena', 'openrouter'] | None = ...,
        taskType: Literal['coding', 'intelligence', 'agentic', 'search'] | None = ...,
        benchmarkType: Literal['gpqa_diamond', 'tau_bench_verified_airline', 'search_browsecomp', 'search_hle', 'search_dsqa', 'search_widesearch'] | None = ...,
        searchEngine: str | None = ...,
        searchSurface: Literal['server-tool', 'plugin'] | None = ...,
        includeRunConfig: bool | None = ...,
        arena: Literal['models', 'builders', 'agents'] | None = ...,
        category: str | None = ...,
        maxResults: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Compare models by benchmarks of Artificial Analysis, Design Arena and OpenRouter.

        Args:
            source: The publisher. Default: all.
            taskType: Only benchmarks of this kind.
            benchmarkType: Only this benchmark of OpenRouter.
            searchEngine: Only search benchmarks with this engine.
            searchSurface: Only search benchmarks that ran as a server tool or a plugin.
            includeRunConfig: Includes how search benchmarks ran.
            arena: The arena of Design Arena.
            category: The category of Design Arena.
            maxResults: The maximum number of results.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getTaskClassifications(
        self,
        *,
        window: Literal['7d'] | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the shares of tasks in all requests at OpenRouter, and the models used for each.

        Args:
            window: The time span before today.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getAppRankings(
        self,
        *,
        category: Literal['coding', 'creative', 'productivity', 'entertainment'] | None = ...,
        subcategory: Literal['cli-agent', 'ide-extension', 'cloud-agent', 'programming-app', 'native-app-builder', 'creative-writing', 'video-gen', 'image-gen', 'audio-gen', 'roleplay', 'game', 'writing-assistant', 'general-chat', 'personal-agent', 'legal'] | None = ...,
        sort: Literal['popular', 'trending'] | None = ...,
        startDate: str | None = ...,
        endDate: str | None = ...,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the apps that use the most tokens at OpenRouter.

        Args:
            category: Only apps of this category.
            subcategory: Only apps of this subcategory.
            sort: By tokens or by their growth.
            startDate: The first day (UTC), as YYYY-MM-DD. Default: 30 days before End Date.
            endDate: The last day (UTC), as YYYY-MM-DD. Default: the last complete day.
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getRankingsDaily(
        self,
        *,
        startDate: str | None = ...,
        endDate: str | None = ...,
        period: Literal['day', 'week', 'month'] | None = ...,
        modality: Literal['text', 'image', 'image_output', 'audio', 'tool_calling'] | None = ...,
        contextBucket: Literal['1K', '10K', '100K', '1M', '10M'] | None = ...,
        category: Literal['programming', 'roleplay', 'marketing', 'marketing/seo', 'technology', 'science', 'translation', 'legal', 'finance', 'health', 'trivia', 'academia'] | None = ...,
        languageType: Literal['natural', 'programming'] | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the tokens of each model at OpenRouter by day, week or month.

        Args:
            startDate: The first day (UTC), as YYYY-MM-DD. Default: 30 days before End Date.
            endDate: The last day (UTC), as YYYY-MM-DD. Default: the last complete day.
            period: The time span of each row.
            modality: Only models or requests of this kind.
            contextBucket: Only requests of this length.
            category: Only requests of this category; an estimate.
            languageType: Only requests in natural or programming languages; an estimate.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def getSessionCost(
        self,
        *,
        appSlug: str | None = ...,
        model: str | None = ...,
        turnRange: Literal['1-turn', '2-9-turns', '10-49-turns', '50-plus-turns'] | None = ...,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Get the median cost of a session by app and model at OpenRouter.

        Args:
            appSlug: Only this app.
            model: Only this model.
            turnRange: Only sessions of this length.
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listOrganizationMembers(
        self,
        *,
        limit: int | None = ...,
        offset: int | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the members of your organization. It requires a management key.

        Args:
            limit: The maximum number of results.
            offset: The number of results to skip.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def listKeys(
        self,
        *,
        includeDisabled: bool | None = ...,
        includeExpired: bool | None = ...,
        offset: int | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """List the API keys of the account, without their secrets. It requires a management key.

        Args:
            includeDisabled: Also lists disabled keys.
            includeExpired: Also lists expired keys.
            offset: The number of results to skip.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def createKey(
        self,
        *,
        name: str,
        connectionName: str,
        limit: float | None = ...,
        limitReset: Literal['daily', 'weekly', 'monthly'] | None = ...,
        includeByokInLimit: bool | None = ...,
        expiresAt: str | None = ...,
        creatorUserId: str | None = ...,
        workspaceId: str | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Create an API key, for example with a spending limit, and store it as a connection. It requires a management key.

        Args:
            name: The name of the key.
            connectionName: The name of the new connection, in which the secret is stored.
            limit: The spending limit in USD.
            limitReset: How often the limit starts anew.
            includeByokInLimit: Whether calls with your own provider keys count against the limit.
            expiresAt: When the key expires (UTC), as YYYY-MM-DDTHH:MM:SSZ.
            creatorUserId: The member of the organization who owns the key.
            workspaceId: The workspace. Default: that of your API key.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def updateKey(
        self,
        *,
        hash: str,
        name: str | None = ...,
        disabled: bool | None = ...,
        limit: float | None = ...,
        limitReset: Literal['daily', 'weekly', 'monthly'] | None = ...,
        includeByokInLimit: bool | None = ...,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Rename, disable or limit an API key. It requires a management key.

        Args:
            hash: The hash of the key, as List Keys returns it.
            name: The new name of the key.
            disabled: Whether the key is disabled.
            limit: The spending limit in USD.
            limitReset: How often the limit starts anew.
            includeByokInLimit: Whether calls with your own provider keys count against the limit.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """

    async def deleteKey(
        self,
        *,
        hash: str,
        httpReferer: str | None = ...,
        appTitle: str | None = ...,
        appCategories: Sequence[str] | None = ...,
    ) -> Result:
        """Delete an API key for good. It requires a management key.

        Args:
            hash: The hash of the key, as List Keys returns it.
            httpReferer: Overrides the connection's setting.
            appTitle: Overrides the connection's setting.
            appCategories: Overrides the connection's setting.
        """
