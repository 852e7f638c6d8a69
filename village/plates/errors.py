"""What printing and looking after plates may be refused for."""

from __future__ import annotations

from commons.errors import Conflict, Refusal


class NothingToPrint(Refusal):
    """Every door of the village has its plate already."""

    code = "nothing_to_print"


class AddressNotPublic(Refusal):
    """Plates hang for decades: an address that only works here, or without TLS, must not stand on them."""

    code = "address_not_public"


class DutyPhoneNeeded(Refusal):
    """A plate carries the village's duty telephone."""

    code = "duty_phone_needed"


class StateNotPossible(Conflict):
    """The plate has moved on, or this never follows that."""

    code = "state_not_possible"
