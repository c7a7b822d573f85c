"""The compiled run holds no interpreter lock, and threads do not disturb each other."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from kernel_cells import cycling, make_cell

import cellmodel as cm
from cellmodel.settings import Settings


def cycled(anode, cycles=3, **settings):
    cell = make_cell(anode, True)
    return cm.simulate(cell, cycling(cell, cycles=cycles), settings=Settings(**settings), trace=False)


def test_same_run_twice_is_bitwise_the_same():
    first, second = cycled("ag-ni-scaffold"), cycled("ag-ni-scaffold")
    assert np.array_equal(first.ended.states, second.ended.states)
    assert np.array_equal(first.ended.rows, second.ended.rows)


def test_threads_give_the_results_of_one_thread():
    cells = ["ag-ni-scaffold", "cu-foil"] * 4
    alone = {anode: cycled(anode).ended for anode in set(cells)}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(cycled, cells))
    for anode, run in zip(cells, together, strict=True):
        assert np.array_equal(run.ended.rows, alone[anode].rows)
        assert np.array_equal(run.ended.states, alone[anode].states)


def test_interpreter_goes_on_while_a_run_is_computed():
    cycled("ag-ni-scaffold", cycles=1, relative_tolerance=1e-8)  # what is done once per process
    cost = {}

    def work():
        cost.update(cycled("ag-ni-scaffold", cycles=6, relative_tolerance=1e-8).cost)

    worker = threading.Thread(target=work)
    worker.start()
    longest, last = 0.0, time.perf_counter()
    while worker.is_alive():
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    worker.join()
    assert cost["seconds"] > 0.2
    assert longest < 0.5 * cost["seconds"]
