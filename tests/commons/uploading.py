"""Files as phones and attackers send them."""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from typing import Any

import av
import numpy as np
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def sent(content: bytes, name: str = "IMG_0001.jpg") -> FileStorage:
    """A file as a browser sends it."""
    return FileStorage(io.BytesIO(content), filename=name, content_type="image/jpeg")


def long_form(fields: dict[str, str], **files: FileStorage) -> dict[str, Any]:
    """A form with *files* of any length, for the test client's ``post``: whole in memory, so that no temporary file stays open."""
    boundary, body = encode_multipart({**fields, **files})
    return {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}


def photo(width: int = 640, height: int = 480, *, kind: str = "JPEG", **options: object) -> bytes:
    """A picture with some detail, so that it does not shrink to nothing."""
    xs, ys = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.stack([(xs * 7) % 256, (ys * 5) % 256, (xs * ys) % 256], axis=-1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def photo_with_place() -> bytes:
    """A photo as a phone takes it: turned on its side, with place, camera and owner in it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = 6, "SomePhone", "Owner Name"
    exif.get_ifd(0x8825)[2] = (30.0, 23.0, 11.0)
    return photo(640, 480, exif=exif.tobytes(), comment=b"taken at home")


def huge_png(width: int, height: int) -> bytes:
    """A few kilobytes that unfold into *width* x *height* pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * min(height, 2000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tone(seconds: float, *, rate: int = 16_000) -> np.ndarray:
    """A voice-like hum."""
    moments = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * math.pi * 220 * moments) * 9000).astype(np.int16)


def wav(seconds: float, *, rate: int = 16_000, channels: int = 1) -> bytes:
    """A recording as plain WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(tone(seconds, rate=rate), channels).tobytes())
    return out.getvalue()


def recording(seconds: float, *, container: str, codec: str, rate: int = 48_000) -> bytes:
    """A recording as browsers and phones make them: webm or ogg with Opus, m4a with AAC, mp3."""
    out = io.BytesIO()
    with av.open(out, mode="w", format=container) as target:
        target.metadata["title"] = "at home"
        stream: Any = target.add_stream(codec, rate=rate, layout="mono")
        samples = tone(seconds, rate=rate).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout="mono", rate=rate, frame_size=960
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return out.getvalue()
