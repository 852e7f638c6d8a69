"""Pictures and voices: what is taken, what is refused in a sentence, and who may see what is stored."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from typing import Any

import av
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageFile

from commons import worker
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Refusal
from commons.uploads import (
    Upload,
    clean_picture,
    clean_voice,
    may_see,
    remove_upload,
    store_picture,
    store_voice,
    voices,
)
from commons.uploads.errors import NotAPicture, NotAVoice, PictureTooLarge, VoiceTooLarge, VoiceTooLong
from commons.uploads.jobs import sweep
from commons.uploads.models import uploads_folder
from tests.commons.uploading import huge_png, photo, photo_with_place, recording, sent, wav

PAGE = b"<html><script>alert(document.cookie)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"


def test_a_photo_comes_out_upright_smaller_and_without_place_or_owner() -> None:
    clean = clean_picture(sent(photo_with_place()))
    assert (clean.mime, clean.width, clean.height) == ("image/jpeg", 480, 640)
    with Image.open(io.BytesIO(clean.content)) as image:
        assert dict(image.getexif()) == {}
        assert "exif" not in image.info and "comment" not in image.info
    for words in (b"SomePhone", b"Owner Name", b"taken at home", b"Exif", b"GPS"):
        assert words not in clean.content


def test_a_large_photo_is_brought_down_to_sixteen_hundred_pixels() -> None:
    clean = clean_picture(sent(photo(4000, 3000, quality=60)))
    assert (clean.width, clean.height) == (1600, 1200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_that_phones_send_are_taken(kind: str) -> None:
    assert clean_picture(sent(photo(kind=kind))).mime == "image/jpeg"


def test_what_is_transparent_stays_so() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (64, 64), (200, 30, 20, 90)).save(out, "PNG")
    clean = clean_picture(sent(out.getvalue()))
    assert (clean.mime, clean.suffix) == ("image/webp", "webp")


def test_unusual_colours_come_out_as_a_plain_picture() -> None:
    for mode in ("CMYK", "L"):
        out = io.BytesIO()
        Image.new(mode, (64, 64)).save(out, "JPEG")
        assert clean_picture(sent(out.getvalue())).mime == "image/jpeg"
    out = io.BytesIO()
    Image.new("P", (64, 64)).save(out, "PNG", transparency=0)
    assert clean_picture(sent(out.getvalue())).mime == "image/webp"


NO_PICTURES = {
    "nothing": b"",
    "a page": PAGE,
    "an SVG": SVG,
    "words": "这不是照片".encode(),
    "a program": b"MZ" + bytes(400),
    "only a beginning": photo()[:200],
    "half a photo": photo()[: len(photo()) // 2],
    "a PNG's first bytes and then a page": b"\x89PNG\r\n\x1a\n" + PAGE,
    "a JPEG's first bytes and then a page": b"\xff\xd8\xff\xe0" + PAGE,
    "a GIF that is a page": b"GIF89a" + PAGE,
    "a TIFF": photo(64, 64, kind="TIFF"),
    "a BMP": photo(64, 64, kind="BMP"),
    "a dot": photo(2, 2, kind="PNG"),
}


@pytest.mark.parametrize("content", NO_PICTURES.values(), ids=NO_PICTURES.keys())
def test_what_is_no_picture_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(NotAPicture) as refused:
        clean_picture(sent(content), field="photo")
    assert "不是照片" in refused.value.sentence and refused.value.field == "photo"


@pytest.mark.parametrize("size", [(30_000, 30_000), (65_500, 65_500), (6000, 6000)])
def test_a_bomb_is_refused_before_it_goes_off(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = huge_png(*size)
    assert len(bomb) < 100_000

    def gone_off(_picture: ImageFile.ImageFile) -> None:
        raise AssertionError("its pixels were unpacked")

    monkeypatch.setattr(ImageFile.ImageFile, "load", gone_off)
    with pytest.raises((PictureTooLarge, NotAPicture)):
        clean_picture(sent(bomb))


def test_more_than_eight_megabytes_are_refused_without_reading_on() -> None:
    stream = sent(photo() + bytes(9 * 1024 * 1024))
    with pytest.raises(PictureTooLarge):
        clean_picture(stream)
    assert stream.stream.tell() == 8 * 1024 * 1024 + 1


def test_of_a_photo_that_is_also_something_else_only_the_photo_is_left() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("evil.html", PAGE)
    clean = clean_picture(sent(photo() + archive.getvalue() + PAGE))
    assert b"PK\x03\x04" not in clean.content and b"<script" not in clean.content
    assert not zipfile.is_zipfile(io.BytesIO(clean.content))


RECORDINGS = {
    "webm": ("webm", "libopus", 48_000),
    "ogg": ("ogg", "libopus", 48_000),
    "m4a": ("ipod", "aac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "aac": ("adts", "aac", 44_100),
    "flac": ("flac", "flac", 48_000),
}


@pytest.mark.parametrize("form", RECORDINGS.values(), ids=RECORDINGS.keys())
def test_whatever_a_phone_records_becomes_one_kind_of_file(form: tuple[str, str, int]) -> None:
    container, codec, rate = form
    clean = clean_voice(sent(recording(3, container=container, codec=codec, rate=rate)))
    assert (clean.mime, clean.suffix) == ("audio/mp4", "m4a")
    assert clean.seconds == pytest.approx(3, abs=0.15)
    assert b"at home" not in clean.content
    with av.open(io.BytesIO(clean.content), mode="r") as file:
        stream = file.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.channels) == ("aac", 1)
        heard = sum(frame.samples for frame in file.decode(stream)) / stream.rate
    assert heard == pytest.approx(3, abs=0.3)


def test_a_stereo_wav_becomes_one_small_channel() -> None:
    clean = clean_voice(sent(wav(20, rate=44_100, channels=2)))
    assert clean.seconds == pytest.approx(20, abs=0.1)
    assert len(clean.content) < 150_000


def test_sixty_seconds_are_taken_and_sixty_two_are_not() -> None:
    assert clean_voice(sent(wav(60))).seconds == pytest.approx(60, abs=0.1)
    with pytest.raises(VoiceTooLong) as refused:
        clean_voice(sent(wav(62)))
    assert "60 秒" in refused.value.sentence


def test_a_long_silence_in_a_few_kilobytes_is_refused_without_decoding_it_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[int] = []

    def counted(*of: Any) -> Iterator[Any]:
        for frame in even_frames(*of):
            decoded.append(frame.samples)
            yield frame

    even_frames = voices._even_frames
    monkeypatch.setattr(voices, "_even_frames", counted)
    with pytest.raises(VoiceTooLong):
        clean_voice(sent(recording(150, container="ogg", codec="libopus")))
    assert 61 <= sum(decoded) / voices.RATE < 63


NO_VOICES = {
    "nothing": b"",
    "a photo": photo(),
    "a page": PAGE,
    "a playlist": PLAYLIST,
    "a list of files": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a WAV's head alone": wav(1)[:44],
    "half a webm": recording(2, container="webm", codec="libopus")[:300],
    "a webm's first bytes and then a page": b"\x1a\x45\xdf\xa3" + PAGE * 10,
    "an mp3's first bytes and then nothing": b"ID3" + bytes(200),
    "a breath": wav(0.05),
}


@pytest.mark.parametrize("content", NO_VOICES.values(), ids=NO_VOICES.keys())
def test_what_is_no_recording_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(NotAVoice) as refused:
        clean_voice(sent(content))
    assert "不是录音" in refused.value.sentence


def test_a_picture_alone_in_a_film_is_no_recording() -> None:
    out = io.BytesIO()
    with av.open(out, mode="w", format="mp4") as target:
        stream = target.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        target.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        target.mux(stream.encode(None))
    with pytest.raises(NotAVoice):
        clean_voice(sent(out.getvalue()))


def test_a_recording_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(VoiceTooLarge):
        clean_voice(sent(wav(55, rate=96_000)))


def test_a_stored_picture_is_served_to_be_shown_and_never_run(app: Flask, client: FlaskClient) -> None:
    with transaction():
        upload = store_picture(sent(photo()))
        path = upload.file
    assert path.is_file() and oct(path.stat().st_mode & 0o777) == "0o600"
    assert "IMG_0001" not in str(path) and len(upload.key) == 26
    answer = client.get(upload.url)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    again = client.get(upload.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for each in (answer, again):
        each.close()


def test_a_stored_voice_can_be_listened_to_from_the_middle(app: Flask, client: FlaskClient) -> None:
    with transaction():
        upload = store_voice(sent(wav(2), "voice.wav"))
    answer = client.get(upload.url, headers={"Range": "bytes=100-199"})
    assert (answer.status_code, len(answer.data), answer.mimetype) == (206, 100, "audio/mp4")
    answer.close()


def test_a_private_file_shows_only_where_its_judge_says_yes(app: Flask, client: FlaskClient) -> None:
    allowed: set[int] = set()
    may_see("test-private")(lambda upload: upload.id in allowed)
    with transaction():
        private = store_picture(sent(photo(64, 64)), visibility="test-private")
        unjudged = store_picture(sent(photo(64, 64)), visibility="nobody-registered-this")
    assert client.get(private.url).status_code == 404
    assert client.get(unjudged.url).status_code == 404
    allowed.add(private.id)
    answer = client.get(private.url)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "private, no-store"
    answer.close()


@pytest.mark.parametrize("name", ["a" * 26, "..%2f..%2fsecret_key.txt", "%00", "../secret_key.txt"])
def test_a_name_that_is_none_of_ours_leads_nowhere(app: Flask, client: FlaskClient, name: str) -> None:
    assert client.get(f"/files/{name}").status_code == 404


def test_a_removed_file_is_gone_at_once_and_its_bytes_soon(app: Flask, client: FlaskClient) -> None:
    with transaction():
        upload = store_picture(sent(photo(64, 64)))
    with transaction():
        remove_upload(upload)
        remove_upload(upload)
    assert client.get(upload.url).status_code == 404
    assert upload.file.exists()
    worker.run_due()
    assert not upload.file.exists()


def test_a_file_whose_row_was_rolled_back_is_swept_after_a_day(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        kept = store_picture(sent(photo(64, 64)))
    with pytest.raises(ZeroDivisionError), transaction():
        lost = store_picture(sent(photo(64, 64))).file
        raise ZeroDivisionError
    for path in (kept.file, lost):
        os.utime(path, (clock.at.timestamp(), clock.at.timestamp()))
    sweep()
    assert lost.exists()  # it may belong to a transaction that is still open
    clock.move(days=1, minutes=1)
    sweep()
    assert kept.file.exists() and not lost.exists()
    assert db.session.scalars(db.select(Upload)).one().id == kept.id


def test_every_refusal_names_its_stable_code() -> None:
    for refusal in (NotAPicture(), PictureTooLarge(), NotAVoice(), VoiceTooLong(), VoiceTooLarge()):
        assert isinstance(refusal, Refusal) and refusal.code != Refusal.code


def test_nothing_is_written_outside_the_folder_of_uploads(app: Flask) -> None:
    with transaction():
        upload = store_picture(sent(photo(64, 64), name="../../../etc/cron.d/evil"))
    assert upload.file.resolve().is_relative_to(uploads_folder().resolve())
