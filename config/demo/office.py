"""The people of the story at their browsers: each logs in once, when first needed."""

from config.demo.browser import Browser


class Office:
    """Knows where the console is and everybody's password, as `seed_starter` printed them."""

    def __init__(self, url: str, logins: dict[str, str]) -> None:
        self._url, self._logins = url, logins
        self._browsers: dict[str, Browser] = {}

    def browser_of(self, login: str) -> Browser:
        """Their session."""
        if login not in self._browsers:
            browser = Browser(self._url)
            browser.log_in(login, self._logins[login])
            self._browsers[login] = browser
        return self._browsers[login]
