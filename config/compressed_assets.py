"""Style sheets, scripts and drawings leave compressed: three quarters of what a page loads is their text.

WhiteNoise serves files straight from the packages, where no compressed ones lie beside them. Each is compressed once a
process. Pages are not compressed: they mix secrets with what somebody else wrote.
"""

import gzip
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers

_TEXTS = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
_MOST = 128


class CompressedAssetsMiddleware:
    """Outside WhiteNoise: takes what it answers for text assets, and answers the same in gzip to who accepts it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if not request.path_info.startswith(settings.STATIC_URL) or not _is_text(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if "gzip" not in request.headers.get("Accept-Encoding", "") or request.method != "GET":
            return response
        return _compressed(response)


def _is_text(response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    is_whole = response.status_code == 200 and "Content-Encoding" not in response.headers
    return is_whole and kind in _TEXTS and isinstance(response, StreamingHttpResponse)


def _compressed(response: HttpResponseBase) -> HttpResponse:
    content = b"".join(response)
    response.close()
    answer = HttpResponse(_gzip(content))
    for name, value in response.headers.items():
        answer.headers[name] = value
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer


@lru_cache(maxsize=_MOST)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)
