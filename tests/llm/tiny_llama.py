"""A tiny llama model made on the spot, and llama.cpp's own server over it: a real endpoint without a download.

`python tests/llm/tiny_llama.py --port 8080` starts the server until it is interrupted; the model is written to a temporary folder
unless `--model PATH` says where. What it writes is words in no order: its weights are random. It needs gguf, numpy and xllamacpp.
"""

from __future__ import annotations

import argparse
import json
import signal
import tempfile
import threading
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORDS = """
    the a of and to in it was he she they we you had not but on at as with his her for from that this there then when
    where who what all one two three man woman boy girl river sea boat rope lamp house door road hill tree stone bird
    light dark night day rain wind water fire bread hand eye voice word name story old young small tall cold warm good
    slow quiet walked came went said asked gave took found lost kept saw heard knew waited carried opened closed again
    away home never always under over into out back down up still only first last
"""
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
CONTEXT = 4096
WIDTH, LAYERS, HEADS, INNER = 256, 8, 8, 1024
"""Large enough that a few hundred tokens take a moment, so that a test can see them come one by one."""


def write_model(path: Path, *, seed: int = 7) -> None:
    """Write the model as GGUF. The same seed writes the same bytes."""
    import gguf
    import numpy as np

    pieces: list[tuple[bytes, float, int]] = [(b"<unk>", 0.0, 2), (b"<s>", 0.0, 3), (b"</s>", 0.0, 3)]
    pieces += [(b"<0x%02X>" % byte, 0.0, 6) for byte in range(256)]
    bytes_end = len(pieces)
    pieces += [(letter.encode(), -100.0, 1) for letter in LETTERS]
    letters_end = len(pieces)
    pieces += [(("▁" + word).encode(), -float(at), 1) for at, word in enumerate(WORDS.split())]
    pieces += [(mark.encode(), -50.0, 1) for mark in (".", ",", "▁")]

    random = np.random.default_rng(seed)

    def weights(rows: int, columns: int) -> np.ndarray:
        return (random.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)

    # The first number of every state is large and constant, so that the output can turn down whole classes of tokens by it:
    # special tokens and bytes, which would be no text, and single letters.
    embedding = weights(len(pieces), WIDTH)
    embedding[:, 0] = 1.0
    output = weights(len(pieces), WIDTH) * 2.5
    output[:, 0] = 0.0
    output[:letters_end, 0] = -8.0
    output[:bytes_end, 0] = -40.0

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(pieces))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([piece for piece, _, _ in pieces])
    writer.add_token_scores([score for _, score, _ in pieces])
    writer.add_token_types([kind for _, _, kind in pieces])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        writer.add_tensor(f"{block}.attn_norm.weight", np.ones(WIDTH, np.float32))
        writer.add_tensor(f"{block}.ffn_norm.weight", np.ones(WIDTH, np.float32))
        for name, rows, columns in (
            ("attn_q", WIDTH, WIDTH),
            ("attn_k", WIDTH, WIDTH),
            ("attn_v", WIDTH, WIDTH),
            ("attn_output", WIDTH, WIDTH),
            ("ffn_gate", INNER, WIDTH),
            ("ffn_up", INNER, WIDTH),
            ("ffn_down", WIDTH, INNER),
        ):
            writer.add_tensor(f"{block}.{name}.weight", weights(rows, columns) * 0.5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(model: Path, port: int, slots: int) -> None:
    """Serve the model until SIGINT or SIGTERM; says its address on standard output as one line of JSON."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = {"tiny"}
    params.n_ctx = CONTEXT * slots
    params.n_parallel = slots
    params.n_gpu_layers = 0
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.endpoint_metrics = True
    params.endpoint_slots = True
    params.cpuparams.n_threads = 2
    params.warmup = False
    params.verbosity = 0
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server = xllamacpp.Server(params)
    print(json.dumps({"base_url": f"{server.listening_address}/v1"}), flush=True)
    stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8080, help="0 chooses a free one")
    parser.add_argument("--slots", type=int, default=8, help="how many answers at once")
    parser.add_argument("--model", type=Path, help="where the model lies, or is written")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = given.model or Path(folder) / "tiny.gguf"
        if not model.exists():
            write_model(model)
        serve(model, given.port, given.slots)


if __name__ == "__main__":
    main()
