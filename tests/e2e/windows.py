"""Windows that stay open over many tests: a new one costs a browser half a second of work."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser

from tests.e2e.journey import Person


class Window:
    """A person's own: whoever visits finds it as after the log-in, but for what is cached."""

    def __init__(self, browser: Browser, address: str, name: str) -> None:
        person = Person.logged_in(browser, address, name)
        self._context = person.page.context
        self._address = address
        self._session = self._context.storage_state()["cookies"]
        person.page.close()

    @contextlib.contextmanager
    def visited(self) -> Iterator[Person]:
        page = self._context.new_page()
        devtools = self._context.new_cdp_session(page)
        everything = {"origin": self._address, "storageTypes": "all"}
        devtools.send("Storage.clearDataForOrigin", everything)
        devtools.detach()
        self._context.clear_cookies()
        self._context.add_cookies(self._session)  # type: ignore[arg-type]  # as they came
        try:
            yield Person.at(page)
        finally:
            self._context.unroute_all()
            self._context.set_offline(False)
            for each in self._context.pages:
                each.close()

    def close(self) -> None:
        self._context.close()
