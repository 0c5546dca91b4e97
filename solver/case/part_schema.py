"""Models of the parametric parts, made from their dataclasses, with a description of every key."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, Union, get_type_hints

from pydantic import Field, create_model

from coldrack.meshes import parts as part_library
from coldrack.solver.case.model import Model
from coldrack.solver.case.quantities import Length, LengthOrZero, Resistance, Switch, Text, Vector, Whole
from coldrack.solver.case.rack_schema import ROOM_MODELS


class DieModel(Model):
    """A die on a substrate."""

    x: LengthOrZero = Field(description="lower corner along x, from the substrate's")
    y: LengthOrZero = Field(description="lower corner along y, from the substrate's")
    width_x: Length = Field(description="width along x")
    width_y: Length = Field(description="width along y")
    material: Text = Field("silicon", description="solid of this die or stack")


SPECIAL: dict[str, Any] = {
    "tim_resistance": Resistance,
    "tim2_resistance": Resistance,
    "dies": Annotated[dict[str, DieModel], Field(min_length=1, max_length=200)],
    "through": Literal["ends", "cover"],
    "passes": Annotated[Whole, Field(ge=1, le=500)],
}
MAY_BE_ZERO = {"tim_thickness", "tim2_thickness", "lid_thickness", "port_size"}
DESCRIPTIONS = {
    "origin": "lowest corner [x, y, z]; default [0, 0, 0]. Not together with `on`",
    "on": "another part: this one stands centred on its top",
    "size": "outer size [x, y]",
    "material": "solid of the whole part",
    "substrate_thickness": "under the dies",
    "substrate_material": "solid of the substrate",
    "die_thickness": "height of every die",
    "dies": "dies and memory stacks by name; each name is a component",
    "tim_thickness": "interface between die and what is above (lid or plate); with tim_material",
    "tim_material": "solid of the interface, such as thermal_grease",
    "tim_resistance": "interface given by resistance instead of thickness; 0 for perfect contact",
    "lid_thickness": "heat spreader over the dies; 0: bare dies",
    "lid_material": "solid of the lid",
    "tim2_thickness": "interface between lid and what is above; with tim2_material",
    "tim2_material": "solid of the interface on the lid",
    "tim2_resistance": "interface on the lid given by resistance instead of thickness",
    "base_thickness": "metal between the heat source and the coolant",
    "fin_thickness": "of one fin, along y",
    "fin_gap": "coolant between two fins, along y",
    "fin_height": "of the fins; they reach the cover",
    "fin_length": "of the fins along x, the direction of the flow; shorter than the plate by the two plenums",
    "cover_thickness": "metal over the coolant",
    "wall_thickness": "metal around the coolant, along x and y",
    "port_size": "ports [x, y] through the cover, [y, z] through the ends; 0: the plenum's whole face",
    "through": "where the ports are: in the ends (x) or in the cover (top)",
    "slot_width": "of the slot that feeds the fins from above, along x",
    "plenum_width": "of the space over the slot that distributes the coolant, along x",
    "slot_plate_thickness": "metal between the fins' tops and the space that distributes the coolant",
    "manifold_height": "of the layer with the distributing and collecting spaces",
    "inlet_size": "opening [x, y] in the cover's middle",
    "outlet_size": "each of the two openings [x, y] at the ends of the cover",
    "pin_width": "diameter, or side of a square pin",
    "pin_height": "of the pins; they reach the cover",
    "pitch": "distance [x, y] between the axes of neighbouring pins",
    "field_length": "of the pin field along x, centred",
    "round_pins": "round (stepped on the grid) instead of square",
    "staggered": "every second row is moved by half a pitch",
    "passes": "number of straight runs along x",
    "channel_width": "of the channel, along y",
    "channel_height": "of the channel, along z",
    "rib": "metal between two runs, along y",
    "margin": "metal between the turns and the ends of the block, along x",
    "floor": "metal under the channel",
}
OF_KIND = {
    ("serpentine_plate", "size"): "outer size [x, y, z]",
    ("pin_fin_plate", "wall_thickness"): "metal beside the coolant, along y; the ends along x are open",
}


def _part_model(kind: str, part: Any) -> type[Model]:
    """Model of a part: every float is a length, unless `SPECIAL` says otherwise."""
    hints = get_type_hints(part)
    fields: dict[str, Any] = {
        "kind": (Literal[kind], Field(description="kind of part")),  # type: ignore[valid-type]
        "on": (Text | None, Field(None, description=DESCRIPTIONS["on"])),
    }
    for f in dataclasses.fields(part):
        if f.name == "above":  # found from the part that stands on this one
            continue
        length: Any = LengthOrZero if f.name in MAY_BE_ZERO else Length
        kinds: dict[Any, Any] = {
            float: length, bool: Switch, int: Whole, str: Text,
            tuple[float, float]: tuple[length, length],
            tuple[float, float, float]: tuple[length, length, length],
        }
        annotation = SPECIAL.get(f.name) or kinds[hints[f.name]]
        default: Any = ... if f.default is dataclasses.MISSING else f.default
        if f.name == "origin":
            annotation, default = Vector | None, None
        about = OF_KIND.get((kind, f.name)) or DESCRIPTIONS[f.name]
        fields[f.name] = (annotation, Field(default, description=about))
    return create_model(f"{part.__name__}Model", __base__=Model, __doc__=(part.__doc__ or "").split("\n")[0], **fields)


PARTS = {
    "package_stack": part_library.PackageStack,
    "straight_fin_plate": part_library.StraightFinPlate,
    "split_flow_plate": part_library.SplitFlowPlate,
    "serpentine_plate": part_library.SerpentinePlate,
    "pin_fin_plate": part_library.PinFinPlate,
}
PART_MODELS = {**{kind: _part_model(kind, part) for kind, part in PARTS.items()}, **ROOM_MODELS}
AnyPart: Any = Annotated[Union[tuple(PART_MODELS.values())], Field(discriminator="kind")]  # noqa: UP007
