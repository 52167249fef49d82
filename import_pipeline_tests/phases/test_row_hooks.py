"""Row hooks: what they change, what they say, and that none of them brings the process down."""

import time
from pathlib import Path
from typing import Any

import pytest

from import_pipeline.errors import HookError, SpecError
from import_pipeline.service import queries
from import_pipeline.settings import Settings
from import_pipeline.stores import imports
from import_pipeline_tests.importing import Importing, counts

TYPE = "custom_guests"
FIELDS = [
    {"key": "name"},
    {"key": "age", "type": ["number", {"preset": "integer"}]},
    {"key": "tags", "type": ["multi-select", {"delimiter": ";", "allowCustom": True}]},
    {"key": "note"},
]
CSV = "name,age,tags\nAnn,5,a;b\nBob,7,\n"


@pytest.fixture
def limited(settings: Settings, tmp_path: Path) -> Importing:
    """A home in which hooks have little time and memory."""
    limits = {"hook_batch_seconds": 0.5, "hook_seconds": 1.0, "hook_memory_bytes": 8_000_000}
    return Importing(settings.model_copy(update=limits), tmp_path)


def run(importing: Importing, *hooks: str, csv: str = CSV, **spec: Any) -> dict[str, Any]:
    return importing.run(csv, TYPE, schema_fields=FIELDS, row_hooks=hooks, **spec)


def test_hooks_change_values_one_after_the_other_before_they_are_judged(importing: Importing):
    done = run(
        importing,
        "(record, mode) => ({row: {age: {value: record.row.age.resultValue + 1}, note: {value: mode}}})",
        "(record) => ({row: {note: {value: record.row.note.value + record.row.age.value + record.index}}})",
        "async (record) => { await 0; return {row: {tags: {value: [...record.row.tags.resultValue || [], 'c']}}} }",
    )
    assert counts(done) == {"created": 2}
    stored = [(one["name"], one["age"], one["tags"], one["note"]) for one in importing.stored(TYPE)]
    assert stored == [("Ann", 6, ["a", "b", "c"], "init60"), ("Bob", 8, ["c"], "init81")]


def test_what_a_hook_makes_wrong_is_a_defect_of_its_cell(importing: Importing):
    done = run(importing, "(record) => ({row: {age: {value: 'many'}}})")
    assert importing.defects(done["id"]) == [(1, "age", "invalid_integer"), (2, "age", "invalid_integer")]


def test_messages_keep_their_level_and_an_error_keeps_its_row_out(importing: Importing):
    done = run(
        importing,
        """(record) => ({row: {name: {info: [
            {message: "Look.", level: record.row.name.value === "Ann" ? "warning" : "error"}]}}})""",
    )
    assert counts(done) == {"created": 1, "failed": 1}
    found = [(one["row_number"], one["code"], one["level"]) for one in queries.defects(importing.home, done["id"])]
    assert found == [(1, "hook_message", "warning"), (2, "hook_message", "error")]


def test_a_hook_that_throws_fails_its_row_with_what_it_says(importing: Importing):
    done = run(importing, "(record) => { if (record.row.name.value === 'Bob') throw new Error('no Bobs') }")
    [defect] = queries.defects(importing.home, done["id"])
    assert (defect["row_number"], defect["code"]) == (2, "hook_failed")
    assert "no Bobs" in defect["message"]
    assert counts(done) == {"created": 1, "failed": 1}


def test_an_answer_that_cannot_be_fails_its_row(importing: Importing):
    answers = "{colour: {value: 1}}", "{name: 'x'}", "{name: {value: {}}}", "{name: {manyToOne: []}}", "{name: null}"
    csv = "name\n" + "".join(f"N{row}\n" for row in range(len(answers) + 1))
    hook = f"(record) => ({{row: [{', '.join(answers)}, {{name: {{value: 'good'}}}}][record.index]}})"
    assert counts(run(importing, hook, csv=csv)) == {"created": 1, "failed": len(answers)}


