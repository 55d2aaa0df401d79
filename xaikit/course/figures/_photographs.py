"""Photographs inside a drawing as WebP, a tenth of the PNG that matplotlib puts there."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from io import BytesIO

from PIL import Image

_INSIDE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
# A map in colours has as many as its scale, 256; a photograph has thousands. What is drawn in
# dots or cells is transparent between them, a photograph at most along its edge.
_MOST_OF_A_MAP = 1_000
_LEAST_OPAQUE = 0.98
_QUALITY = 75


def photographs_made_light(svg: str) -> str:
    """Return a drawing with the photographs in it as WebP, all other pixels as they are."""
    return _INSIDE.sub(_lighter, svg)


def _lighter(found: re.Match[str]) -> str:
    with Image.open(BytesIO(b64decode(found[1]))) as picture:
        pixels = picture.convert("RGBA")
    if not _is_photograph(pixels):
        return found[0]
    data = BytesIO()
    pixels.save(data, "WEBP", quality=_QUALITY, method=6)
    return f"data:image/webp;base64,{b64encode(data.getvalue()).decode()}"


def _is_photograph(pixels: Image.Image) -> bool:
    opaque = pixels.getchannel("A").histogram()[255] / (pixels.width * pixels.height)
    return opaque >= _LEAST_OPAQUE and pixels.convert("RGB").getcolors(_MOST_OF_A_MAP) is None
