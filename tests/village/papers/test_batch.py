"""From faces to a file that may be handed out, or to nothing at all."""

from __future__ import annotations

import threading

import pytest

from tests.make.plates import make_batch, make_face, make_faces
from village.papers.batch import PrintedBatch
from village.papers.errors import AddressTooLong, BadPlate, MissingGlyphs
from village.papers.manifest import verify


def test_a_batch_is_a_pdf_and_a_manifest_that_agree() -> None:
    batch = make_batch(make_faces(3))

    assert batch.pdf.startswith(b"%PDF-")
    assert verify(batch.manifest, batch.pdf) == ()


def test_two_hosts_in_one_batch_are_refused() -> None:
    faces = [*make_faces(1), *make_faces(1, host="other.gov.cn")]

    with pytest.raises(BadPlate, match="只能用一个网址"):
        make_batch(faces)


def test_a_demonstration_plate_does_not_slip_in_among_real_ones() -> None:
    with pytest.raises(BadPlate, match="不能混在一批"):
        make_batch([*make_faces(2), make_face(demo=True)])


def test_one_bad_face_stops_the_whole_batch() -> None:
    with pytest.raises(MissingGlyphs):
        make_batch([*make_faces(5), make_face(village="㙓家村")])


def test_a_host_that_is_too_long_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(AddressTooLong):
        make_face(host="w" * 40 + ".gov.cn")


def test_batches_made_at_the_same_time_do_not_mix() -> None:
    """reportlab warns of one font in two documents at once; web threads do exactly that."""
    faces = [make_faces(8, village=name) for name in ("青石湾村", "双堰塘村", "龙凤垱村")]
    alone = [make_batch(part).pdf for part in faces]
    together: list[PrintedBatch | None] = [None] * 3

    def print_one(index: int) -> None:
        together[index] = make_batch(faces[index])

    threads = [threading.Thread(target=print_one, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [batch.pdf if batch else None for batch in together] == alone
