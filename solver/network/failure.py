"""A network that cannot be solved, with the part that is to blame."""

from __future__ import annotations

from coldrack.solver.system import SystemFailure


class NetworkFailure(SystemFailure):
    """Says what is wrong; `group` ("loops", "nodes", "branches", or "") and `name` tell the part."""

    def __init__(self, message: str, group: str = "", name: str = "") -> None:
        self.group, self.name = group, name
        what = {"loops": "loop", "nodes": "node", "branches": "branch"}.get(group, "")
        self.message = message
        super().__init__(f"{what} {name}: {message}" if what else message)
