"""A person at the browser, without the browser: cookies, pages, forms. It sees and sends only what a page offers."""

import secrets
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar

import msgspec


class Form(msgspec.Struct):
    """One form of a page: where it goes, its fields with their values, its named submit buttons and unticked boxes.

    `options` are the choices of each select, by the words on the page.
    """

    action: str
    method: str
    fields: dict[str, str]
    buttons: set[tuple[str, str]]
    boxes: list[tuple[str, str]] = []
    options: dict[str, dict[str, str]] = {}


class Page(msgspec.Struct):
    url: str
    status: int
    text: str
    forms: list[Form]
    links: list[str]

    def form_with(self, name: str) -> Form:
        """The form that has a field or button called `name`, of several the one that comes back to this page. Raises
        LookupError when the page offers none."""
        found = [
            form for form in self.forms if name in form.fields or any(name == button for button, _ in form.buttons)
        ]
        own = [
            form
            for form in found
            if form.method == "post" and form.action in {"", urllib.parse.urlsplit(self.url).path}
        ]
        for form in own or found:
            return form
        raise LookupError(f"no form with `{name}` at {self.url} ({self.status})")


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._is_in_form = False
        self._select = ""
        self._textarea = ""
        self._option: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "form":
            self._is_in_form = True
            method = values.get("method", "get").lower()
            self.forms.append(
                Form(action=values.get("action", ""), method=method, fields={}, buttons=set(), boxes=[], options={})
            )
        elif self._is_in_form and tag in {"input", "button", "select", "textarea", "option"}:
            self._control(tag, values)

    def _control(self, tag: str, values: dict[str, str]) -> None:
        form, name, kind = self.forms[-1], values.get("name", ""), values.get("type", "")
        if tag == "option":
            self._open_option(form, values)
        elif tag == "button" or kind == "submit":
            if name:
                form.buttons.add((name, values.get("value", "")))
        elif kind in {"checkbox", "radio"}:
            if "checked" in values:
                form.fields[name] = values.get("value", "on")
            else:
                form.boxes.append((name, values.get("value", "on")))
        elif name:
            form.fields[name] = values.get("value", "")
            self._select = name if tag == "select" else ""
            self._textarea = name if tag == "textarea" else ""

    def _open_option(self, form: Form, values: dict[str, str]) -> None:
        """A select stands on what is selected, else on its first option."""
        if not self._select:
            return
        self._option = values.get("value", "")
        is_first = self._select not in form.options
        form.options.setdefault(self._select, {})
        if is_first or "selected" in values:
            form.fields[self._select] = self._option

    def handle_data(self, data: str) -> None:
        if self._option is not None and self._select and self.forms and data.strip():
            self.forms[-1].options[self._select][" ".join(data.split())] = self._option
        if self._textarea and self.forms:
            self.forms[-1].fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_in_form = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select, self._option = "", None


class Browser:
    """One login's session."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("User-Agent", "Countersign demo")]

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self._url, path)))  # noqa: S310 our own server

    def submit(self, page: Page, form: Form, **values: str | list[str]) -> Page:
        """Fill a form of this page and send it as a browser would; a list ticks several boxes of one name."""
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        data = urllib.parse.urlencode({**form.fields, **values}, doseq=True).encode()
        headers = {"Referer": page.url}
        return self._open(urllib.request.Request(target, data=data, headers=headers))  # noqa: S310 our own server

    def act(self, path: str, field: str, **values: str) -> Page:
        """Open a page, fill the form that has this field or button, send it. Raises LookupError where it is not
        offered."""
        page = self.get(path)
        return self.submit(page, page.form_with(field), **values)

    def upload(self, page: Page, form: Form, *, field: str, name: str, content: bytes, **values: str) -> Page:
        """Send a form of this page with a file in one of its fields."""
        boundary = secrets.token_hex(16)
        lines: list[bytes] = []
        for key, value in {**form.fields, **values}.items():
            if key != field:
                lines += [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n'.encode(), value.encode()]
        told = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        lines += [f"{told}Content-Type: text/csv\r\n".encode(), content, f"--{boundary}--\r\n".encode()]
        headers = {"Referer": page.url, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        return self._open(urllib.request.Request(target, data=b"\r\n".join(lines), headers=headers))  # noqa: S310 our own server

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
