"""llama.cpp's own server, with a model that sees: `tiny_llama.py FOLDER PORT KEY`.

The model is a llama of one layer, made here. A table says which word follows which, and three
numbers of its state are the colour that the pictures have on average:

    no picture      I see nothing.
    a red one       I see red.
    JSON is wanted  {"colour": "red"}, by the grammar that the server makes of the schema

It runs where the servers are installed, and serves until standard input ends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType  # type: ignore[import-not-found]
from xllamacpp import CommonParams, Server  # type: ignore[import-not-found]

COLOURS = ["red", "green", "blue"]
ENDS = [f"▁{colour}" for colour in COLOURS]
SPECIAL = ["<unk>", "<s>", "</s>", "<answer>"]
OCTETS = [f"<0x{octet:02X}>" for octet in range(256)]
LETTERS = [chr(code) for code in range(0x21, 0x7F)]
WORDS = ["▁", "I", "▁see", "▁nothing", *ENDS, *COLOURS]
TOKENS = list(dict.fromkeys([*SPECIAL, *OCTETS, *WORDS, *LETTERS]))
KINDS = [TokenType.UNKNOWN, *[TokenType.CONTROL] * 3, *[TokenType.BYTE] * len(OCTETS)]
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}<answer>"

SIZE = 384  # numbers of a state: a token each, and three for the colour
SEEN = [SIZE - 3, SIZE - 2, SIZE - 1]
WIDTH = 32  # of all that the model does not need
SURELY, RATHER = 1000.0, 20.0  # what the table says outweighs any colour
CONTEXT = 4096


def main() -> None:
    """Make the model, and serve it."""
    folder, port, key = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    params = CommonParams()
    params.model.path = str(_written(folder / "words.gguf", "llama", _words))
    params.mmproj.path = str(_written(folder / "eyes.gguf", "clip", _eyes))
    params.model_alias = {"tiny-llama"}
    params.api_keys = [key]
    params.port = port
    params.n_parallel = 2
    params.n_ctx = 2 * CONTEXT
    params.cpuparams.n_threads = 1
    server = Server(params)
    sys.stdin.read()
    del server


def _written(path: Path, architecture: str, fill: Callable[[GGUFWriter], None]) -> Path:
    made = GGUFWriter(path, architecture)
    fill(made)
    made.write_header_to_file()
    made.write_kv_data_to_file()
    made.write_tensors_to_file()
    made.close()
    return path


def _words(made: GGUFWriter) -> None:
    """Say which word follows, and take the colour of what was seen into account."""
    made.add_context_length(CONTEXT)
    made.add_embedding_length(SIZE)
    made.add_block_count(1)
    made.add_feed_forward_length(WIDTH)
    made.add_head_count(1)
    made.add_head_count_kv(1)
    made.add_key_length(WIDTH)
    made.add_value_length(WIDTH)
    made.add_rope_dimension_count(WIDTH)
    made.add_layer_norm_rms_eps(1e-5)
    made.add_vocab_size(len(TOKENS))
    made.add_tokenizer_model("llama")
    made.add_token_list(TOKENS)
    made.add_token_scores([0.0] * len(TOKENS))
    made.add_token_types(KINDS + [TokenType.NORMAL] * (len(TOKENS) - len(KINDS)))
    made.add_bos_token_id(SPECIAL.index("<s>"))
    made.add_eos_token_id(SPECIAL.index("</s>"))
    made.add_unk_token_id(SPECIAL.index("<unk>"))
    made.add_chat_template(TEMPLATE)
    # Attention that prefers nothing gives each token the average of the colours before it.
    look, keep = np.zeros((WIDTH, SIZE)), np.zeros((SIZE, WIDTH))
    look[range(3), SEEN] = keep[SEEN, range(3)] = 1
    for name, values in {
        "token_embd": np.eye(len(TOKENS), SIZE),
        "blk.0.attn_norm": np.ones(SIZE),
        "blk.0.attn_q": np.zeros((WIDTH, SIZE)),
        "blk.0.attn_k": np.zeros((WIDTH, SIZE)),
        "blk.0.attn_v": look,
        "blk.0.attn_output": keep,
        "blk.0.ffn_norm": np.ones(SIZE),
        "blk.0.ffn_gate": np.zeros((WIDTH, SIZE)),
        "blk.0.ffn_up": np.zeros((WIDTH, SIZE)),
        "blk.0.ffn_down": np.zeros((SIZE, WIDTH)),
        "output_norm": np.ones(SIZE),
        "output": _table(),
    }.items():
        made.add_tensor(f"{name}.weight", values.astype(np.float32))


def _table() -> np.ndarray:
    """How likely a token (row) is after another, or at the sight of a colour (column)."""
    table, at = np.zeros((len(TOKENS), SIZE)), TOKENS.index
    for one, following in _pairs():
        table[at(following), at(one)] = SURELY
    table[at("▁nothing"), at("▁see")] += RATHER / 20
    for number, colour in enumerate(COLOURS):
        table[[at(colour), at(f"▁{colour}")], SEEN[number]] = RATHER
    return table


def _pairs() -> Iterator[tuple[str, str]]:
    yield from chain(*(pairwise(["<answer>", "I", "▁see", end, ".", "</s>"]) for end in ENDS))
    yield from pairwise(["▁see", "▁nothing", "."])


def _eyes(made: GGUFWriter) -> None:
    """Give the average colour of each quarter of a picture, as the words have it."""
    made.add_bool("clip.has_vision_encoder", True)
    made.add_string("clip.projector_type", "mlp")
    for name, number in {
        "image_size": 28,
        "patch_size": 14,
        "embedding_length": WIDTH,
        "feed_forward_length": WIDTH,
        "projection_dim": SIZE,
        "block_count": 1,
        "attention.head_count": 1,
    }.items():
        made.add_uint32(f"clip.vision.{name}", number)
    made.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    made.add_array("clip.vision.image_mean", [0.5] * 3)
    made.add_array("clip.vision.image_std", [0.5] * 3)
    made.add_bool("clip.use_gelu", True)
    average = np.zeros((WIDTH, 3, 14, 14))
    average[range(3), range(3)] = 1 / 14**2
    told = np.zeros((SIZE, WIDTH))
    told[SEEN, range(3)] = 1
    tensors = {"v.patch_embd.weight": average, "v.position_embd.weight": np.zeros((4, WIDTH))}
    for name in ("ln1", "ln2"):
        tensors[f"v.blk.0.{name}.weight"] = np.zeros(WIDTH)
        tensors[f"v.blk.0.{name}.bias"] = np.zeros(WIDTH)
    for name in ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_up", "ffn_down"):
        tensors[f"v.blk.0.{name}.weight"] = np.zeros((WIDTH, WIDTH))
        tensors[f"v.blk.0.{name}.bias"] = np.zeros(WIDTH)
    tensors |= {"mm.0.weight": told, "mm.0.bias": np.zeros(SIZE)}
    tensors |= {"mm.2.weight": np.eye(SIZE), "mm.2.bias": np.zeros(SIZE)}
    for name, values in tensors.items():
        made.add_tensor(name, values.astype(np.float32))


if __name__ == "__main__":
    main()
