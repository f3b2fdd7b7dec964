"""The carried model run by itself: tokens in, vectors out, in OpenVINO where that is installed and else in torch.

``sentence_transformers`` runs any model, at a price: seconds to import, and batches padded to their longest text. This
one model is a plain BERT (six layers, mean of the last, length 1), so it is written down here once for each engine,
from the weights whose sums are checked. Texts are sorted by length, so that little is padding. OpenVINO computes in
bfloat16 where the processor has it; the cosine to what torch gives stays over 0.999, which a test holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Run = Callable[[NDArray[np.int32], NDArray[np.float32]], NDArray[np.float32]]
    Weights = dict[str, NDArray[np.float32]]

ENGINES = ("openvino", "torch")
TOKENS_MAX = 256
BATCH_TEXTS = 32
THREADS_MAX = 4
MASKED = -1e9
LEAST = 1e-24


class Encoder:
    """The model of a folder (a BERT of sentence-transformers with mean pooling), loaded on one engine."""

    def __init__(self, folder: Path, engine: str | None = None) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self.engine = engine or ("openvino" if find_spec("openvino") else "torch")
        assert self.engine in ENGINES, self.engine
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS_MAX)
        config = json.loads((folder / "config.json").read_text("utf-8"))
        weights = load_file(str(folder / "model.safetensors"))
        self._width = int(config["hidden_size"])
        self._run: Run = {"openvino": _openvino, "torch": _torch}[self.engine](weights, config)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1 a text, as rows in the order of the texts."""
        import numpy as np

        tokens = [one.ids for one in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda n: len(tokens[n]))
        made = np.empty((len(texts), self._width), dtype=np.float32)
        for start in range(0, len(order), BATCH_TEXTS):
            batch = order[start : start + BATCH_TEXTS]
            ids = np.zeros((len(batch), len(tokens[batch[-1]])), dtype=np.int32)
            mask = np.zeros(ids.shape, dtype=np.float32)
            for row, n in enumerate(batch):
                ids[row, : len(tokens[n])] = tokens[n]
                mask[row, : len(tokens[n])] = 1.0
            made[batch] = self._run(ids, mask)
        return made


def _threads() -> int:
    return min(THREADS_MAX, len(os.sched_getaffinity(0)))


def _torch(weights: Weights, config: dict[str, Any]) -> Run:
    import torch

    torch.set_num_threads(_threads())
    held = {name: torch.from_numpy(array) for name, array in weights.items() if array.dtype.kind == "f"}
    for layer in range(config["num_hidden_layers"]):
        own = f"encoder.layer.{layer}.attention.self."
        for part in ("weight", "bias"):
            held[f"{own}qkv.{part}"] = torch.cat([held[f"{own}{one}.{part}"] for one in ("query", "key", "value")])
    return partial(_torch_forward, held, config)


def _torch_forward(
    held: dict[str, Any], config: dict[str, Any], ids: NDArray[np.int32], mask: NDArray[np.float32]
) -> NDArray[np.float32]:
    import torch
    from torch.nn import functional

    heads, width = config["num_attention_heads"], config["hidden_size"]

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, held[f"{name}.weight"], held[f"{name}.bias"])

    def normed(x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = held[f"{name}.weight"], held[f"{name}.bias"]
        return functional.layer_norm(x, (width,), weight, bias, config["layer_norm_eps"])

    with torch.inference_mode():
        texts, length = ids.shape
        kept = torch.from_numpy(mask)
        bias = None if mask.all() else ((1 - kept) * MASKED)[:, None, None, :]
        x = held["embeddings.word_embeddings.weight"][torch.from_numpy(ids).long()]
        x = x + held["embeddings.position_embeddings.weight"][:length]
        x = normed(x + held["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(config["num_hidden_layers"]):
            own = f"encoder.layer.{layer}."
            split = (
                linear(x, f"{own}attention.self.qkv")
                .view(texts, length, 3, heads, width // heads)
                .permute(2, 0, 3, 1, 4)
            )
            seen = functional.scaled_dot_product_attention(split[0], split[1], split[2], bias)
            joined = seen.transpose(1, 2).reshape(texts, length, width)
            x = normed(linear(joined, f"{own}attention.output.dense") + x, f"{own}attention.output.LayerNorm")
            inner = functional.gelu(linear(x, f"{own}intermediate.dense"))
            x = normed(linear(inner, f"{own}output.dense") + x, f"{own}output.LayerNorm")
        summed = (x * kept[:, :, None]).sum(1)
        made: NDArray[np.float32] = functional.normalize(summed).numpy()
    return made


def _openvino(weights: Weights, config: dict[str, Any]) -> Run:
    import openvino

    settings = {"INFERENCE_NUM_THREADS": _threads(), "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.Core().compile_model(_graph(weights, config), "CPU", settings).create_infer_request()

    def run(ids: NDArray[np.int32], mask: NDArray[np.float32]) -> NDArray[np.float32]:
        made: NDArray[np.float32] = request.infer([ids, mask])[0].copy()
        return made

    return run


def _graph(weights: Weights, config: dict[str, Any]) -> Any:
    import numpy as np
    import openvino
    from openvino import opset13 as op

    heads, width = config["num_attention_heads"], config["hidden_size"]

    def whole(*values: int) -> Any:
        return op.constant(np.array(values, dtype=np.int64))

    def linear(x: Any, name: str) -> Any:
        return op.add(op.matmul(x, op.constant(weights[f"{name}.weight"]), False, True), weights[f"{name}.bias"])

    def normed(x: Any, name: str) -> Any:
        even = op.mvn(x, whole(-1), True, config["layer_norm_eps"], "inside_sqrt")
        return op.add(op.multiply(even, weights[f"{name}.weight"]), weights[f"{name}.bias"])

    ids = op.parameter([-1, -1], np.int32, name="ids")
    mask = op.parameter([-1, -1], np.float32, name="mask")
    length = op.gather(op.shape_of(ids), whole(1), op.constant(np.int64(0)))
    places = op.constant(weights["embeddings.position_embeddings.weight"])
    x = op.gather(op.constant(weights["embeddings.word_embeddings.weight"]), ids, op.constant(np.int64(0)))
    x = op.add(x, op.slice(places, whole(0), length, whole(1), whole(0)))
    x = normed(op.add(x, weights["embeddings.token_type_embeddings.weight"][:1]), "embeddings.LayerNorm")
    hidden = op.multiply(op.subtract(np.float32(1), op.unsqueeze(mask, whole(1, 2))), np.float32(MASKED))
    by_head = whole(0, 2, 1, 3)
    for layer in range(config["num_hidden_layers"]):
        own = f"encoder.layer.{layer}."
        parts = [
            op.transpose(
                op.reshape(linear(x, f"{own}attention.self.{one}"), whole(0, 0, heads, width // heads), True), by_head
            )
            for one in ("query", "key", "value")
        ]
        seen = op.scaled_dot_product_attention(*parts, hidden)
        joined = op.reshape(op.transpose(seen, by_head), whole(0, 0, width), True)
        x = normed(op.add(linear(joined, f"{own}attention.output.dense"), x), f"{own}attention.output.LayerNorm")
        inner = op.gelu(linear(x, f"{own}intermediate.dense"), "erf")
        x = normed(op.add(linear(inner, f"{own}output.dense"), x), f"{own}output.LayerNorm")
    summed = op.reduce_sum(op.multiply(x, op.unsqueeze(mask, whole(2))), whole(1), False)
    return openvino.Model([op.normalize_l2(summed, whole(1), LEAST, "add")], [ids, mask], "sentences")
