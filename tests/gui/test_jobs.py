from __future__ import annotations

import threading

import pytest
from PyQt6.QtCore import Qt

from evenview.core.progress import Cancelled
from evenview.gui.jobs import Jobs
from evenview.gui.report import Working


@pytest.fixture
def jobs(qtbot):
    jobs = Jobs()
    yield jobs
    jobs.shutdown()


def told(told_by: list):
    return told_by.append


def test_the_end_arrives_in_the_gui_thread(jobs, qtbot):
    threads: list[threading.Thread] = []

    def done(worker):
        threads.extend([worker, threading.current_thread()])

    jobs.run("a", "Work", lambda _progress: threading.current_thread(), done, pytest.fail)
    qtbot.waitUntil(lambda: bool(threads))
    assert threads[0] is not threads[1]
    assert threads[1] is threading.main_thread()


def test_the_newest_of_a_slot_wins(jobs, qtbot):
    go, ends = threading.Event(), []
    jobs.run("a", "Old", lambda _progress: go.wait(5) and "old", told(ends), told(ends))
    jobs.run("a", "New", lambda _progress: "new", told(ends), told(ends))
    go.set()
    qtbot.waitUntil(lambda: not jobs.active)
    qtbot.wait(50)
    assert ends == ["new"]


def test_slots_do_not_disturb_each_other(jobs, qtbot):
    ends: list[str] = []
    for slot in ("a", "b"):
        jobs.run(slot, slot, lambda _progress, slot=slot: slot, told(ends), told(ends))
    qtbot.waitUntil(lambda: len(ends) == 2)
    assert ends == ["a", "b"]


def test_cancel_stops_work_that_reports_its_progress(jobs, qtbot):
    started, ends = threading.Event(), []

    def work(progress):
        while True:
            started.set()
            progress(0.5, "half")

    jobs.run("a", "Endless", work, told(ends), told(ends))
    started.wait(5)
    jobs.cancel()
    qtbot.waitUntil(lambda: bool(ends))
    assert isinstance(ends[0], Cancelled)
    assert not jobs.active


def test_an_error_is_handed_over(jobs, qtbot):
    ends: list[Exception] = []
    jobs.run("a", "Bad", lambda _progress: 1 / 0, pytest.fail, told(ends))
    qtbot.waitUntil(lambda: bool(ends))
    assert isinstance(ends[0], ZeroDivisionError)


def test_progress_is_told(jobs, qtbot):
    heard: list[tuple[str, float, str]] = []
    jobs.progressed.connect(lambda *what: heard.append(what))
    jobs.run("a", "Work", lambda progress: progress(0.25, "reading"), told([]), pytest.fail)
    qtbot.waitUntil(lambda: not jobs.active)
    assert ("Work", 0.25, "reading") in heard


def test_dropped_work_is_stopped_and_its_end_never_told(jobs, qtbot):
    started, stopped, ends = threading.Event(), threading.Event(), []

    def work(progress):
        started.set()
        try:
            while True:
                progress(0.5, "half")
        finally:
            stopped.set()

    jobs.run("a", "Endless", work, told(ends), told(ends))
    started.wait(5)
    jobs.drop("a")
    assert not jobs.active
    assert stopped.wait(5)
    qtbot.wait(50)
    assert ends == []


def test_when_one_ends_the_next_is_named(jobs, qtbot):
    heard: list[str] = []
    go = threading.Event()
    jobs.progressed.connect(lambda title, _fraction, _phrase: heard.append(title))
    jobs.run("a", "First", lambda _progress: go.wait(5), told([]), pytest.fail)
    jobs.run("b", "Second", lambda _progress: None, told([]), pytest.fail)
    assert heard[-1] == "First"
    go.set()
    qtbot.waitUntil(lambda: not jobs.active)
    assert heard[-1] == "Second"


def test_after_the_end_nothing_is_begun(jobs, qtbot):
    jobs.shutdown()
    jobs.run("a", "Late", lambda _progress: None, pytest.fail, pytest.fail)
    assert not jobs.active


def test_cancel_of_some_slots_leaves_the_others(jobs, qtbot):
    go, ends, stopped = threading.Event(), [], []
    jobs.run("long", "Long", lambda _progress: go.wait(5) and "long", told(ends), pytest.fail)
    for slot in ("queued", "other"):
        jobs.run(slot, slot, lambda _progress, slot=slot: slot, told(ends), told(stopped))
    jobs.cancel(("queued",))
    assert isinstance(stopped[0], Cancelled)  # at once, though the worker is busy
    assert jobs.told == "long"
    go.set()
    qtbot.waitUntil(lambda: not jobs.active)
    assert ends == ["long", "other"]
    assert len(stopped) == 1


def test_a_bar_shows_only_how_far_its_own_work_is(jobs, qtbot):
    go, half = threading.Event(), threading.Event()

    def work(progress):
        progress(0.5, "half")
        half.set()
        go.wait(5)

    own, other = Working(jobs, ("own",)), Working(jobs, ("other",))
    for bar in (own, other):
        qtbot.addWidget(bar)
    jobs.run("other", "Other", work, told([]), told([]))
    jobs.run("own", "Own", lambda _progress: None, told([]), told([]))
    assert half.wait(5)
    qtbot.waitUntil(lambda: other.bar.value() == 500)
    assert own.bar.maximum() == 0  # busy, and nobody knows how far
    qtbot.mouseClick(own.cancel, Qt.MouseButton.LeftButton)
    assert not jobs.is_running("own")
    assert jobs.is_running("other")
    go.set()
    qtbot.waitUntil(lambda: not jobs.active)
