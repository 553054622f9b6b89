"""Pieces of work at the same time: each one's result or error, one progress, one cancel."""

from __future__ import annotations

import threading
import time

import pytest

from evenview.core.errors import UserError
from evenview.core.progress import Cancelled, silent
from evenview.core.threads import Crew, cores, threads
from evenview.tasks.side_by_side import side_by_side


def test_results_keep_their_order_and_an_error_stays_with_its_piece():
    def piece(i):
        def work(progress):
            progress(0.5, f"piece {i}")
            time.sleep(0.01 * (4 - i))
            if i == 2:
                raise UserError("no map")
            return i

        return work

    done = side_by_side([piece(i) for i in range(4)], 3, silent)
    assert isinstance(done[2], UserError)
    assert [one for one in done if not isinstance(one, UserError)] == [0, 1, 3]


def test_no_more_work_at_the_same_time_than_is_allowed():
    lock, now, most = threading.Lock(), 0, 0

    def work(_progress):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.03)
        with lock:
            now -= 1

    side_by_side([work] * 5, 2, silent)
    assert most == 2


def test_progress_is_told_in_the_callers_thread_and_ends_at_all():
    told = []

    def work(progress):
        progress(0.5, "half")

    side_by_side([work] * 3, 2, lambda part, _: told.append((part, threading.get_ident())))
    assert told[-1][0] == 1.0
    assert {thread for _, thread in told} == {threading.get_ident()}


def test_a_cancel_stops_what_works_and_what_waits():
    started = []

    def work(progress):
        started.append(1)
        for _ in range(1000):
            progress(0.1, "on")
            time.sleep(0.005)

    def stop(_part, _phrase):
        raise Cancelled

    start = time.perf_counter()
    with pytest.raises(Cancelled):
        side_by_side([work] * 6, 2, stop)
    assert len(started) <= 2
    assert time.perf_counter() - start < 2.0


def test_a_bug_is_not_kept_as_a_result():
    def bug(_progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        side_by_side([bug], 1, silent)


def test_a_crew_divides_the_cores_and_its_last_member_has_them_all(monkeypatch):
    monkeypatch.setattr("evenview.core.threads.cores", lambda: 4)
    crew, seen = Crew(), []

    def other(joined, leave):
        with crew.joined():
            joined.set()
            leave.wait(5)

    with crew.joined():
        seen.append(threads())
        joined, leave = threading.Event(), threading.Event()
        thread = threading.Thread(target=other, args=(joined, leave))
        thread.start()
        joined.wait(5)
        seen.append(threads())
        leave.set()
        thread.join()
        seen.append(threads())
    assert seen == [4, 2, 4]
    assert threads() == 4
    assert cores() >= 1
