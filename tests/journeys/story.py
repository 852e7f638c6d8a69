"""What the story knows as it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from tests.journeys.people import Somebody
from tests.journeys.site import Site
from tests.make.people import unissued_phone

NAMES = {"clerk": "陈桂芳", "discipline": "赵正", "keeper": "何平"}


@dataclass
class Story:
    """What the story knows as it goes on."""

    browser: Browser
    site: Site
    folder: Path
    village: str = ""
    village_name: str = ""
    codes: list[str] = field(default_factory=list)
    officials: dict[str, Somebody] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)

    @property
    def clerk(self) -> Somebody:
        """The village's clerk at the desk."""
        return self.officials["clerk"]

    def official(self, role: str, area: str, password: str = "rain-falls-on-paddy-7") -> Somebody:
        """Appoint an official by command and let them begin at the desk; a second call returns the same person."""
        if role not in self.officials:
            phone = unissued_phone()
            said = self.site.run(
                "officials", "add", f"{role}-1", "--name", NAMES[role], "--phone", phone, "--role", role, "--area", area
            )  # fmt: skip
            somebody = Somebody(self.browser, self.site, desk=True)
            somebody.begin_at_the_desk(f"{role}-1", said.split("临时密码 ")[1].strip(), phone, password)
            self.officials[role] = somebody
        return self.officials[role]
