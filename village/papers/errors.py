"""What a paper may be refused for, and the one failure that is never the clerk's fault."""

from __future__ import annotations

from commons.errors import Refusal


class BadPlate(Refusal):
    """A face that must not be made of metal: something on it is wrong or contradicts itself."""

    code = "bad_plate"


class AddressTooLong(Refusal):
    """The site's address does not leave room for a symbol that survives a scratched plate."""

    code = "plate_address_too_long"


class MissingGlyphs(Refusal):
    """The font cannot draw some characters; each is named, with the places where it stands."""

    code = "missing_glyphs"

    def __init__(self, sentence: str, missing: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.missing = missing


class UnusableFont(Refusal):
    """The site's own font is missing, or of a kind that cannot be embedded."""

    code = "unusable_font"


class UnfitPaper(Refusal):
    """This size cannot be printed on that paper without scaling."""

    code = "unfit_paper"


class BadSlip(Refusal):
    """A slip that nobody could use: wrong code, or it ends before it begins."""

    code = "bad_slip"


class ProofError(Exception):
    """A symbol did not read back as what it should say. Our fault: nothing may be handed out."""
