"""`convert` writes plain CSV that reads back the same, names what it refuses, and touches nothing else."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from import_pipeline.cli.app import app
from import_pipeline_tests.intake.workbooks import xlsx


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def test_each_file_is_written_under_its_name_with_commas_and_line_feeds(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('Größe;Ort\r\n1,5;Köln\r\n2;"x;""y"\r\n'.encode("cp1252"))
    (tmp_path / "b.xlsx").write_bytes(xlsx({"S": [["id", "n"], [1, "two\nlines"]]}))
    out = tmp_path / "out"
    done = CliRunner().invoke(
        app, ["convert", "--out-dir", str(out), str(tmp_path / "a.csv"), str(tmp_path / "b.xlsx")]
    )
    assert done.exit_code == 0
    assert (out / "a.csv").read_bytes() == 'Größe,Ort\n"1,5",Köln\n2,"x;""y"\n'.encode()
    assert rows(out / "b.xlsx") == [["id", "n"], ["1", "two\nlines"]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.xlsx", "out"]


def test_a_file_without_a_header_gets_none(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("1;2,5\n3;4,5\n")
    CliRunner().invoke(app, ["convert", "--out-dir", str(tmp_path / "out"), str(tmp_path / "n.csv")])
    assert rows(tmp_path / "out" / "n.csv") == [["1", "2,5"], ["3", "4,5"]]


def test_an_empty_file_becomes_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_bytes(b"")
    done = CliRunner().invoke(app, ["convert", "--out-dir", str(tmp_path / "out"), str(tmp_path / "e.csv")])
    assert done.exit_code == 0
    assert (tmp_path / "out" / "e.csv").read_bytes() == b""


def test_a_refused_file_is_named_and_left_out_and_the_others_are_written(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("<html><body>Log in</body></html>")
    (tmp_path / "good.csv").write_text("a,b\n1,2\n")
    files = [str(tmp_path / name) for name in ("page.csv", "missing.csv", "good.csv")]
    done = CliRunner().invoke(app, ["convert", "--out-dir", str(tmp_path / "out"), *files])
    assert done.exit_code == 1
    assert "page.csv" in done.stderr
    assert "web page" in done.stderr
    assert "missing.csv" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.csv"]


def test_a_file_is_never_overwritten_by_its_own_result(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1;2\n")
    done = CliRunner().invoke(app, ["convert", "--out-dir", str(tmp_path), str(path)])
    assert done.exit_code == 1
    assert path.read_text() == "a;b\n1;2\n"


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('2,"Bob,4.5,"x, y"', ["2", '"Bob', "4.5", "x, y"]),
        ('2,Bob,4.5"x, y, z"', ["2", "Bob", "4.5", "x, y, z"]),
        ('2,"Bob 5" B",4.5,z', ["2", 'Bob 5" B', "4.5", "z"]),
        ("2;Bob;4.5;z", ["2", "Bob", "4.5", "z"]),
        ("2,Bob,4.5,z,,", ["2", "Bob", "4.5", "z"]),
        ("2,Bob", ["2", "Bob", "", ""]),
        ("2,Bob,4.5,z,more", ["2", "Bob", "4.5", "z", "more"]),
    ],
)
def test_a_broken_row_keeps_its_place_and_all_of_its_text(line: str, cells: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        f'id,name,price,note\n1,"Ada, A",3.5,"x"\n{line}\n3,"Cleo, C",5.5,"y"\n4,"Dan, D",6.5,"z"\n'
    )
    CliRunner().invoke(app, ["convert", "--out-dir", str(tmp_path / "out"), str(tmp_path / "a.csv")])
    assert rows(tmp_path / "out" / "a.csv") == [
        ["id", "name", "price", "note"],
        ["1", "Ada, A", "3.5", "x"],
        cells,
        ["3", "Cleo, C", "5.5", "y"],
        ["4", "Dan, D", "6.5", "z"],
    ]
