"""The official SDKs work with the sandbox as with the real API."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import openai
import pytest
from openrouter import OpenRouter, components, errors, operations
from openrouter.utils.eventstreaming import EventStream

from openrouter_connector.sandbox import Sandbox
from support.clock import Clock
from support.videos import decoded

PROMPT = "Say this back"
TOKEN = Sandbox.token


@pytest.fixture(scope="module")
def gpt(served: Sandbox) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key=served.token, max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def router(served: Sandbox) -> Iterator[OpenRouter]:
    with OpenRouter(api_key=served.token, server_url=served.base_url) as client:
        yield client


def test_openai_chats(gpt: openai.OpenAI) -> None:
    response = gpt.chat.completions.create(
        model="sandbox/echo", messages=[{"role": "user", "content": PROMPT}]
    )
    assert PROMPT in (response.choices[0].message.content or "")
    assert response.usage is not None


def test_openai_streams(gpt: openai.OpenAI) -> None:
    chunks = gpt.chat.completions.create(
        model="sandbox/echo", messages=[{"role": "user", "content": PROMPT}], stream=True
    )
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert PROMPT in text


def test_openai_raises_what_the_sandbox_refuses(gpt: openai.OpenAI) -> None:
    with pytest.raises(openai.RateLimitError):
        gpt.chat.completions.create(
            model="sandbox/rate-limited", messages=[{"role": "user", "content": PROMPT}]
        )
    with pytest.raises(openai.APIError, match="disconnected"):
        list(
            gpt.chat.completions.create(
                model="sandbox/breaks-mid-stream",
                messages=[{"role": "user", "content": PROMPT}],
                stream=True,
            )
        )


def test_openai_lists_models(gpt: openai.OpenAI) -> None:
    assert "sandbox/echo" in {model.id for model in gpt.models.list()}


def test_openai_speaks_and_listens(gpt: openai.OpenAI) -> None:
    speech = gpt.audio.speech.create(
        model="sandbox/speaker", voice="alba", input=PROMPT, response_format="mp3"
    )
    transcript = gpt.audio.transcriptions.create(
        model="sandbox/listener", file=("speech.mp3", speech.content)
    )
    assert transcript.text == PROMPT


def test_openai_embeds(gpt: openai.OpenAI) -> None:
    response = gpt.embeddings.create(model="sandbox/indexer", input=[PROMPT, PROMPT])
    assert [row.index for row in response.data] == [0, 1]
    assert len(response.data[0].embedding) == 256


def test_openai_responds(gpt: openai.OpenAI) -> None:
    response = gpt.responses.create(model="sandbox/thinker", input=PROMPT)
    assert PROMPT in response.output_text
    assert response.usage is not None
    assert response.usage.output_tokens_details.reasoning_tokens > 0


def test_openai_streams_a_response(gpt: openai.OpenAI) -> None:
    with gpt.responses.stream(model="sandbox/thinker", input=PROMPT) as events:
        text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
        assert events.get_final_response().output_text == text
    assert PROMPT in text


def chat(router: OpenRouter, model: str) -> components.ChatResult:
    message = components.ChatUserMessage(role="user", content=PROMPT)
    response = router.chat.send(model=model, messages=[message])
    assert isinstance(response, components.ChatResult)
    return response


def test_openrouter_chats(router: OpenRouter) -> None:
    assert PROMPT in str(chat(router, "sandbox/thinker").choices[0].message.content)


def test_openrouter_streams(router: OpenRouter) -> None:
    message = components.ChatUserMessage(role="user", content=PROMPT)
    events = router.chat.send(model="sandbox/echo", messages=[message], stream=True)
    assert isinstance(events, EventStream)
    with events:
        choices = [choice for chunk in events for choice in chunk.choices]
    assert PROMPT in "".join(choice.delta.content or "" for choice in choices)


def test_openrouter_raises_what_the_sandbox_refuses(router: OpenRouter) -> None:
    with pytest.raises(errors.PaymentRequiredResponseError):
        chat(router, "sandbox/no-credits")


def test_openrouter_lists_models_and_shows_one(router: OpenRouter) -> None:
    listed = router.models.list(output_modalities="all")
    assert listed is not None
    assert "sandbox/echo" in {model.id for model in listed.result.data}
    assert router.models.get(author="sandbox", slug="echo").data.name == "Sandbox: Echo"


# The record of a key holds a field that the SDK warns about by itself.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_openrouter_shows_the_key(router: OpenRouter) -> None:
    assert router.api_keys.get_current_key_metadata().data.label == "sandbox key"


def test_openrouter_generates_an_image(router: OpenRouter) -> None:
    listed = router.images.list_models().data
    response = router.images.generate(model=listed[0].id, prompt=PROMPT, resolution="512")
    assert isinstance(response, components.ImageGenerationResponse)
    assert base64.b64decode(response.data[0].b64_json).startswith(b"\x89PNG")


def test_openrouter_speaks_and_listens(router: OpenRouter) -> None:
    speech = router.tts.create_speech(
        model="sandbox/speaker", input=PROMPT, response_format="mp3", voice="dario"
    )
    data = base64.b64encode(speech.read()).decode()
    transcript = router.stt.create_transcription(
        model="sandbox/listener",
        input_audio=components.STTInlineInputAudio(data=data, format_="mp3"),
    )
    assert transcript.text == PROMPT


def test_openrouter_creates_a_video(router: OpenRouter, clock: Clock) -> None:
    job = router.video_generation.generate(model="sandbox/filmer", prompt=PROMPT)
    statuses = []
    for _ in range(3):
        statuses.append(router.video_generation.get_generation(job_id=job.id).status)
        clock.now += 0.2
    assert statuses == ["pending", "in_progress", "completed"]
    video = router.video_generation.get_video_content(job_id=job.id)
    assert decoded(video.read()).seconds == 2


def test_openrouter_embeds_and_ranks(router: OpenRouter) -> None:
    vectors = router.embeddings.generate(model="sandbox/indexer", input=PROMPT)
    assert isinstance(vectors, operations.CreateEmbeddingsResponseBody)
    assert len(list(vectors.data[0].embedding)) == 256
    ranked = router.rerank.rerank(
        model="sandbox/ranker", query="say", documents=["nothing", PROMPT]
    )
    assert isinstance(ranked, operations.CreateRerankResponseBody)
    assert [row.index for row in ranked.results] == [1, 0]


def test_openrouter_responds(router: OpenRouter) -> None:
    response = router.responses.send(model="sandbox/thinker", input=PROMPT)
    assert isinstance(response, components.OpenResponsesResult)
    assert [item.type for item in response.output] == ["reasoning", "message"]


def test_openrouter_streams_a_response(router: OpenRouter) -> None:
    events = router.responses.send(model="sandbox/echo", input=PROMPT, stream=True)
    assert isinstance(events, EventStream)
    with events:
        deltas = [e.delta for e in events if isinstance(e, components.TextDeltaEvent)]
    assert PROMPT in "".join(deltas)


def test_openrouter_keeps_files(router: OpenRouter) -> None:
    kept = router.files.upload(file={"file_name": "a.txt", "content": b"Hello"})
    assert isinstance(kept, components.OpenRouterFile)
    listed = router.files.list()
    assert listed is not None
    assert isinstance(listed.result, components.OpenRouterFileList)
    assert kept.id in {row.id for row in listed.result.data}
    assert router.files.retrieve(file_id=kept.id) == kept
    router.files.delete(file_id=kept.id)
    with pytest.raises(errors.NotFoundResponseError):
        router.files.retrieve(file_id=kept.id)
    made = router.files.download(file_id="or_file_sandbox000000000001")
    assert made.read().startswith(b"month")


def test_openrouter_reads_presets_and_the_models_of_a_key(router: OpenRouter) -> None:
    listed = router.presets.list()
    assert listed is not None
    assert "pirate" in {row.slug for row in listed.result.data}
    version = router.presets.get(slug="pirate").data.designated_version
    assert version is not None
    assert version.system_prompt == "You are a pirate."
    found = router.models.list_for_user(security=operations.ListModelsUserSecurity(bearer=TOKEN))
    assert found is not None
    assert "sandbox/echo" in {model.id for model in found.result.data}


def test_openrouter_reads_endpoints_providers_and_counts(router: OpenRouter) -> None:
    endpoints = router.endpoints.list(author="sandbox", slug="lantern-70b").data.endpoints
    providers = router.providers.list().data
    assert {row.tag for row in endpoints} == {row.slug for row in providers}
    assert router.models.count().data.count > 30
    described = router.images.list_model_endpoints(author="sandbox", slug="painter")
    assert described.endpoints[0].provider_slug == "sandbox"


def test_openrouter_reads_a_generation(router: OpenRouter, clock: Clock) -> None:
    name = chat(router, "sandbox/echo").id
    clock.now += 0.35
    assert router.generations.get_generation(id=name).data.model == "sandbox/echo-20260914"
    content = router.generations.list_generation_content(id=name).data
    assert PROMPT in str(content.output.completion)
