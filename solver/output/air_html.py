"""A scene that any browser shows and turns, in one file that needs no network."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from coldrack.solver.output.atomic import OutputError, write_text

ICONS = re.compile(r"https?://[^`\"'\s]*/favicon-")  # the viewer fetches its icons from a server: make them empty


def need_viewer() -> None:
    """`OutputError` that says what to install, where the viewer is missing."""
    if find_spec("trame_vtk") is None:
        raise OutputError("--html needs the package trame-vtk, which is not installed: pip install \"coldrack[html]\"")


def write_scene(plotter: Any, title: str, path: Path) -> Path:
    """Write what a pyvista plotter holds, together with a viewer (vtk.js), into one HTML file.

    The scene is serialised here and not by ``Plotter.export_html``, which starts a web server for it.
    """
    from trame_vtk.tools.vtksz2html import write_html

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.json", json.dumps(_serialised(plotter.render_window)))
    page = io.StringIO()
    write_html(buffer.getvalue(), page)
    text = ICONS.sub("data:,", page.getvalue())
    text = re.sub(r"<title>.*?</title>", "", text, count=1, flags=re.DOTALL)
    words = title.translate({ord(c): f"\\{ord(c):x} " for c in '\\"<\n'})  # CSS escapes: the viewer empties the body
    style = ("<style>html::after{position:fixed;left:12px;top:8px;z-index:9;font:16px sans-serif;white-space:pre;"
             f"pointer-events:none;content:\"{words}\"}}</style>")
    head = f"<head><title>{html.escape(title.split(chr(10))[0])}</title>{style}"
    write_text(path, text.replace("<head>", head, 1))
    return path


def _serialised(window: Any) -> dict[str, Any]:
    """A window's scene and its arrays as the viewer reads them."""
    from trame_vtk.modules.vtk import serializers

    serializers.initialize_serializers()
    context = serializers.SynchronizationContext()
    context.set_ignore_last_dependencies(True)
    camera = window.GetRenderers().GetFirstRenderer().GetActiveCamera()
    scene = serializers.serialize(None, window, serializers.reference_id(window), context, 1)
    scene["extra"] = {"vtkRefId": serializers.reference_id(window), "centerOfRotation": camera.GetFocalPoint(),
                      "camera": serializers.reference_id(camera)}
    arrays = {e["hash"]: {**e, "content": context.get_cached_data_array(e["hash"], False)}
              for e in serializers.extract_array_hash(scene)}
    return {"hashes": arrays, "scene": scene}
