"""Keeps the libraries underneath from calling out.

Lives here: the one place that switches hubs and telemetry off. It must run before `transformers`,
`huggingface_hub` or `openvino` is imported, because they read these variables at import.
"""

from __future__ import annotations

import os
import sys

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    # Our tokenising runs beside our own threads, never across a fork.
    "TOKENIZERS_PARALLELISM": "true",
}


def go_offline() -> None:
    """Switch every hub look-up and telemetry of our dependencies off for this process."""
    os.environ.update(OFFLINE)
    # OpenVINO works without its telemetry package; unimportable, it cannot report anything.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
