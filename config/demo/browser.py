"""A person at the browser, without the browser: cookies, pages, forms. It sees and sends only what a page offers."""

import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar

import msgspec


class Form(msgspec.Struct):
    """One form of a page: where it goes, its fields with their values, and its named submit buttons."""

    action: str
    method: str
    fields: dict[str, str]
    buttons: set[tuple[str, str]]


class Page(msgspec.Struct):
    url: str
    status: int
    text: str
    forms: list[Form]
    links: list[str]

    def form_with(self, name: str) -> Form:
        """The form that has a field or button called `name`. Raises LookupError when the page offers none."""
        for form in self.forms:
            if name in form.fields or any(button == name for button, _ in form.buttons):
                return form
        raise LookupError(f"no form with `{name}` at {self.url} ({self.status})")


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "form":
            method = values.get("method", "get").lower()
            self.forms.append(Form(action=values.get("action", ""), method=method, fields={}, buttons=set()))
        elif self.forms and tag in {"input", "button", "select", "textarea", "option"}:
            self._control(tag, values)

    def _control(self, tag: str, values: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], values.get("name", ""), values.get("type", "")
        if tag == "option":
            if self._select and "selected" in values:
                form.fields[self._select] = values.get("value", "")
        elif tag == "button" or kind == "submit":
            if name:
                form.buttons.add((name, values.get("value", "")))
        elif kind in {"checkbox", "radio"}:
            if "checked" in values:
                form.fields[name] = values.get("value", "on")
        elif name:
            form.fields[name] = values.get("value", "")
            self._select = name if tag == "select" else ""
            self._textarea = name if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            self.forms[-1].fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""


class Browser:
    """One login's session."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("User-Agent", "Countersign demo")]

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self._url, path)))  # noqa: S310 our own server

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Fill a form of this page and send it as a browser would."""
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        data = urllib.parse.urlencode({**form.fields, **values}).encode()
        headers = {"Referer": page.url}
        return self._open(urllib.request.Request(target, data=data, headers=headers))  # noqa: S310 our own server

    def log_in(self, username: str, password: str) -> Page:
        page = self.get("/admin/login/?next=/review/")
        return self.submit(page, page.form_with("password"), username=username, password=password)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode("utf-8", "replace")
            parser = _PageParser()
            parser.feed(text)
            return Page(
                url=answer.geturl(), status=answer.status or 0, text=text, forms=parser.forms, links=parser.links
            )