@pytest.mark.parametrize(
    ("hook", "told"),
    [
        ("() => { while (true) {} }", "longer"),
        ("() => { try { while (true) {} } catch (error) {} }", "longer"),
        ("async () => { while (true) await 0 }", "longer"),
        ("() => { Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1) }", "longer"),
        ("() => { /(a+)+$/.test('a'.repeat(50) + '!') }", "longer"),
        ("() => new Promise(() => {})", "waits"),
    ],
)
def test_a_hook_that_never_ends_fails_the_import_with_its_error(limited: Importing, hook: str, told: str):
    started = time.monotonic()
    import_id = limited.begin(CSV, TYPE, schema_fields=FIELDS, row_hooks=(hook,))
    with pytest.raises(HookError, match=told):
        limited.go(import_id)
    imported = queries.import_object(limited.home, import_id)
    assert imported["status"] == "failed"
    assert "Row hook 1" in imported["reason"]
    assert time.monotonic() - started < 20
    assert limited.stored(TYPE) == []


@pytest.mark.parametrize(
    ("hook", "told"),
    [
        ("() => {", "does not compile"),
        ("7", "no function"),
        ("x) => ({})", "does not compile"),
        ("(() => { while (true) {} })()", "does not compile"),
        ("", "does not compile"),
    ],
)
def test_a_hook_that_is_no_function_is_refused_when_it_is_given(limited: Importing, hook: str, told: str):
    with pytest.raises(SpecError, match=f"Row hook 2 .*{told}|Row hook 2 is {told}"):
        limited.begin(CSV, TYPE, schema_fields=FIELDS, row_hooks=("() => ({})", hook))
    assert imports.list_imports(limited.home.registry).total_count == 0


HALF = "record.row.note.value.slice(0, 1)"  # of an emoji: a lone surrogate
ODD_HOOKS = {
    "a value that ends within a character": f"(record) => ({{row: {{name: {{value: {HALF}}}}}}})",
    "a list that does": f"(record) => ({{row: {{tags: {{value: ['a', {HALF}]}}}}}})",
    "a field of such a name": f"(record) => ({{row: {{[{HALF}]: {{value: 1}}}}}})",
    "a level of such a name": f"(record) => ({{row: {{name: {{info: [{{message: 'm', level: {HALF}}}]}}}}}})",
    "an error that says so": f"(record) => {{ throw new Error({HALF}) }}",
    "an error cut within a character": "() => { throw 'x'.repeat(499) + '😀' }",
    "an object that cannot be told": "() => { throw {toString() { throw new Error('no') }} }",
    "an object that is told as an object": "() => { throw {toString() { return {} }, valueOf() { return {} }} }",
    "a symbol": "() => { throw Symbol('s') }",
    "an object without a prototype": "() => { throw Object.create(null) }",
    "a value that cannot be told": "() => ({row: {name: {value: [{toString() { throw {} }}]}}})",
    "a level that is an object": "() => ({row: {name: {info: [{message: 'm', level: {toString: () => 'error'}}]}}})",
    "an answer whose then throws": "() => ({get then() { throw 1 }})",
}


@pytest.mark.parametrize("hook", ODD_HOOKS.values(), ids=ODD_HOOKS)
def test_what_a_hook_throws_or_gives_fails_its_row_and_never_the_import(importing: Importing, hook: str):
    csv = "name,note\nAnn,😀\nBob,\n"
    some = f"(record) => {{ if (record.row.note.value) return ({hook})(record) }}"
    done = run(importing, some, csv=csv)
    assert importing.defects(done["id"]) == [(1, None, "hook_failed")]
    assert counts(done) == {"created": 1, "failed": 1}
    assert importing.stored(TYPE) == [{"name": "Bob"}]


