"""Broken files are read or refused in words: what fuzzing once found, and a few new ones each time."""

import random
from pathlib import Path

import pytest

from import_pipeline_tests.benchmarks.fuzz_intake import REGRESSIONS, broken, check, make

FOUND = sorted(REGRESSIONS.iterdir()) if REGRESSIONS.is_dir() else []


@pytest.mark.parametrize("find", FOUND, ids=lambda find: find.name)
def test_what_fuzzing_found_is_read_or_refused_in_words(find: Path, tmp_path: Path) -> None:
    check(find.read_bytes(), tmp_path)


@pytest.mark.parametrize("seed", range(3))
def test_random_broken_files_are_read_or_refused_in_words(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        check(broken(make(chance), chance), tmp_path)
