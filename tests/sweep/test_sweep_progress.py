"""Progress lines: right numbers, whole lines, not too many."""

import io

from cellmodel.sweep.progress import Progress


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_lines_come_every_few_seconds_and_tell_count_rate_and_time_left():
    clock, terminal, log = Clock(), io.StringIO(), io.StringIO()
    progress = Progress("default", 700, 300, (terminal, log), every=5.0, clock=clock)
    for _ in range(12):
        clock.now += 1.0
        progress.add(4)
    assert terminal.getvalue() == log.getvalue()
    lines = terminal.getvalue().splitlines()
    assert lines == [
        "default: 320/700 points, 4 points/s, 01:35 left",
        "default: 340/700 points, 4 points/s, 01:30 left",
    ]
    assert "\r" not in terminal.getvalue()


def test_the_rate_forgets_the_compilation():
    clock = Clock()
    progress = Progress("default", 100, 0, (), clock=clock)
    clock.now += 40.0
    progress.begin(1)
    assert progress.line() == "1/100 points"
    clock.now += 2.0
    progress.add(10)
    assert progress.line() == "11/100 points, 5 points/s, 00:17 left"
