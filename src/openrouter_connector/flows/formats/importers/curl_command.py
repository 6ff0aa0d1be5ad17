"""Read the words of curl commands, as a shell would split them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import token_hex
from urllib.parse import quote

from ....errors import InputError, Problem

_DATA = {
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--json",
    "--data-urlencode",
}
_WITH_VALUE = {
    *_DATA, "-X", "--request", "-H", "--header", "-F", "--form", "--form-string", "--url",
    "-u", "--user", "-b", "--cookie", "--oauth2-bearer", "-o", "--output", "-A", "--user-agent",
    "-e", "--referer", "-m", "--max-time", "--connect-timeout", "--retry", "--retry-delay",
    "--retry-max-time", "-w", "--write-out", "-x", "--proxy", "--cacert", "--cert",
    "--key", "-c", "--cookie-jar", "-D",
    "--dump-header", "--resolve", "--limit-rate", "-T", "--upload-file", "-K", "--config",
    "-r", "--range", "--url-query", "--proxy-header", "--proxy-user", "--preproxy",
    "--socks5", "--noproxy", "--interface", "--dns-servers", "--ciphers", "--capath",
    "--max-filesize", "--expect100-timeout", "--speed-limit", "--speed-time",
}  # fmt: skip
_NEXT = ("--next", "-:")
_UNREAD = {"-T", "--upload-file", "-K", "--config", "--url-query"}
_SECRET = {"-u", "--user", "-b", "--cookie", "--oauth2-bearer"}
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1[^\n]*\n(.*?)\n\s*\2(?=\s|$)", re.DOTALL)
_ANSI_C = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ENDS = set("\n;|&")  # characters that end a command
MOST_COMMANDS = 1000


@dataclass(slots=True)
class Command:
    """One curl command."""

    url: str = ""
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    form: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Options and words that change the request, and are not read here."""
    ignored: list[str] = field(default_factory=list)
    """Options of the transfer, which belong to the connection."""
    secrets: list[str] = field(default_factory=list)
    """The names of options that held a password or a cookie."""


def read_commands(text: str) -> list[Command]:
    """Return the curl commands of a text. InputError if it has none, or one is incomplete."""
    here = _HereDocuments()
    # Each `<<` without an end costs a search through the rest.
    text = text.replace("\r\n", "\n")
    if text.count("<<") <= MOST_COMMANDS:
        text = _HEREDOC.sub(here.hidden, text)
    text = _ANSI_C.sub(lambda found: shlex.quote(_unescaped(found[1])), text)
    text = re.sub(r"[\\^]\n", " ", text)
    words = list(map(here.shown, _words(text)))
    commands = [_command(one, here) for one in _split(words)]
    if not commands:
        raise InputError([Problem("", "contains no curl command")])
    if len(commands) > MOST_COMMANDS:
        raise InputError([Problem("", f"contains more than {MOST_COMMANDS:,} commands")])
    if problems := [
        Problem(f"command {number}", "names no URL")
        for number, command in enumerate(commands, 1)
        if not command.url
    ]:
        raise InputError(problems)
    return commands


class _HereDocuments:
    """The here-documents of a text, each a word of its own while the shell's words are split."""

    def __init__(self) -> None:
        self._mark = token_hex(8)
        self._found: list[re.Match[str]] = []

    def hidden(self, found: re.Match[str]) -> str:
        """Return the word that replaces a here-document."""
        self._found.append(found)
        return f" {self._mark}-{len(self._found) - 1}-\n"

    def is_one(self, word: str) -> bool:
        """Return whether a word stands for a here-document."""
        return word.startswith(self._mark)

    def content(self, word: str) -> str:
        """Return the text of a here-document."""
        return self._found[int(word.split("-")[1])][3]

    def shown(self, word: str) -> str:
        """Return a word with what only looked like a here-document: it stood inside quotes."""
        if self.is_one(word):
            return word
        mark = rf" {self._mark}-(\d+)-\n"
        return re.sub(mark, lambda found: self._found[int(found[1])][0], word)


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars="".join(_ENDS))
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError as error:
        raise InputError([Problem("command", f"cannot be split into words: {error}")]) from None


