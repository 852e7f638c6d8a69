"""Voices made anew: whatever a phone records becomes one kind of file that every browser plays, at most a minute long."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from commons.uploads.cleaning import CleanFile, Sent, bounded
from commons.uploads.errors import NotAVoice, VoiceTooLarge, VoiceTooLong

if TYPE_CHECKING:
    import av
    from av.audio.frame import AudioFrame

LONGEST_SECONDS = 60
GRACE_SECONDS = 1  # recorders stop a little late
RATE = 24_000
BITS_PER_SECOND = 40_000
SHORTEST_SECONDS = 0.2
DECODING_SECONDS = 15


def container_of(head: bytes) -> str | None:
    """
    Return the name of the reader for a file that begins with *head*, or None for what we do not take.

    The reader is always named outright: left to guess, it would also open playlists, which name other files to fetch.
    """
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[4:8] == b"ftyp":
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:5] == b"#!AMR":
        return "amr"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"caff":
        return "caf"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return "mp3"
    return None


def clean_voice(sent: Sent, field: str = "voice") -> CleanFile:
    """
    Return the recording in *sent* as AAC in an m4a file, one channel, at most a minute.

    Call it before ``transaction()``: a minute of speech takes about half a second. Pictures, place and titles in the file are left out.

    Raises:
        NotAVoice: no recording that we take, or a broken or empty one.
        VoiceTooLong: longer than 60 seconds (61 are let pass).
        VoiceTooLarge: more than 8 MB.
    """
    import av  # FFmpeg: 17 MB that a process needs only once somebody speaks

    content = bounded(sent, VoiceTooLarge(field))
    reader = container_of(content[:16])
    if reader is None:
        raise NotAVoice(field)
    try:
        encoded, samples = _encode(content, reader, field)
    except (av.error.FFmpegError, ValueError, IndexError, MemoryError, OverflowError) as error:
        raise NotAVoice(field) from error
    seconds = samples / RATE
    if seconds < SHORTEST_SECONDS:
        raise NotAVoice(field)
    return CleanFile("voice", encoded, "audio/mp4", "m4a", seconds=round(seconds, 2))


def _encode(content: bytes, reader: str, field: str) -> tuple[bytes, int]:
    import av

    out, samples = io.BytesIO(), 0
    with av.open(io.BytesIO(content), format=reader, mode="r", options={"protocol_whitelist": ""}) as source:
        if not source.streams.audio:
            raise NotAVoice(field)
        with av.open(out, mode="w", format="ipod") as target:
            stream = target.add_stream("aac", rate=RATE, layout="mono", bit_rate=BITS_PER_SECOND)
            for frame in _even_frames(source, field):
                samples += frame.samples
                if samples > (LONGEST_SECONDS + GRACE_SECONDS) * RATE:
                    raise VoiceTooLong(field)
                frame.pts = None
                target.mux(stream.encode(frame))
            target.mux(stream.encode(None))
    return out.getvalue(), samples


def _even_frames(source: av.container.InputContainer, field: str) -> Iterator[AudioFrame]:
    """Yield the sound of *source* as one channel at one rate, for as long as decoding takes a reasonable time."""
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler(format="fltp", layout="mono", rate=RATE)
    until = time.monotonic() + DECODING_SECONDS
    for frame in source.decode(audio=0):
        if time.monotonic() > until:
            raise NotAVoice(field)
        yield from resampler.resample(frame)
    yield from resampler.resample(None)
