"""The three things that can become of a question to the gateway. There is no fourth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Codes that say "somebody must mend the settings", not "this payment is bad":
# authorisation, missing arguments, invalid arguments (signature, app id, certificate), permissions.
_CONFIGURATION_CODES = frozenset({"20001", "40001", "40002", "40003", "40006"})

NOT_SENT = "not-sent"  # our own code: the connection was never made, so the gateway saw nothing
THROTTLED = "40005"


@dataclass(frozen=True, slots=True)
class Done:
    """The gateway did it and said so under its own signature."""

    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DefinitelyNot:
    """It did not happen. Branch on *sub_code* only; *message* is for people and changes."""

    code: str
    sub_code: str
    message: str

    @property
    def is_configuration(self) -> bool:
        """A key, certificate, app id or permission is wrong: an alarm, not a failed payment."""
        return self.code in _CONFIGURATION_CODES

    @property
    def may_repeat(self) -> bool:
        """Nothing was judged (not reached, or throttled): the same number may be sent again."""
        return self.code in (NOT_SENT, THROTTLED)


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have happened. Ask with a query; never send it again under a new number."""

    reason: str


Outcome = Done | DefinitelyNot | Unknown