def test_a_message_with_half_of_a_character_is_kept_without_it(importing: Importing):
    hook = f"(record) => ({{row: {{name: {{info: [{{message: 'Look: ' + {HALF}, level: 'warning'}}]}}}}}})"
    done = run(importing, hook, csv="name,note\nAnn,😀\n")
    assert [one["message"] for one in queries.defects(importing.home, done["id"])] == ["Look: \ufffd"]
    assert counts(done) == {"created": 1}


SPOILS = """
    JSON.stringify = () => '{"rows": [{"n": 1, "t": {}}, {"n": 1, "t": {}}], "infos": [], "failed": []}';
    JSON.parse = () => [];
    Object.prototype.toJSON = Array.prototype.toJSON = String.prototype.toJSON = () => 'spoiled';
    Array.prototype.push = Array.prototype.map = Array.prototype.join = Array.prototype.filter = () => [];
    Array.prototype[Symbol.iterator] = function* () {};
    Object.defineProperty(Array.prototype, 0, {set() {}, get() { return 'spoiled' }, configurable: true});
    Object.keys = () => ['name']; Object.setPrototypeOf = Reflect.apply = () => null;
    String.prototype.slice = String.prototype.isWellFormed = String.prototype.toWellFormed = () => 'spoiled';
    Promise.prototype.then = () => {}; globalThis.String = globalThis.TypeError = globalThis.Array = null;
    Error.prepareStackTrace = (error, frames) => frames;
"""


@pytest.mark.parametrize(
    "hook",
    [
        f"(() => {{ {SPOILS}; return HOOK }})()",
        f"(record) => {{ if (record.index === 0) {{ {SPOILS} }} return (HOOK)(record) }}",
    ],
)
@pytest.mark.parametrize("kind", ["", "async "])
def test_a_hook_that_replaces_what_scripts_share_spoils_no_row(importing: Importing, hook: str, kind: str):
    inner = f"({kind}(record) => ({{row: {{note: {{value: record.row.name.value + '!'}}}}}}))"
    done = run(importing, hook.replace("HOOK", inner), csv="name,age\nAnn,5\nBob,x\nCid,7\n")
    assert importing.outcomes(done["id"]) == [
        (1, "created", None),
        (2, "failed", "invalid_integer"),
        (3, "created", None),
    ]
    assert [(one["name"], one["note"]) for one in importing.stored(TYPE)] == [("Ann", "Ann!"), ("Cid", "Cid!")]


def test_a_hook_reaches_no_other_hook(importing: Importing):
    spoil = "function () { if (this && this.length) this.length = 0; return {row: {note: {value: typeof this}}} }"
    done = run(importing, spoil, "(record) => ({row: {note: {value: record.row.note.value + ' 2'}}})")
    assert counts(done) == {"created": 2}
    assert {one["note"] for one in importing.stored(TYPE)} == {"object 2"}


def test_a_hook_that_takes_all_memory_or_stack_fails_its_rows_and_the_others_go_on(limited: Importing):
    greedy = """(record) => [
        () => { const all = []; while (true) all.push('x'.repeat(10000) + all.length) },
        () => { 'x'.repeat(2 ** 29) + new Array(2 ** 28).fill(1) },
        () => { (function deeper() { return deeper() + 1 })() },
        () => { new ArrayBuffer(2 ** 30) },
        () => { return {row: {note: {value: 'done'}}} },
    ][record.index]()"""
    csv = "name\n" + "".join(f"N{row}\n" for row in range(5))
    assert counts(run(limited, greedy, csv=csv)) == {"created": 1, "failed": 4}
    assert limited.stored(TYPE) == [{"name": "N4", "note": "done"}]


def test_a_hook_reaches_nothing_of_the_host(importing: Importing):
    names = "['require', 'process', 'std', 'os', 'fetch', 'Deno', 'print', 'scriptArgs', 'hooks', 'source']"
    run(importing, f"() => ({{row: {{note: {{value: {names}.filter((name) => name in globalThis).join(' ')}}}}}})")
    assert all("note" not in one for one in importing.stored(TYPE))


