"""`make api-diff`: what a newer OpenAPI document means for our actions."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLD = """
paths:
  /audio/speech:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Speech'}}}}
  /chat/completions: {post: {requestBody: {content: {application/json: {schema: {type: object,
    properties: {temperature: {type: number}, provider: {type: object, properties: {
      order: {type: array}, sort: {anyOf: [{type: string, enum: [price]}, {type: object}]}}}}}}}}}}
  /audio/transcriptions: {post: {}}
components:
  schemas:
    Speech:
      type: object
      required: [input]
      properties:
        input: {type: string}
        voice: {type: string}
        speed: {type: number}
        response_format: {type: string, enum: [mp3, pcm]}
        loop: {$ref: '#/components/schemas/Speech'}
"""
NEW = (
    OLD.replace("enum: [mp3, pcm]", "enum: [mp3, opus]")
    .replace("        voice: {type: string}\n", "        style: {type: string}\n")
    .replace("speed: {type: number}", "speed: {type: [number, 'null']}")
    .replace("required: [input]", "required: [input, style]")
    .replace(
        "        input: {type: string}",
        "        input: {type: string}\n        style: {type: string}",
    )
    .replace("enum: [price]", "enum: [price, exacto]")
    .replace("  /audio/transcriptions: {post: {}}", "  /music: {post: {}}")
)


def told(tmp_path: Path, old: str, new: str) -> tuple[int, str]:
    for name, text in (("old.yaml", old), ("new.yaml", new)):
        (tmp_path / name).write_text(text)
    files = [str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")]
    script = str(ROOT / "tools" / "api_diff.py")
    done = subprocess.run([sys.executable, script, *files], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_what_a_newer_document_touches_is_told_action_by_action(tmp_path: Path) -> None:
    code, report = told(tmp_path, OLD, NEW)
    head = "createSpeech · POST /audio/speech · definitions/create_speech.yaml\n"
    speech = report.partition(head)[2].partition("\nc")[0]
    for line in (
        "+ parameter style, and is required",
        "- parameter voice is gone (we send it)",
        "~ response_format may also be opus",
        "~ response_format may no longer be pcm",
        "~ speed was number, and is null or number",
    ):
        assert f"  {line}\n" in f"{speech}\n"
    ask = "ask · POST /chat/completions · definitions/ask.yaml\n"
    assert f"{ask}  ~ provider.sort may also be exacto" in report
    assert "definitions/create_transcription.yaml\n  ! the endpoint is gone" in report
    assert "new, and no action has it: POST /music" in report
    assert code == 1


def test_the_same_document_touches_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, OLD, OLD) == (0, "no action is touched\n")


def installed(folder: Path, package: Path, *changes: tuple[str, str, str]) -> Path:
    """Copy the installed SDK, changed in some files."""
    copied = folder / "openrouter"
    shutil.copytree(package, copied)
    for name, old, new in changes:
        file = copied / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
    return folder


def test_two_versions_of_the_sdk_are_compared(tmp_path: Path) -> None:
    package = Path(sysconfig.get_path("purelib")) / "openrouter"
    newer = installed(
        tmp_path,
        package,
        (
            "components/videogenerationrequest.py",
            "upscale_factor: Optional",
            "zoom: Optional",
        ),
        ("components/speechrequest.py", '        "pcm",', '        "pcm",\n        "opus",'),
        ("rerank.py", 'path="/rerank"', 'path="/rank"'),
    )
    script = str(ROOT / "tools" / "api_diff.py")
    folders = [str(package.parent), str(newer)]
    done = subprocess.run([sys.executable, script, *folders], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.returncode == 1
    for lines in (
        "createSpeech · POST /audio/speech · definitions/create_speech.yaml\n"
        "  ~ response_format may also be opus\n",
        "createVideo · POST /videos · definitions/create_video.yaml\n"
        "  + parameter zoom\n  - parameter upscale_factor is gone (we send it)\n",
        "createRerank · POST /rerank · definitions/create_rerank.yaml\n  ! the endpoint is gone\n",
        "new, and no action has it: POST /rank\n",
    ):
        assert lines in done.stdout
