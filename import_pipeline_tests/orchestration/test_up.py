"""`up`: what keeps it from starting."""

import socket

import pytest

from import_pipeline.errors import MisuseError
from import_pipeline.orchestration.up import up
from import_pipeline.settings import Settings


def test_a_port_that_is_taken_is_refused_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(MisuseError, match="--port"):
            up(taken.getsockname()[1], Settings(home=tmp_path / "home"))

    assert not (tmp_path / "home").exists()
