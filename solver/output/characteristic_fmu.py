"""A plate's characteristic as an FMU (FMI 2.0 for co-simulation), built by pythonfmu."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from coldrack.solver.characteristic.plate import PlateCharacteristic
from coldrack.solver.output.atomic import OutputError, replaced
from coldrack.solver.output.characteristic_exports import identifier, nominal

FLOWS, TEMPERATURES = 48, 9  # of the tables inside, between which it is linear in logarithms
SLAVE = Path(__file__).with_name("plate_slave.py")
START_POWER = 0.0  # W


def write_fmu(plate: PlateCharacteristic, path: Path) -> None:
    """Build the FMU; `OutputError` if pythonfmu is missing or fails."""
    try:
        from pythonfmu.builder import FmuBuilder
    except ImportError:
        raise OutputError("an FMU needs pythonfmu: pip install 'coldrack[fmu]', or leave fmu out of --export") from None
    name = identifier(path.stem)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / f"{name.lower()}_slave.py"
        script.write_text(slave_text(plate, name), encoding="utf-8")
        try:
            built = FmuBuilder.build_FMU(script, dest=folder)
        except Exception as error:  # whatever the library meets
            raise OutputError(f"pythonfmu could not build the FMU: {type(error).__name__}: {error}") from error
        with replaced(path) as temporary:
            temporary.write_bytes(Path(built).read_bytes())


def slave_text(plate: PlateCharacteristic, name: str) -> str:
    """The script inside the FMU: the model with the plate's tables."""
    data = json.dumps(tables(plate)).replace("\\", "\\\\")
    text = SLAVE.read_text(encoding="utf-8")
    return text.replace('json.loads("""{}""")', f'json.loads("""{data}""")').replace("class Plate(", f"class {name}(")


def tables(plate: PlateCharacteristic) -> dict[str, Any]:
    """The characteristic on a fine grid, as plain data in SI units."""
    flow = np.unique(np.concatenate([np.geomspace(plate.flow[0], plate.flow[-1], FLOWS), plate.flow]))
    low, high = plate.temperature_range
    temperature = np.unique(np.concatenate([np.linspace(low, high, TEMPERATURES), plate.temperature]))
    q, t = flow[None, :], temperature[:, None]
    heat = np.broadcast_to(plate.coolant.density(t) * plate.coolant.heat_capacity(t), (temperature.size, flow.size))
    storage = None if plate.storage is None else (plate.time_constant(q, t) / plate.heat_capacity).tolist()
    return {
        "name": plate.name, "flow": flow.tolist(), "temperature": temperature.tolist(), "temperature_range": [low, high],
        "components": {identifier(n).lower(): plate.resistance(q, t, n).tolist() for n in plate.components},
        "pressure_drop": plate.pressure_drop(q, t)[0].tolist(), "heat_per_volume": heat.tolist(), "storage": storage,
        "heat_capacity": None if storage is None else plate.heat_capacity,
        "start": [nominal(plate), float(np.clip(plate.temperature.mean(), low, high)), START_POWER],
    }
