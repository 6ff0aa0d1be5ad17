"""Files as this server names them: `http://127.0.0.1:8787/api/files/{id}`, never by a path."""

from __future__ import annotations

from collections.abc import Callable, Container
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import HTTPConnection

from ...errors import Problem
from ...plain_json import plain_result
from ...runtime.files.store import FileStore
from ...values import FILE_KEYS, FileEntry, Json, Result
from .security import host_name, own_origin

PREFIX = "/api/files/"
_ELSEWHERE = "is no file of this server (POST /api/files), no data: and no http(s) URL"


class Urls:
    """Puts this server's URLs in the place of the store's, and back."""

    def __init__(self, files: FileStore, hosts: Container[str], request: HTTPConnection) -> None:
        self._files = files
        self._hosts = hosts
        self._port = request.url.port
        self._origin = own_origin(request)

    def inward(self, parameters: Json) -> tuple[Json, tuple[Problem, ...]]:
        """Give parameters as the store knows their files, and what is wrong with these.

        A URL that is wrong, such as a path or an empty one, stays as it is.
        """
        problems: list[Problem] = []

        def stored(url: str, path: str) -> str:
            if (file := self._id(url)) is not None:
                if own := self._files.url_of(file):
                    return own
                problems.append(Problem(path, "names no file of this server"))
            elif not url[:8].lower().startswith(("http://", "https://", "data:")):
                problems.append(Problem(path, _ELSEWHERE))
            return url

        return _changed(parameters, stored, ""), tuple(problems)

    def outward(self, value: Json) -> Json:
        """Give a value with the URLs of stored files as this server answers to them."""
        return _changed(value, lambda url, _: self._shown(url), "")

    def entry(self, entry: FileEntry) -> Json:
        """Give a FILE_ENTRY with the URL by which this server answers."""
        return {**entry.to_json(), "url": self._shown(entry.url)}

    def result(self, result: Result) -> Json:
        """Give `{output, metadata}`; only files that the run made are named anew."""
        told = plain_result(result, ascii_only=True)
        made = {file.url for file in result.metadata.files}
        if not made:
            return told
        return _changed(told, lambda url, _: self._shown(url) if url in made else url, "")

    def _shown(self, url: str) -> str:
        file = self._files.id_of(url)
        return f"{self._origin}{PREFIX}{quote(file)}" if file else url

    def _id(self, url: str) -> str | None:
        """Give the id in a URL of this server, by any of its names; None for another URL."""
        if PREFIX not in url[:500]:
            return None
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        elsewhere = host_name(parts.netloc) not in self._hosts or port != self._port
        if (parts.netloc and elsewhere) or not parts.path.startswith(PREFIX):
            return None
        return unquote(parts.path[len(PREFIX) :])


def _changed(value: Json, change: Callable[[str, str], str], path: str) -> Json:
    """Change the url of each FILE_ENTRY, wherever it stands."""
    if isinstance(value, dict):
        if value.keys() == set(FILE_KEYS) and isinstance(value["url"], str):
            where = f"{path}.url".removeprefix(".")
            return {**value, "url": change(value["url"], where)}
        return {key: _changed(item, change, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, change, f"{path}[{i}]") for i, item in enumerate(value)]
    return value
