"""A QR code as one path, to be put inline into a page."""

from __future__ import annotations


def qr_path(text: str) -> tuple[str, int]:
    """Return the ``d`` of an SVG path that draws *text*, and the width of the square it needs, margin included."""
    import qrcode  # 7 MB that are needed once in an official's life

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    matrix = code.get_matrix()
    steps = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                steps.append(f"M{start} {y}h{x - start}v1H{start}z")
            x += 1
    return "".join(steps), len(matrix)
