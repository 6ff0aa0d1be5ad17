"""What is wrong with a call is told before it is paid for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openrouter_connector import Connector, InputError
from openrouter_connector.runtime.preflight import Findings, unknown_model
from openrouter_connector.runtime.preflight.check import Check
from openrouter_connector.sandbox import Sandbox
from support.planned_calls import file, held, row, taking

PICTURE = file("a.png", "image/png")


def problems(found: Findings) -> list[str]:
    return [str(problem) for problem in found.problems]


def checked(connector: Connector, sandbox: Sandbox, action: str, **values: Any) -> Check:
    async def once() -> Check:
        async with connector.connect(sandbox.token, base_url=sandbox.base_url) as session:
            return await session.check(action, values)

    return asyncio.run(once())


def test_a_call_that_fits_its_model_has_nothing_against_it(connector: Connector) -> None:
    found = held(connector, "ask", row(), temperature=0.5, maxTokens=100)
    assert (found.problems, found.warnings) == ((), ())


def test_of_an_unknown_model_nothing_is_claimed(connector: Connector) -> None:
    found = held(connector, "ask", None, attachments=[PICTURE], temperature=1)
    assert (found.problems, found.warnings, found.estimate) == ((), (), None)


@pytest.mark.parametrize(
    ("day", "wrong", "told"),
    [
        ("2026-05-31", ["model: lab/one was switched off on 2026-05-31; choose another model"], 0),
        ("2026-06-01", [], 1),
        ("2026-07-31", [], 1),
        ("2026-08-01", [], 0),
        (None, [], 0),
        ("soon", [], 0),
    ],
)
def test_a_model_that_goes_is_reported(
    connector: Connector, day: str | None, wrong: list[str], told: int
) -> None:
    found = held(connector, "ask", row(expiration_date=day))
    assert problems(found) == wrong
    assert len(found.warnings) == told
    assert all(f"will be switched off on {day}" in warning for warning in found.warnings)


def test_the_attachment_that_a_model_does_not_take_is_named(connector: Connector) -> None:
    files = [file("a.txt", "text/plain", text="hello"), PICTURE, file("b.wav", "audio/wav")]
    [image, sound] = held(connector, "ask", taking("text"), attachments=files).problems
    assert (image.path, sound.path) == ("attachments[1]", "attachments[2]")
    assert "accepts text, not image; remove it, or choose a model that" in image.message
    assert (
        problems(held(connector, "ask", taking("text", "image", "audio"), attachments=files)) == []
    )


def test_the_attachment_of_a_message_is_named(connector: Connector, sandbox: Sandbox) -> None:
    entry = {
        "extension": "png",
        "mimeType": "image/png",
        "name": "a.png",
        "url": "data:image/png,x",
    }
    messages = [{"role": "USER", "content": "What is it?", "attachments": [entry]}]
    model = {"model": "sandbox/text-only", "format": "ADVANCED", "messages": messages}
    found = checked(connector, sandbox, "ask", **model)
    assert [problem.path for problem in found.problems] == ["messages[0].attachments[0]"]


def test_a_part_that_a_user_wrote_is_named(connector: Connector) -> None:
    part = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
    extra = {"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}, part]}]}
    [problem] = held(connector, "ask", taking("text"), extraBody=extra).problems
    assert problem.path == "messages[0].content[1]"


def test_a_document_that_is_read_for_the_model_costs_extra(connector: Connector) -> None:
    document = [file("a.pdf", "application/pdf")]
    [warning] = held(connector, "ask", taking("text"), attachments=document).warnings
    assert warning.startswith("attachments[0]: lab/one reads no documents itself")
    parser = [{"id": "file-parser", "pdf": {"engine": "cloudflare-ai"}}]
    chosen = held(connector, "ask", taking("text"), attachments=document, plugins=parser)
    assert chosen.warnings == ()
    assert held(connector, "ask", taking("text", "file"), attachments=document).warnings == ()


def test_sound_in_a_container_of_films_is_sound(connector: Connector) -> None:
    listener = taking("audio", gives="transcription")
    found = held(connector, "createTranscription", listener, file=file("a.webm", "video/webm"))
    assert found.problems == ()


@pytest.mark.parametrize(
    ("action", "model", "gives"),
    [
        ("ask", "painter", "outputs image, not text"),
        ("createImage", "echo", "outputs text, not image"),
        ("createSpeech", "echo", "outputs text;"),
        ("createTranscription", "speaker", "outputs speech, not transcription"),
    ],
)
def test_a_model_of_another_kind_is_refused(
    connector: Connector, sandbox: Sandbox, action: str, model: str, gives: str
) -> None:
    wav = {"extension": "wav", "mimeType": "audio/wav", "name": "a.wav", "url": "data:audio/wav,x"}
    values: dict[str, dict[str, Any]] = {
        "ask": {"userPrompt": "x"},
        "createImage": {"imageMessages": [{"content": "x"}]},
        "createSpeech": {"input": "x", "voice": "alba"},
        "createTranscription": {"file": wav},
    }
    found = checked(connector, sandbox, action, model=f"sandbox/{model}", **values[action])
    assert [one.path for one in found.problems if gives in one.message] == ["model"]
    assert found.estimate is None


def test_a_parameter_that_is_not_listed_is_ignored_and_reported(connector: Connector) -> None:
    found = held(connector, "ask", row(), topK=3, extraBody={"top_a": 1, "lab_only": 2})
    assert found.problems == ()
    assert found.warnings == (
        "topK: lab/one does not list it, so its providers ignore it",
        "extraBody.top_a: lab/one does not list it, so its providers ignore it",
    )


def test_a_parameter_that_is_not_listed_and_required_leaves_no_provider(
    connector: Connector,
) -> None:
    found = held(connector, "ask", row(), topK=3, provider={"requireParameters": True})
    assert [problem.path for problem in found.problems] == ["topK"]
    assert "provider.requireParameters" in found.problems[0].message
    assert found.warnings == ()


def test_either_name_of_the_longest_answer_is_fine(connector: Connector) -> None:
    assert held(connector, "ask", row(), maxCompletionTokens=50).warnings == ()


def test_an_answer_longer_than_the_model_gives_is_reported(connector: Connector) -> None:
    [warning] = held(connector, "ask", row(), maxTokens=2000).warnings
    assert warning == "maxTokens: 2,000 is above 1,000, the maximum of lab/one"


SCHEMA = {"responseFormat": "JSON", "responseSchema": {"type": "object"}}


def test_a_model_that_cannot_be_held_to_json_is_reported(connector: Connector) -> None:
    plain = row(supported_parameters=["max_tokens"])
    [warning] = held(connector, "ask", plain, response=SCHEMA).warnings
    assert "the schema goes into the prompt" in warning
    assert held(connector, "ask", row(), response=SCHEMA).warnings == ()


def thinker(**reasoning: Any) -> dict[str, Any]:
    return row(reasoning=reasoning, supported_parameters=["reasoning"])


def test_a_model_that_must_think_cannot_be_asked_not_to(connector: Connector) -> None:
    for efforts in (["high", "low"], None):
        must = thinker(mandatory=True, supported_efforts=efforts)
        [problem] = held(connector, "ask", must, reasoning="none").problems
        assert problem.path == "reasoning"
    may = thinker(mandatory=False, supported_efforts=["high", "low"])
    assert held(connector, "ask", may, reasoning="none").problems == ()
    alias = thinker(mandatory=True)
    assert held(connector, "ask", alias, model="~lab/one-latest", reasoning="none").problems == ()


def test_an_effort_that_is_not_offered_is_reported(connector: Connector) -> None:
    offers = thinker(mandatory=False, supported_efforts=["high", "low"])
    found = held(connector, "ask", offers, reasoning="medium")
    assert found.problems == ()
    assert "lab/one supports none, low, high; it may refuse 'medium'" in found.warnings[0]


def test_a_voice_that_a_model_has_not_is_refused_with_the_nearest(
    connector: Connector, sandbox: Sandbox
) -> None:
    values = {"model": "sandbox/speaker", "input": "x", "voice": "albo"}
    [problem] = checked(connector, sandbox, "createSpeech", **values).problems
    assert problem.path == "voice"
    assert "did you mean 'alba'? It offers alba, bruno" in problem.message


def test_a_prompt_above_the_context_is_refused(connector: Connector) -> None:
    [problem] = held(connector, "ask", row(), userPrompt="word " * 20_000).problems
    assert problem.path == "userPrompt"
    assert (
        "at least 16,668 tokens, by a low estimate, and lab/one accepts 10,000" in problem.message
    )


def test_a_prompt_that_may_be_above_the_context_is_reported(connector: Connector) -> None:
    found = held(connector, "ask", row(), userPrompt="word " * 8000)
    assert found.problems == ()
    assert "may have up to" in found.warnings[0]


def test_one_east_asian_character_is_about_one_token(connector: Connector) -> None:
    assert held(connector, "ask", row(), userPrompt="字" * 5000).warnings == ()
    assert held(connector, "ask", row(), userPrompt="字" * 9000).warnings != ()
    assert held(connector, "ask", row(), userPrompt="字" * 21_000).problems != ()


def test_an_answer_needs_room_in_the_context(connector: Connector) -> None:
    long = row(top_provider={"context_length": 10_000, "max_completion_tokens": None})
    [warning] = held(connector, "ask", long, userPrompt="word " * 2000, maxTokens=9000).warnings
    assert "with 9,000 for the answer it exceeds the 10,000" in warning


def test_the_first_provider_may_take_less_than_the_model(connector: Connector) -> None:
    narrow = row(top_provider={"context_length": 1000})
    found = held(connector, "ask", narrow, userPrompt="word " * 2000)
    assert found.problems == ()
    assert "the first provider of lab/one accepts 1,000" in found.warnings[0]


def test_small_contexts_are_made_to_fit_unless_that_is_switched_off(connector: Connector) -> None:
    small = row(context_length=4096, top_provider={})
    long = "word " * 8000
    found = held(connector, "ask", small, userPrompt=long)
    assert found.problems == ()
    assert "will leave out its middle" in found.warnings[0]
    off = [{"id": "context-compression", "enabled": False}]
    assert held(connector, "ask", small, userPrompt=long, plugins=off).problems != ()


def test_files_that_are_too_large_are_reported(connector: Connector) -> None:
    big = [file("a.png", "image/png", 31_000_000), file("b.png", "image/png", 60_000_000)]
    told = held(connector, "ask", None, attachments=big).warnings
    assert [warning.partition(":")[0] for warning in told[:2]] == [
        "attachments[0]",
        "attachments[1]",
    ]
    assert told[2].startswith("91 MB of files")
    sound = file("a.wav", "audio/wav", 260_000_000)  # goes in parts
    assert held(connector, "createTranscription", None, file=sound).warnings == ()


def test_the_size_of_an_image_is_complained_of_once(connector: Connector, sandbox: Sandbox) -> None:
    values = {"model": "sandbox/painter-one", "imageMessages": [{"content": "x"}], "size": "4K"}
    found = checked(connector, sandbox, "createImage", **values)
    assert [problem.path for problem in found.problems] == ["size"]
    assert found.warnings == ()


def test_a_free_variant_that_is_not_there_is_reported(connector: Connector) -> None:
    [warning] = held(connector, "ask", row(), model="lab/one:free").warnings
    assert warning == "model: the catalogue lists lab/one, and no free variant of it"


KNOWN = ["lab/kestrel-mini", "lab/kestrel-pro", "mill/oak-70b", "mill/oak-70b:free"]


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("lab/kestrel-minni", "'lab/kestrel-mini'"),
        ("Lab/Kestrel-Pro", "'lab/kestrel-pro'"),
        ("oak-70b", "'mill/oak-70b'"),
        ("lab/oak-70b", "'mill/oak-70b'"),
    ],
)
def test_a_model_that_there_is_not_brings_the_nearest(asked: str, nearest: str) -> None:
    problem = unknown_model(asked, KNOWN)
    assert problem.path == "model"
    assert problem.message.startswith(f"there is no model {asked!r}; did you mean {nearest}")


def test_a_model_like_no_other_brings_the_way_out() -> None:
    found = unknown_model("zzz", KNOWN).message
    assert found.endswith(f"choose one of its options, such as {next(iter(KNOWN))!r}")
    assert unknown_model("zzz", ()).message.endswith("choose one of its options")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["-1", "0.1", "1e999999", "NaN", "2026-01-01", "text", "max_tokens", 10**30]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def having(*names: str) -> st.SearchStrategy[Any]:
    return JUNK | st.fixed_dictionaries({}, optional=dict.fromkeys(names, JUNK))


ROWS = st.fixed_dictionaries(
    {},
    optional={
        "context_length": JUNK,
        "expiration_date": JUNK,
        "supported_parameters": JUNK,
        "supported_voices": JUNK,
        "pricing_skus": having("generate", "duration_seconds"),
        "architecture": having("input_modalities", "output_modalities"),
        "top_provider": having("context_length", "max_completion_tokens"),
        "reasoning": having("mandatory", "supported_efforts"),
        "pricing": having("prompt", "completion", "request", "image", "overrides", "discount"),
    },
)
LINES = having("billable", "unit", "cost_usd", "variant") | st.just(
    {"billable": "output_image", "unit": "image", "cost_usd": "x"}
)
ENDPOINTS = st.lists(JUNK | st.fixed_dictionaries({"pricing": JUNK | st.lists(LINES)}), max_size=3)


@pytest.mark.parametrize("action", ["ask", "createImage", "createSpeech", "createTranscription"])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_row_is_too_strange(connector: Connector, action: str, data: st.DataObject) -> None:
    values: dict[str, dict[str, Any]] = {
        "ask": {"reasoning": "none", "maxTokens": 10, "attachments": [PICTURE], "topK": 1},
        "createImage": {"attachments": [PICTURE]},
        "createSpeech": {},
        "createTranscription": {"file": file("a.wav", "audio/wav")},
    }
    source = data.draw(st.sampled_from(["models", "imageModels", "speechModels"]))
    strange, prices = data.draw(ROWS), data.draw(ENDPOINTS)
    found = held(connector, action, strange, source=source, prices=prices, **values[action])
    cost = found.estimate
    assert cost is None or cost.high is None or 0 <= cost.low <= cost.high < float("inf")
    assert cost is None or cost.sentence()


@pytest.mark.parametrize("action", ["ask", "sendChatCompletion", "createMessage", "createResponse"])
def test_more_than_three_fallbacks_are_refused_before_anything_is_sent(
    connector: Connector, action: str
) -> None:
    say = [{"role": "user", "content": "Hello"}]
    given = {"userPrompt": "Hello", "input": "Hello", "messages": say, "maxTokens": 9}
    names = {prop.name for prop in connector.definition.form(action).action.properties}
    kept = {key: value for key, value in given.items() if key in names}
    if action == "ask":
        del kept["messages"]
    parameters = {"model": "a/b", "models": ["a/b"] * 4, **kept}
    with pytest.raises(InputError, match="models") as caught:
        connector.run(action, parameters, "sk-or-x", base_url="http://127.0.0.1:1")
    assert [one.path for one in caught.value.problems] == ["models"]
