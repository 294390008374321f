"""The same models on an NVIDIA card: padded batches in half precision with torch.

Lives here: moving windows to the card and probabilities back. Written to the same contract as the
other engines and tested on the processor; its speed on a card was not measured.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from detoxify import Detoxify

from bot.errors import UserError
from bot.scoring.batches import plan
from bot.scoring.engine import Probabilities
from bot.scoring.tokens import Window

_PADDED_TOKENS = 16_384


def require_cuda() -> None:
    """Raise `UserError` where torch sees no CUDA device."""
    if not torch.cuda.is_available():
        raise UserError(
            "there is no CUDA device that torch can use",
            hint="install the driver and a CUDA build of torch, or set `model.device: cpu`",
        )


class CudaEngine:
    """A Detoxify model on a torch device.

    Half precision, because it is as fast as bf16 there and eight times as fine: with bf16 the same
    text in other batches moved by more than we allow.
    """

    def __init__(self, detoxify: Detoxify, device: str = "cuda") -> None:
        self._device = torch.device(device)
        self._model = detoxify.model.to(self._device).eval()
        self._labels = len(detoxify.class_names)

    @torch.inference_mode()
    def run(self, windows: Sequence[Window]) -> Probabilities:
        """Return an array (windows, labels)."""
        batches = plan([len(window.ids) for window in windows], _PADDED_TOKENS)
        # All batches are queued before the first result is awaited: the card never waits for us.
        outputs = [self._forward([windows[i].ids for i in batch]) for batch in batches]
        result = np.empty((len(windows), self._labels), dtype=np.float32)
        for batch, output in zip(batches, outputs, strict=True):
            result[batch] = output.cpu().numpy()
        return result

    def _forward(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        lengths = torch.tensor([len(row) for row in rows])
        padding = self._model.config.pad_token_id or 0
        ids = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(row) for row in rows], batch_first=True, padding_value=padding
        )
        mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).long()
        with torch.autocast(self._device.type, dtype=torch.float16):
            logits = self._model(self._move(ids), attention_mask=self._move(mask)).logits
        return torch.sigmoid(logits[:, : self._labels].float())

    def _move(self, tensor: torch.Tensor) -> torch.Tensor:
        if self._device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self._device, non_blocking=True)
