"""Places of a network's nodes in its diagram."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import spsolve

Array = NDArray[np.float64]
PIVOTS = 40
REFINED = 300  # nodes up to which places are refined
SWEEPS = 300


def places(nodes: int, ends: NDArray[np.intp], given: dict[int, tuple[float, float]]) -> Array:
    """[x, y] of every node, shape (nodes, 2), from those given, else such that distances go with the branches between.

    `ends`: nodes joined by each branch (and exchanger), shape (branches, 2).
    """
    graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (nodes, nodes)).tocsr()
    graph = (graph + graph.T).sign()
    if given:
        return _between(graph, given)
    distance = dijkstra(graph, indices=_pivots(graph, nodes), unweighted=True)
    distance[~np.isfinite(distance)] = 1.5 * np.max(distance[np.isfinite(distance)], initial=1.0)
    squares = distance.T**2  # pivot MDS, U. Brandes & C. Pich 2007
    centred = squares - squares.mean(0) - squares.mean(1)[:, None] + squares.mean()
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    xy = u[:, :2] * np.sqrt(s[:2]) if s.size > 1 else np.column_stack([u[:, 0], 0 * u[:, 0]])
    return _refine(graph, xy, nodes) if 2 < nodes <= REFINED else xy


def _between(graph: csr_matrix, given: dict[int, tuple[float, float]]) -> Array:
    """Nodes without a place: the mean of their neighbours."""
    nodes = graph.shape[0]
    known = np.zeros(nodes, bool)
    xy = np.zeros((nodes, 2))
    for n, place in given.items():
        known[n], xy[n] = True, place
    if not known.all():
        keep = diags((~known).astype(float))
        degree = np.asarray(graph.sum(1)).ravel()
        matrix = diags(np.where(known, 1.0, degree + 1e-9)) - keep @ graph
        xy = np.column_stack([spsolve(matrix.tocsc(), np.where(known, xy[:, d], 0.0)) for d in (0, 1)])
    return xy


def _pivots(graph: csr_matrix, nodes: int) -> list[int]:
    """Nodes far from each other."""
    chosen, nearest = [0], np.full(nodes, np.inf)
    for _ in range(min(PIVOTS, nodes) - 1):
        d = dijkstra(graph, indices=chosen[-1], unweighted=True)
        nearest = np.minimum(nearest, np.where(np.isfinite(d), d, 1e6))
        chosen.append(int(np.argmax(nearest)))
    return chosen


def _refine(graph: csr_matrix, xy: Array, nodes: int) -> Array:
    """Stress majorisation: E. Gansner, Y. Koren & S. North, Graph drawing by stress majorization, 2004."""
    d = dijkstra(graph, unweighted=True)
    d[~np.isfinite(d)] = 1.5 * np.max(d[np.isfinite(d)], initial=1.0)
    np.fill_diagonal(d, 1.0)
    weight = 1.0 / d**2
    np.fill_diagonal(weight, 0.0)
    laplacian = np.diag(weight.sum(1)) - weight
    inverse = np.linalg.pinv(laplacian)
    xy = xy + 1e-3 * np.column_stack([np.sin(1.7 * np.arange(nodes)), np.cos(2.3 * np.arange(nodes))])  # none on another
    for _ in range(SWEEPS):
        apart = np.maximum(np.linalg.norm(xy[:, None] - xy[None], axis=2), 1e-9)
        pull = -weight * d / apart
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(1))
        xy = inverse @ (pull @ xy)
    centred = xy - xy.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)  # its longest extent lies
    return np.asarray(centred @ axes.T)
