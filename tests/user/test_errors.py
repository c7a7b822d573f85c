import pickle

import pytest

from cellmodel.errors import InputError, did_you_mean, nearest


class OwnError(InputError):
    pass


@pytest.mark.parametrize("kind", [InputError, OwnError])
def test_errors_cross_process_borders_whole(kind):
    error = kind("a.yaml", "key", [1], "2 to 3", "write 2", problem="is too small", picture="  ^")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind and str(copy) == str(error) and vars(copy) == vars(error)


def test_message_leaves_out_what_is_not_there():
    assert str(InputError("a.yaml", problem="is empty")) == "a.yaml: is empty."


def test_long_input_is_cut():
    assert len(str(InputError("a.yaml", "key", "x" * 10_000))) < 200


def test_nearest_ignores_case_and_gives_up():
    assert nearest("MPA", ["MPa", "kPa"]) == "MPa"
    assert nearest("zzz", ["MPa", "kPa"]) is None
    assert did_you_mean("zzz", ["MPa"]) == ""
