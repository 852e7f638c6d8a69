"""Somebody with a browser of their own: a villager's phone, an official's old computer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.browser import OFFICE, PHONE, new_context
from tests.journeys.site import Site


class Somebody:
    """A person in front of a browser; JavaScript stays off unless said otherwise, since nothing may need it."""

    def __init__(self, browser: Browser, site: Site, *, desk: bool = False, **choices: Any) -> None:
        width, height = OFFICE if desk else PHONE
        self.site = site
        self.context: BrowserContext = new_context(
            browser,
            viewport={"width": width, "height": height},
            java_script_enabled=False,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
            **choices,
        )
        self.page: Page = self.context.new_page()

    def go(self, address: str) -> Page:
        """Open an address of the site and insist that it answers well."""
        answer = self.page.goto(address if address.startswith("http") else self.site.base + address)
        assert answer is not None
        assert answer.status < 400, f"{address}: {answer.status}\n{self.page.inner_text('body')[:600]}"
        return self.page

    def fill(self, **fields: str) -> None:
        """Type into the fields with these names."""
        for name, words in fields.items():
            field = self.page.locator(f"[name={name}]").first
            assert field.count(), f"no field {name} on this page:\n{self.text()[:900]}"
            field.fill(words)

    def choose(self, **fields: str) -> None:
        """Choose in lists, or tick the radio of that value."""
        for name, value in fields.items():
            field = self.page.locator(f"[name={name}]").first
            if field.evaluate("node => node.tagName") == "SELECT":
                field.select_option(value)
            else:
                self.page.check(f"[name={name}][value='{value}']")

    def press(self, words: str) -> Page:
        """Press the button or link with these words, and insist that the next page is no error."""
        with self.page.expect_navigation() as navigation:
            self.button(words).click()
        answer = navigation.value
        if answer is not None:
            assert answer.status < 400, f"{words}: {answer.status}\n{self.page.inner_text('body')[:900]}"
        return self.page

    def button(self, words: str) -> Locator:
        """Return the button or link with these words."""
        roles: tuple[Literal["button", "link"], ...] = ("button", "link")
        for role in roles:
            found = self.page.get_by_role(role, name=words)
            if found.count():
                return found.first
        raise AssertionError(f"nothing called {words} on {self.page.url}:\n{self.text()[:1500]}")

    def text(self) -> str:
        """Return what the page says."""
        return self.page.inner_text("body")

    def download(self, words: str, to: Path) -> bytes:
        """Press a link that gives a file and return the file."""
        with self.page.expect_download() as download:
            self.button(words).click()
        download.value.save_as(to)
        return to.read_bytes()

    def sign_in_by_phone(self, phone: str, at: str = "/sign-in") -> None:
        """Sign in with a code sent to the telephone; at the first time read the terms and agree."""
        if at:
            self.go(at)
        self.fill(phone=phone)
        self.press("发送验证码")
        self.fill(code=self.site.last_code(phone))
        self.press("登录")
        if "开通前请看一看" in self.text():
            assert not self.page.is_checked("[name=agree]")
            self.page.check("[name=agree]")
            self.press("同意并开通")

    def begin_at_the_desk(self, name: str, temporary: str, phone: str, password: str) -> None:
        """Sign in to the desk for the first time: temporary password, second factor by message, an own password."""
        self.go("/desk/sign-in")
        self.fill(sign_in_name=name, password=temporary)
        self.press("登录")
        self.go("/desk/sign-in/enrol?by=sms")
        self.fill(code=self.site.last_code(phone))
        self.press("确认")
        assert "恢复码" in self.text()
        self.press("已经收好，继续")
        self.fill(new_password=password, new_password_again=password)
        self.press("保存并登录")

    def close(self) -> None:
        """Close the browser's window."""
        self.context.close()