def test_rows_keep_their_numbers_blank_ones_pass_by_and_unmapped_cells_stay(importing: Importing):
    csv = "name,other\nAnn,x\n,\nBob,y\n"
    done = run(importing, "(record) => ({row: {note: {value: record.rowId}}})", csv=csv, keep_unmapped=True)
    assert importing.outcomes(done["id"]) == [(1, "created", None), (2, "skipped", "blank_row"), (3, "created", None)]
    assert [(one["note"], one["extra"]) for one in importing.stored(TYPE)] == [
        ("1", '{"other":"x"}'),
        ("3", '{"other":"y"}'),
    ]


def test_many_rows_go_through_in_batches(importing: Importing):
    rows = 5_000
    csv = "name\n" + "".join(f"N{row}\n" for row in range(rows))
    done = run(importing, "(record) => ({row: {note: {value: record.row.name.value + '!'}}})", csv=csv)
    assert counts(done) == {"created": rows}
    assert all(one["note"] == one["name"] + "!" for one in importing.stored(TYPE))


def test_hooks_work_on_contacts_too(importing: Importing):
    importing.run(
        "first_name,email\nann,ANN@example.com\n",
        row_hooks=("({row}) => ({row: {email: {value: row.email.value.toLowerCase()}, city: {value: 'Bonn'}}})",),
    )
    assert importing.stored() == [{"first_name": "ann", "email": "ann@example.com", "city": "Bonn"}]


INSTALLED = """
import pandas

def shout(frame):
    frame["name"] = frame["name"].str.upper()
    frame.attrs["infos"] = pandas.DataFrame(
        {"row_number": [1], "field": ["name"], "message": ["Loud."], "level": ["warning"]})
    return frame

def lose(frame):
    return frame.head(1)

def halve(frame):
    frame = frame.astype(object)
    frame.loc[0, "name"] = "A\\ud83d"
    frame.attrs["infos"] = pandas.DataFrame({"row_number": [2], "field": ["name"], "level": ["info"],
        "message": pandas.Series(["B\\ud83d"], dtype=object)})
    return frame

def fail(frame):
    raise ValueError("no luck")
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that installs Python hooks."""
    site = tmp_path / "site"
    about = site / "guest_hooks-1.dist-info"
    about.mkdir(parents=True)
    (site / "guest_hooks.py").write_text(INSTALLED)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest-hooks\nVersion: 1\n")
    listed = "".join(f"{name} = guest_hooks:{name}\n" for name in ("shout", "lose", "halve", "fail"))
    (about / "entry_points.txt").write_text(f"[import_pipeline.hooks]\n{listed}")
    monkeypatch.syspath_prepend(site)


@pytest.mark.usefixtures("installed")
def test_an_installed_python_hook_changes_rows_in_frames(importing: Importing):
    done = run(importing, python_hooks=("shout",))
    assert [one["name"] for one in importing.stored(TYPE)] == ["ANN", "BOB"]
    assert importing.defects(done["id"]) == [(1, "name", "hook_message")]


@pytest.mark.usefixtures("installed")
def test_half_of_a_character_from_a_python_hook_fails_its_row(importing: Importing):
    done = run(importing, python_hooks=("halve",))
    assert importing.defects(done["id"]) == [(1, "name", "hook_failed"), (2, "name", "hook_message")]
    assert [one["message"] for one in queries.defects(importing.home, done["id"])][1] == "B?"
    assert [one["name"] for one in importing.stored(TYPE)] == ["Bob"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("name", "told"), [("lose", "did not give back"), ("fail", "no luck"), ("none", "shout")])
def test_a_python_hook_that_fails_fails_the_import_by_name(importing: Importing, name: str, told: str):
    with pytest.raises(HookError, match=told):
        run(importing, python_hooks=(name,))
