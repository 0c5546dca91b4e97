"""A small XDMF 3 file that points into ``fields.vtkhdf``, for readers older than VTK 9.7."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from coldrack.solver.output.atomic import write_text

TYPES = {"f": "Float", "u": "UInt", "i": "Int"}


def write_xdmf(path: Path, data: str, dimensions: tuple[int, int, int], fields: dict[str, Any]) -> None:
    """Write the sidecar.

    Parameters
    ----------
    path : Path
    data : str
        Name of the HDF5 file in the same folder.
    dimensions : tuple of int
        Number of faces along z, y, x.
    fields : dict
        Cell arrays by name.
    """
    nz, ny, nx = dimensions
    lines = ['<?xml version="1.0"?>', '<Xdmf Version="3.0"><Domain><Grid Name="coldrack" GridType="Uniform">',
             f'<Topology TopologyType="3DRectMesh" Dimensions="{nz} {ny} {nx}"/>', '<Geometry GeometryType="VXVYVZ">']
    for name, count in zip("XYZ", (nx, ny, nz)):
        lines.append(_item(data, f"/VTKHDF/{name}Coordinates", str(count), "Float", 8))
    lines.append("</Geometry>")
    for name, a in fields.items():
        kind = "Vector" if a.ndim == 4 else "Scalar"
        lines.append(f'<Attribute Name={quoteattr(name)} AttributeType="{kind}" Center="Cell">')
        shape = " ".join(str(n) for n in a.shape)
        lines.append(_item(data, f"/VTKHDF/CellData/{name}", shape, TYPES[a.dtype.kind], a.dtype.itemsize))
        lines.append("</Attribute>")
    lines.append("</Grid></Domain></Xdmf>")
    write_text(path, "\n".join(lines) + "\n")


def _item(file: str, where: str, shape: str, kind: str, precision: int) -> str:
    return (f'<DataItem Format="HDF" NumberType="{kind}" Precision="{precision}" Dimensions="{shape}">'
            f"{file}:{where}</DataItem>")
