"""Write files of observations for tests."""

import yaml

PLATE = [{"steps": ["Plate at 1 mA/cm2 until 0.1 mAh/cm2", "Strip at 1 mA/cm2 until 1.0 V"]}]
SOUND = {
    "id": "first-efficiency",
    "where": "Fig. 1",
    "cell": {"anode": "cu-foil"},
    "protocol": PLATE,
    "quantity": {"coulombic_efficiency": {"cycle": 1}},
    "expect": {"value": 0.9, "tol": 0.5},
}
FILE = {
    "source": {"key": "mine", "laboratory": "choi"},
    "defaults": {"counter": "lithium", "stack_pressure": "20 MPa"},
    "assumed": {"stack_pressure": "usual there"},
}


def observation(**changes):
    """A sound observation with some keys changed; None takes a key away."""
    return {key: value for key, value in {**SOUND, **changes}.items() if value is not None}


def written(folder, *observations, name="mine.yaml", **changes):
    """A file that holds these observations, a sound one unless given."""
    content = {**FILE, "observations": list(observations) or [SOUND], **changes}
    path = folder / name
    path.write_text(
        yaml.safe_dump({key: value for key, value in content.items() if value is not None}, sort_keys=False)
    )
    return path
