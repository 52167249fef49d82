import pytest

from import_pipeline.errors import SpecError
from import_pipeline.run_config.yaml_text import load_yaml


def load(text: str | bytes) -> object:
    return load_yaml(text, "leads.csv.import.yaml", 1_000)


def test_what_is_typed_stays_text():
    text = "tags: [007, no, 1e3, 2024-01-01, 0x10, 1_000, .5]\ndry_run: yes\n"
    text += "nothing:\nnull_too: null\ntilde: ~\n'null': 'null'"
    assert load(text) == {
        "tags": ["007", "no", "1e3", "2024-01-01", "0x10", "1_000", ".5"],
        "dry_run": "yes",
        "nothing": None,
        "null_too": None,
        "tilde": None,
        "null": "null",
    }


@pytest.mark.parametrize("text", ["", b"", "# only a comment", "---"])
def test_a_file_without_words_says_nothing(text: str | bytes):
    assert load(text) is None


def test_bytes_are_utf_8():
    assert load("name: März".encode()) == {"name": "März"}
    assert load("\ufeffname: März".encode()) == {"name": "März"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", ["line 2", "'a' stands twice"]),
        ("a: {b: 1, b: 2}", ["'b' stands twice"]),
        ("a: &x [1]\nb: *x", ["line 2", "alias *x"]),
        ("a: !!python/object/apply:os.system [ls]", ["line 1", "tag"]),
        ("a: !!int 3", ["tag"]),
        ("? [a]\n: 1", ["a key must be text"]),
        ("a: [1", ["is not YAML", "line"]),
        ("a: b: c", ["is not YAML", "line 1"]),
        ("a: %d", ["is not YAML"]),
        ("--- a\n--- b", ["is not YAML"]),
        ("[" * 30 + "]" * 30, ["more than 20 levels deep"]),
        ("[" * 900, ["more than 20 levels deep"]),
        (b"a: \xff\xfe", ["is not YAML"]),
        ("a: \x00", ["is not YAML"]),
        ("a: " + "x" * 1_000, ["1003 bytes"]),
    ],
)
def test_what_has_two_readings_or_costs_much_is_refused_with_file_and_place(text: str | bytes, words: list[str]):
    with pytest.raises(SpecError) as refusal:
        load(text)
    for word in [*words, "leads.csv.import.yaml"]:
        assert word in refusal.value.message
