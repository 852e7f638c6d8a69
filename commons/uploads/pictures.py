"""Pictures made anew: measured before they are opened, turned upright, made smaller, and freed of all that is not picture."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from commons.uploads.cleaning import CleanFile, Sent, bounded
from commons.uploads.errors import NotAPicture, PictureTooLarge

LONGEST_SIDE = 1600
TAKEN = ("JPEG", "PNG", "WEBP")
# A JPEG is opened at a fraction of its size, unless it is progressive; the others unfold whole in memory.
MOST_PIXELS = {"JPEG": 120_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
MOST_PIXELS_PROGRESSIVE = 16_000_000
SMALLEST_SIDE = 8
QUALITY = 82


def clean_picture(sent: Sent, field: str = "picture") -> CleanFile:
    """
    Return the picture in *sent* as a JPEG (or WebP where parts are transparent), at most 1600 pixels long.

    Call it before ``transaction()``: it takes a moment. Place, camera, time, comments and anything hung on behind are left out, since
    only the pixels are written again.

    Raises:
        NotAPicture: no JPEG, PNG or WebP, or a broken one.
        PictureTooLarge: more than 8 MB, or more pixels than we open.
    """
    content = bounded(sent, PictureTooLarge(field))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is stricter
            with Image.open(io.BytesIO(content), formats=TAKEN) as image:
                _measure(image, field)
                return _redraw(image)
    except (PictureTooLarge, NotAPicture):
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(field) from error
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        MemoryError,
        OverflowError,
    ) as error:
        raise NotAPicture(field) from error


def _measure(image: Image.Image, field: str) -> None:
    """Refuse by the size that the header tells, before anything is unfolded."""
    width, height = image.size
    most = MOST_PIXELS[image.format or "PNG"]
    if image.info.get("progressive") or image.info.get("progression"):
        most = MOST_PIXELS_PROGRESSIVE
    if width * height > most:
        raise PictureTooLarge(field)
    if min(width, height) < SMALLEST_SIDE:
        raise NotAPicture(field)


def _redraw(image: Image.Image) -> CleanFile:
    if image.format == "JPEG":
        image.draft("RGB", _fitting(image.size))
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    ImageOps.exif_transpose(image, in_place=True)
    wanted = "RGBA" if has_alpha else "RGB"
    # In place wherever it can be: a picture in memory is many times its file.
    drawn: Image.Image = image if image.mode == wanted else image.convert(wanted)
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    bare = Image.new(wanted, drawn.size)
    bare.paste(drawn)
    out = io.BytesIO()
    if has_alpha and bare.getextrema()[-1] != (255, 255):
        bare.save(out, "WEBP", quality=QUALITY, method=4)
        return CleanFile("picture", out.getvalue(), "image/webp", "webp", *bare.size)
    bare.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True)
    return CleanFile("picture", out.getvalue(), "image/jpeg", "jpg", *bare.size)


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size at which a picture of *size* may be opened: both sides must shrink alike, or neither does."""
    longest = max(size)
    width, height = (max(1, side * LONGEST_SIDE // longest) for side in size)
    return width, height
