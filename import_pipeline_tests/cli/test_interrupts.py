"""Ctrl-C and SIGTERM while an import runs in the terminal: none is lost, whenever it comes."""

import os
import random
import signal
import threading
import time

import pytest

from import_pipeline.cli.interrupts import Interrupts

ENDING = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_that_is_held_back_comes_when_the_block_has_ended(number: signal.Signals) -> None:
    signals, done = Interrupts(), []

    def work() -> None:
        with signals.noticed():
            with signals.held_back():
                os.kill(os.getpid(), number)
                done.append("held")
            done.append("never")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert (signals.came, done) == (True, ["held"])


def test_a_signal_that_a_database_made_an_error_of_its_own_of_is_noticed() -> None:
    signals = Interrupts()

    def work() -> None:
        with signals.noticed(), signals.held_back():
            os.kill(os.getpid(), signal.SIGINT)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work()
    assert signals.came


def test_no_signal_is_lost_in_whatever_moment_it_comes_and_handlers_are_as_they_were() -> None:
    before, chance = [signal.getsignal(one) for one in ENDING], random.Random(7)
    for _ in range(200):
        signals, seen = Interrupts(), False
        delay = chance.random() * 0.002
        sender = threading.Thread(target=lambda delay=delay: (time.sleep(delay), os.kill(os.getpid(), signal.SIGINT)))
        try:
            sender.start()
            with signals.noticed():
                for _ in range(20):
                    with signals.held_back():
                        time.sleep(0.0001)
            sender.join()
        except KeyboardInterrupt:
            seen = True
        sender.join()
        assert seen or signals.came
        assert [signal.getsignal(one) for one in ENDING] == before


def test_a_signal_that_the_process_was_started_to_ignore_interrupts_nothing() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        signals = Interrupts()
        with signals.noticed(), signals.held_back():
            os.kill(os.getpid(), signal.SIGINT)
        assert not signals.came
    finally:
        signal.signal(signal.SIGINT, before)
