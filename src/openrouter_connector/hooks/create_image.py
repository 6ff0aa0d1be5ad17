"""`createImage`: join the prompts, and choose the endpoint by where the model is listed."""

from __future__ import annotations

from dataclasses import replace

from ..errors import IncompleteError, InputError, Problem
from ..values import Call, Embedded, Json, JsonObject, LoadedFile, ModelInfo, an_object


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Send to /images for a model that is listed there, and through chat for any other."""
    files: list[LoadedFile] = values.get("attachments") or []
    images = [_reference(file) for file in files if file.text is None]
    texts = [f"{file.entry.name}:\n\n{file.text}" for file in files if file.text is not None]
    prompt = "\n\n".join([*map(_weighted, values["imageMessages"]), *texts])
    if model_info and model_info.source == "imageModels":
        return _at_images(call, prompt, images, model_info.row)
    return _through_chat(call, prompt, images, values, model_info)


def response(response: JsonObject, values: JsonObject) -> JsonObject:
    """Return the images of a chat completion in the shape of a response of /images."""
    if not isinstance(response.get("choices"), list):
        return response
    message = _message(response["choices"])
    images = [image for image in _items(message.get("images")) if isinstance(image, dict)]
    found = [str(an_object(image.get("image_url")).get("url")) for image in images]
    # Only data URLs: fetching a link that a model wrote would let it reach any address.
    data = [_item(url) for url in found if url.startswith("data:image/") and "," in url]
    if not data:
        text = message.get("content") or None
        text = text if isinstance(text, str) else None
        raise IncompleteError("the model sent no image", status=200, partial=text, raw=response)
    return {**response, "data": data}


def _at_images(call: Call, prompt: str, images: list[JsonObject], model: JsonObject) -> Call:
    described = an_object(model.get("supported_parameters"))
    # Counted here, since text files among the attachments go into the prompt.
    if images and (problems := _too_many(len(images), described.get("input_references"))):
        raise InputError(problems)
    references = {"input_references": images} if images else {}
    return replace(call, body={**(call.body or {}), "prompt": prompt, **references})


def _too_many(count: int, described: Json) -> list[Problem]:
    if described is None:
        return [Problem("attachments", "this model accepts no input images; remove them")]
    most = an_object(described).get("max")
    if isinstance(most, int | float) and count > most:
        return [Problem("attachments", f"{count} images are more than this model's {most}")]
    return []


def _through_chat(
    call: Call,
    prompt: str,
    images: list[JsonObject],
    values: JsonObject,
    model_info: ModelInfo | None,
) -> Call:
    known = (
        an_object(model_info.row.get("architecture")).get("output_modalities")
        if model_info
        else None
    )
    known = known if isinstance(known, list) else None
    config = {"aspect_ratio": values.get("aspectRatio"), "image_size": values.get("size")}
    config = {key: value for key, value in config.items() if value is not None}
    others = {k: v for k, v in (call.body or {}).items() if k not in _IMAGES_ONLY}
    warnings = [
        f"{name}: this model is called through chat, which has no such option; it was not sent"
        for key, name in _IMAGES_ONLY.items()
        if name and key in (call.body or {})
    ]
    content: Json = [{"type": "text", "text": prompt}, *images] if images else prompt
    body: JsonObject = {
        **others,
        "messages": [{"role": "user", "content": content}],
        # A model that only draws refuses ["image", "text"], one that also writes needs both.
        "modalities": [kind for kind in known or ("image", "text") if kind in ("image", "text")],
    }
    body |= {"image_config": config} if config else {}
    return replace(
        call,
        path="/chat/completions",
        body=body,
        dialect="chat",
        warnings=(*call.warnings, *warnings),
    )


_IMAGES_ONLY = {
    "aspect_ratio": "",
    "resolution": "",
    "size": "pixelSize",
    "n": "n",
    "quality": "quality",
    "background": "background",
    "output_format": "outputFormat",
    "output_compression": "outputCompression",
}
"""Keys that only /images knows, and their properties. The first two go into `image_config`."""


def _message(choices: list[Json]) -> JsonObject:
    return an_object(an_object(choices[0]).get("message")) if choices else {}


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _weighted(message: JsonObject) -> str:
    """Write the weight into the prompt, since no API has a field for it."""
    weight, content = message.get("weight", 1), message["content"]
    if weight == 1:
        return str(content)
    return f"Avoid: {content}" if weight < 0 else f"{content} (importance {weight:g}, 1 is normal)"


def _reference(file: LoadedFile) -> JsonObject:
    url = Embedded(file, f"data:{file.entry.mime_type};base64,")
    return {"type": "image_url", "image_url": {"url": url}}


def _item(url: str) -> JsonObject:
    head, data = url.split(",", 1)
    return {"b64_json": data, "media_type": head.removeprefix("data:").split(";")[0]}
