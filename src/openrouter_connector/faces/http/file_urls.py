"""Convert file URLs between the file store and this server.

Clients see `http://127.0.0.1:8787/api/files/{id}`, and never a path of this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import HTTPConnection

from ...errors import Problem
from ...plain_json import to_plain_result
from ...runtime.files.store import FileStore
from ...values import FILE_KEYS, FileEntry, Json, Result
from .security import host_name, own_origin

PREFIX = "/api/files/"
_NOT_ALLOWED = (
    "is not a file of this server. Upload the file (POST /api/files), or give a data: URL or a "
    "public http(s) URL"
)


class FileUrls:
    """Converts URLs to those of the store, and back to those of this server."""

    def __init__(self, files: FileStore, hosts: Container[str], request: HTTPConnection) -> None:
        self._files = files
        self._hosts = hosts
        self._port = request.url.port
        self._origin = own_origin(request)

    def to_store(
        self, parameters: Json, *, of_flow: bool = False
    ) -> tuple[Json, tuple[Problem, ...]]:
        """Return parameters with the store's URLs, and the problems with their files.

        An invalid URL, such as a path, stays unchanged: its problem is enough to refuse it. A URL
        that a flow computes is no problem here: the store refuses what it must not open.
        """
        problems: list[Problem] = []

        def stored(url: str, path: str) -> str:
            if of_flow and ("${" in url or url.startswith("=")):
                return url
            if (file := self._id(url)) is not None:
                if own := self._files.url_of(file):
                    return own
                problems.append(Problem(path, "is not a file of this server, or no longer one"))
            elif not url[:8].lower().startswith(("http://", "https://", "data:")):
                problems.append(Problem(path, _NOT_ALLOWED))
            return url

        return _replace_urls(parameters, stored, ""), tuple(problems)

    def to_server(self, value: Json) -> Json:
        """Return a value with this server's URLs for the files of the store."""
        return _replace_urls(value, lambda url, _: self.of_file(url), "")

    def entry(self, entry: FileEntry) -> Json:
        """Return a FILE_ENTRY with the URL of this server."""
        return {**entry.to_json(), "url": self.of_file(entry.url)}

    def result(self, result: Result) -> Json:
        """Return `{output, metadata}` with this server's URLs for files that the run created.

        Other URLs may be text of the model that only looks like a file of the store.
        """
        value = to_plain_result(result, ascii_only=True)
        created = {file.url for file in result.metadata.files}
        return self.only(value, created) if created else value

    def only(self, value: Json, urls: Container[str]) -> Json:
        """Return a value with this server's URLs for some files of the store."""
        return _replace_urls(value, lambda url, _: self.of_file(url) if url in urls else url, "")

    def of_file(self, url: str) -> str:
        """Return this server's URL for a file of the store; another URL as it is."""
        file = self._files.id_of(url)
        return f"{self._origin}{PREFIX}{quote(file)}" if file else url

    def _id(self, url: str) -> str | None:
        """Return the file id in a URL of this server, by any of its names; None for other URLs."""
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


def _replace_urls(value: Json, replace: Callable[[str, str], str], path: str) -> Json:
    """Replace the URL of each FILE_ENTRY at any depth."""
    if isinstance(value, dict):
        if value.keys() == set(FILE_KEYS) and isinstance(value["url"], str):
            url_path = f"{path}.url".removeprefix(".")
            return {**value, "url": replace(value["url"], url_path)}
        return {key: _replace_urls(item, replace, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_replace_urls(item, replace, f"{path}[{i}]") for i, item in enumerate(value)]
    return value
