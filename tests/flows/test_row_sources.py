"""Rows of tables, of lines of text and of files, as a batch reads them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from openrouter_connector import ConnectorError, FileError, InputError
from openrouter_connector.flows.rows import open_source


def values(*over: str | Path, format: str | None = None) -> list[Any]:
    return [row.value for row in open_source([str(one) for one in over], format)]


def faults(path: Path) -> list[str]:
    return [f"{row.place}: {row.fault}" for row in open_source([str(path)]) if row.fault]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.csv", 'n,text\n1,"x, y\nz"\n2,\n', id="csv"),
        pytest.param("a.csv", '\ufeffn;text\r\n1;"x, y\nz"\r\n2;\r\n', id="of-a-spreadsheet"),
        pytest.param("a.tsv", 'n\ttext\n1\t"x, y\nz"\n2\t\n', id="tsv"),
        pytest.param("a.jsonl", '{"n":"1","text":"x, y\\nz"}\n\n{"n":"2","text":""}\n', id="jsonl"),
        pytest.param("a.json", '[{"n":"1","text":"x, y\\nz"},{"n":"2","text":""}]', id="json"),
    ],
)
def test_tables_of_all_formats_have_the_same_rows(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    assert values(path) == [{"n": "1", "text": "x, y\nz"}, {"n": "2", "text": ""}]


def test_parquet_keeps_types_and_order(tmp_path: Path) -> None:
    path = tmp_path / "rows [1].parquet"  # a name that is no pattern
    made = "SELECT i AS n, 'text ' || i AS text, DATE '2026-11-27' AS day, [i, 1.5] AS list"
    with duckdb.connect() as database:
        database.execute(f"COPY ({made} FROM range(1000) t(i)) TO '{path}' (FORMAT parquet)")
    rows = values(path)
    assert rows[999] == {"n": 999, "text": "text 999", "day": "2026-11-27", "list": [999.0, 1.5]}
    assert [row["n"] for row in rows] == list(range(1000))
    json.dumps(rows)


def test_lines_of_text_and_values_that_are_no_objects_are_rows(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n\n two \n")
    (tmp_path / "b.jsonl").write_text('"one"\n[2]\n')
    assert values(tmp_path / "a.txt") == [{"text": "one"}, {"text": " two "}]
    assert values(tmp_path / "b.jsonl") == ["one", [2]]


def test_files_are_rows_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", "c.png"):
        (tmp_path / name).write_bytes(b"x")
    source = open_source([str(tmp_path / "*.jpg"), str(tmp_path / "c.png")])
    assert [row.file.name for row in source if row.file] == ["a.jpg", "b.jpg", "c.png"]
    assert source.label == "3 files"


def test_rows_of_stdin_are_read_as_their_format_says() -> None:
    source = open_source(["-"], "csv", io.BytesIO(b"text\nHello\n"))
    assert [(row.place, row.value) for row in source] == [("stdin line 2", {"text": "Hello"})]


def test_a_row_that_cannot_be_read_says_where_and_why(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n1\n2,3\n\xff,4\n")
    (tmp_path / "b.jsonl").write_text('{"a":1}\n{a:1}\n')
    assert faults(tmp_path / "a.csv") == [
        "a.csv line 2: has 1 fields, and the header 2",
        "a.csv line 4: is not UTF-8 text",
    ]
    [fault] = faults(tmp_path / "b.jsonl")
    assert fault.startswith("b.jsonl line 2: is not JSON")


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a\nx\n"two\nlines"\n"open\ny\nz\n')
    (tmp_path / "b.csv").write_text('a\n"closed\nat the end"')  # without a line break
    assert faults(tmp_path / "a.csv") == ["a.csv line 5: has a quote that is never closed"]
    assert values(tmp_path / "b.csv") == [{"a": "closed\nat the end"}]


def test_a_row_of_several_lines_is_named_by_its_first_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n"two\nlines"\n1,2\n')
    assert faults(tmp_path / "a.csv") == ["a.csv line 2: has 1 fields, and the header 2"]


def test_a_number_that_no_json_has_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a":NaN}\n{"a":-Infinity}\n{"a":1e3}\n')
    assert faults(tmp_path / "a.jsonl") == [
        "a.jsonl line 1: is not JSON: it has no NaN",
        "a.jsonl line 2: is not JSON: it has no -Infinity",
    ]


@pytest.mark.parametrize(
    ("name", "content", "kind", "message"),
    [
        pytest.param("a.csv", b"", InputError, "must name the columns", id="empty"),
        pytest.param("a.csv", b"a,a\n1,2\n", InputError, "two columns of one name", id="twice"),
        pytest.param("a.csv", b'"a\n1\n', InputError, "never closed", id="open-header"),
        pytest.param("a.csv", "a\n1\n".encode("utf-16"), InputError, "as UTF-8", id="utf-16"),
        pytest.param("a.json", b"[NaN]", InputError, "has no NaN", id="no-number"),
        pytest.param("a.json", b'{"a": 1}', InputError, "must be a list", id="no-list"),
        pytest.param("a.parquet", b"PAR1", FileError, "is no Parquet", id="no-parquet"),
    ],
)
def test_a_table_that_is_none_is_refused(
    tmp_path: Path, name: str, content: bytes, kind: type[ConnectorError], message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(kind, match=message):
        values(tmp_path / name)


def test_names_that_lead_nowhere_or_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "b.jpg").write_bytes(b"x")
    with pytest.raises(FileError, match="does not exist"):
        values(tmp_path / "none.csv")
    with pytest.raises(FileError, match="no file is named like"):
        values(tmp_path / "*.png")
    with pytest.raises(InputError, match="is a folder"):
        values(tmp_path)
    with pytest.raises(InputError, match="mixes csv and files"):
        values(tmp_path / "a.csv", tmp_path / "b.jpg")
    with pytest.raises(InputError, match="did you mean 'parquet'"):
        values(tmp_path / "a.csv", format="parket")
