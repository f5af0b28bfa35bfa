"""A Tryton that runs elsewhere (TRYTON_URL), as a connector and as a person behind its back."""

import base64
import itertools
import json
import os
import urllib.request
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from crm_connectors.tryton.connector import KIND, TrytonConnector
from crm_connectors.tryton.settings import TrytonSettings
from crm_connectors.wiring import Gate, OpenGate, Wiring
from tests.doubles.kept_secrets import KeptSecrets

URL = os.environ.get("TRYTON_URL", "")
"""As in http://127.0.0.1:8000/crm; its user `admin` has the password of TRYTON_PASSWORD."""

PASSWORD = os.environ.get("TRYTON_PASSWORD", "")


def make_settings(**changes: Any) -> TrytonSettings:
    parts = urlsplit(URL)
    wanted = {"base_url": f"{parts.scheme}://{parts.netloc}", "database": parts.path.strip("/"), "login": "admin"}
    return TrytonSettings(**wanted | changes)


def connect(
    objects: str, *, secrets: KeptSecrets | None = None, gate: Gate | None = None, **settings: Any
) -> TrytonConnector:
    """A fresh connector."""
    wiring = Wiring(
        connection_id=uuid4(),
        settings=make_settings(objects=objects, **settings),
        secrets=secrets or KeptSecrets(password=PASSWORD),
        gate=gate or OpenGate(),
    )
    made = KIND.make(wiring)
    assert isinstance(made, TrytonConnector)
    return made


class Person:
    """Another login at the same Tryton."""

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        user, key, _ = self._post("common.db.login", ["admin", {"password": PASSWORD}], "")
        self._session = base64.b64encode(f"admin:{user}:{key}".encode()).decode()

    def call(self, method: str, *params: Any) -> Any:
        return self._post(method, list(params), f"Session {self._session}")

    def become_another(self) -> "Person":
        """A user of their own, who may work on parties."""
        groups = [row["id"] for row in self.call("model.res.group.search_read", [], 0, None, None, ["id"], {})]
        login, password = f"maya-{uuid4().hex[:8]}", f"Tr0ub4dor-{uuid4().hex}"
        self.call(
            "model.res.user.create",
            [{"name": "Maya", "login": login, "password": password, "groups": [["add", groups]]}],
            {},
        )
        another = Person.__new__(Person)
        user, key, _ = self._post("common.db.login", [login, {"password": password}], "")
        another._session = base64.b64encode(f"{login}:{user}:{key}".encode()).decode()
        return another

    def _post(self, method: str, params: list[Any], authorization: str) -> Any:
        body = json.dumps({"id": next(self._numbers), "method": method, "params": params}).encode()
        request = urllib.request.Request(f"{URL}/rpc/", body, {"Content-Type": "application/json"})  # noqa: S310
        if authorization:
            request.add_header("Authorization", authorization)
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the address is the test's own
            told = json.load(answer)
        assert "error" not in told, told
        return told["result"]
