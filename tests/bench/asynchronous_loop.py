"""The reference of the execution benchmark: a plain asynchronous loop that reads, writes and reads back, and does
nothing else. HTTP/1.1 by hand over kept connections, so that no client library stands in its way.
"""

import asyncio
import json
import time
from urllib.parse import urlsplit


def measure_loop(url: str, token: str, company_ids: list[str], name: str, *, connections: int) -> float:
    """Records a second: each is read, given a new `name` and read back, `connections` of them at a time."""
    started = time.perf_counter()
    asyncio.run(_work_off(url, token, company_ids, name, connections))
    return len(company_ids) / (time.perf_counter() - started)


async def _work_off(url: str, token: str, company_ids: list[str], name: str, connections: int) -> None:
    waiting = list(company_ids)
    await asyncio.gather(*(_one_connection(url, token, waiting, name) for _ in range(connections)))


async def _one_connection(url: str, token: str, waiting: list[str], name: str) -> None:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"Host: portal\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    body = json.dumps({"properties": {"name": name}}).encode()
    while waiting:
        path = f"/crm/objects/2026-09/companies/{waiting.pop()}"
        await _call(reader, writer, f"GET {path}?properties=name", head)
        await _call(reader, writer, f"PATCH {path}", head, body)
        found = await _call(reader, writer, f"GET {path}?properties=name", head)
        if json.loads(found)["properties"]["name"] != name:
            raise AssertionError(found)
    writer.close()
    await writer.wait_closed()


async def _call(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: str, head: str, body: bytes = b""
) -> bytes:
    writer.write(f"{asked} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    answer = await reader.readexactly(int(headers["content-length"]))
    if " 200 " not in status:
        raise AssertionError(answer)
    return answer