def _split(words: list[str]) -> Iterator[list[str]]:
    """Yield the words of each curl command, without those of what is piped to."""
    current: list[str] | None = None
    for word in [*words, ";"]:
        starts = word in ("curl", "curl.exe") or (current is not None and word in _NEXT)
        if starts or set(word) <= _ENDS:
            if current:
                yield current
            current = [] if starts else None
        elif current is not None:
            current.append(word)


def _command(words: list[str], here: _HereDocuments) -> Command:
    command = Command()
    waiting = iter(words)
    get = False
    for word in waiting:
        option, value = _option(word)
        if option in _WITH_VALUE and value is None:
            value = next(waiting, "")
        if not option:
            if not here.is_one(word):
                _add_word(command, word)
        elif option == "--data-urlencode":
            command.data.append(_urlencoded(str(value)))
        elif option in _DATA:
            command.data.append(_data(str(value), words, here))
        elif option in ("-G", "--get"):
            get = True
        elif option in ("-I", "--head"):
            command.method = "HEAD"
        else:
            _apply(command, option, str(value or ""))
    default = "GET" if get or not (command.data or command.form) else "POST"
    command.method = (command.method or default).upper()
    return command


def _add_word(command: Command, word: str) -> None:
    """Use a word as the URL, if it looks like one and no URL was found yet."""
    if word.startswith(("<", ">", "2>")):
        return
    if not command.url and re.search(r"://|^\$|^localhost\b|^[\w-]+(\.[\w-]+)+(:\d+)?/", word):
        command.url = word
    else:
        command.unread.append(f"word {len(command.unread) + 1}")


def _urlencoded(value: str) -> str:
    """Return `name=content` as a query holds it."""
    name, separator, content = value.partition("=")
    return f"{name}={quote(content)}" if separator else quote(value)


def _apply(command: Command, option: str, value: str) -> None:
    if option in ("-X", "--request"):
        command.method = value
    elif option == "--url":
        command.url = value
    elif option in ("-H", "--header"):
        name, _, text = value.partition(":")
        command.headers.append((name.strip(), text.strip()))
    elif option in ("-F", "--form", "--form-string"):
        command.form.append(value)
    elif option in _UNREAD:
        command.unread.append(option)
        if option in ("-T", "--upload-file"):
            command.method = command.method or "PUT"
    elif option in _SECRET:
        command.secrets.append(option)
    elif option in ("-m", "--max-time", "--retry", "-x", "--proxy", "--connect-timeout"):
        command.ignored.append(option)


def _option(word: str) -> tuple[str, str | None]:
    """Return the option of a word and the value in it: `-XPOST`, `--url=…`, `-sSL`."""
    if not word.startswith("-") or word == "-":
        return "", None
    if word.startswith("--"):
        name, separator, value = word.partition("=")
        return name, value if separator else None
    if word[:2] in _WITH_VALUE:
        return word[:2], word[2:] or None
    # Flags may be joined: only the last of them can take a value.
    last = f"-{word[-1]}"
    return (last, None) if last in _WITH_VALUE or last in ("-G", "-I") else (word, None)


def _data(value: str, words: list[str], here: _HereDocuments) -> str:
    """Return the data of an option; that of `@-` stands in a here-document."""
    if value in ("@-", "@/dev/stdin"):
        marks = filter(here.is_one, words)
        if (mark := next(marks, None)) is not None:
            return here.content(mark)
    return value


def _unescaped(text: str) -> str:
    """Return the text of bash's `$'…'`."""
    simple = {"n": "\n", "t": "\t", "r": "\r", "'": "'", '"': '"', "\\": "\\"}

    def character(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "ux":
            return chr(int(code[1:], 16))
        return simple.get(code, "\\" + code)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", character, text, flags=re.DOTALL)
