"""Errors in Stripe's words, for programs. English, because the reader is a developer with Stripe's manual beside them."""

from __future__ import annotations

from typing import Any

from commons.errors import NotAllowed, Refusal, TooMany

INVALID = "invalid_request_error"


class ApiError(Exception):
    """
    The call cannot be answered as asked: an HTTP status and Stripe's error object.

    *is_kept* says whether an idempotency key remembers it: what was refused before the work began is not remembered.
    *should_retry* goes out as ``Stripe-Should-Retry`` where it is not None. *more* goes into the error object.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        kind: str = INVALID,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.param, self.kind = message, status, code, param, kind
        self.more = more
        self.is_kept = True
        self.should_retry: bool | None = None

    def body(self) -> dict[str, Any]:
        """Return the answer's body."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
        if self.param:
            error["param"] = self.param
        return {"error": error | self.more}


def bad_parameter(param: str, message: str, code: str | None = None) -> ApiError:
    """Say what is wrong with one parameter; nothing has begun, so nothing is remembered."""
    error = ApiError(message, code=code, param=param)
    error.is_kept = False
    return error


def no_such(kind: str, key: str, param: str = "id", elsewhere: str = "") -> ApiError:
    """Say that there is no such object for this caller; *elsewhere* names the other mode if it is known there."""
    message = f"No such {kind}: '{key}'"
    if elsewhere:
        here = "live" if elsewhere == "test" else "test"
        message += f"; a similar object exists in {elsewhere} mode, but a {here} mode key was used to make this request."
    return ApiError(message, status=404, code="resource_missing", param=param)


def unauthorised(message: str, *, code: str | None = None) -> ApiError:
    """Say that the key is missing or wrong."""
    return ApiError(message, status=401, code=code)


def forbidden(message: str, *, code: str | None = None) -> ApiError:
    """Say that the key is good and may not do this."""
    return ApiError(message, status=403, code=code)


def too_many() -> ApiError:
    """Say that the caller is too fast; the clients repeat a 429 only when they are told to."""
    error = ApiError("Too many requests hit the API too quickly.", status=429, code="rate_limit")
    error.should_retry, error.is_kept = True, False
    return error


def in_flight() -> ApiError:
    """Say that another request with the same idempotency key is under way."""
    error = ApiError(
        "There is currently another in-progress request using this Idempotency Key "
        "(that probably means you submitted twice, and the other request is still going through). "
        "Please try again later.",
        status=409,
        code="idempotency_key_in_use",
        kind="idempotency_error",
    )
    error.should_retry, error.is_kept = True, False
    return error


def other_parameters(key: str) -> ApiError:
    """Say that an idempotency key was used for something else."""
    error = ApiError(
        f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
        code="idempotency_error",
    )
    error.is_kept = False
    return error


def fault() -> ApiError:
    """Say that it is our fault, and nothing more."""
    return ApiError("An unknown error occurred", status=500, kind="api_error")


# What a program is told where our own sentence is meant for a buyer.
SENTENCES = {
    "amount_invalid": "Invalid amount.",
    "offline_limit": "This amount is above what may be paid by hand in this place.",
    "no_online_payment": "No Alipay application is set up for this mode.",
    "payment_intent_unexpected_state": "The PaymentIntent's state does not allow this.",
    "charge_not_refundable": "Alipay takes no refunds for this charge any more.",
    "refused": "The request cannot be done as it stands.",
    "conflict": "The object has changed in the meantime.",
}
CODES = {
    "no_online_payment": "payment_method_not_available",
    "charge_not_refundable": "charge_not_refundable",
}
# Our pages' fields that are parameters here; any other would name what no program can send.
PARAMETERS = {"amount": "amount"}


def from_refusal(refusal: Refusal) -> ApiError:
    """Turn a refusal of our own actions into Stripe's words."""
    if isinstance(refusal, TooMany):
        return too_many()
    if isinstance(refusal, NotAllowed):
        return forbidden(SENTENCES.get(refusal.code, refusal.sentence))
    words = SENTENCES.get(refusal.code, refusal.sentence)
    return ApiError(
        words, code=CODES.get(refusal.code, refusal.code), param=PARAMETERS.get(refusal.field or "")
    )
