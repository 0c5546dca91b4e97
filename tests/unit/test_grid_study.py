"""The arithmetic of the grid study on sequences whose order and limit are known."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import ROOT, script

grid_study = script("grid_study")


@pytest.mark.parametrize("order", [0.7, 1.0, 2.0, 3.4])
@pytest.mark.parametrize("sizes", [[4.0, 2.0, 1.0], [1.7, 1.3, 1.0], [2.0, 1.1, 1.0]])
@pytest.mark.parametrize("slope", [0.3, -0.3])
def test_finds_order_and_limit_of_a_manufactured_sequence(order: float, sizes: list[float], slope: float) -> None:
    values = [5.0 + slope * h**order for h in sizes]
    got = grid_study.converge(values, sizes)
    assert got.order == pytest.approx(order, rel=1e-6)
    assert got.limit == pytest.approx(5.0, rel=1e-8)
    assert got.index == pytest.approx(1.25 * 0.3 / abs(values[2]), rel=1e-5)


def test_example_of_celik_et_al() -> None:
    """Table 1 of the paper, reattachment length: 18 000, 8 000, 4 500 cells: order 1.53, limit 6.1685, index 2.2 %.

    The paper rounds the refinement ratios to 1.5 and 1.333.
    """
    got = grid_study.converge([5.863, 5.972, 6.063], [1.5 * 1.333, 1.5, 1.0])
    assert got.order == pytest.approx(1.53, abs=0.01)
    assert got.limit == pytest.approx(6.1685, abs=2e-3)
    assert got.index == pytest.approx(0.022, abs=5e-4)


def test_index_refers_to_the_scale_that_is_given() -> None:
    values, sizes = [100.0 + h**2 for h in (4.0, 2.0, 1.0)], [4.0, 2.0, 1.0]
    assert grid_study.converge(values, sizes, 10.0).index == pytest.approx(0.125)


@pytest.mark.parametrize(("values", "says"), [([1.0, 1.2, 1.1], "oscillates"), ([1.0, 1.0, 1.0], "does not settle"),
                                              ([1.0, 1.1, 1.3], "does not settle")])
def test_says_where_three_grids_show_no_order(values: list[float], says: str) -> None:
    got = grid_study.converge(values, [4.0, 2.0, 1.0])
    assert got.order is None and got.limit is None and says in got.remark


def test_refuses_grids_that_do_not_get_finer() -> None:
    with pytest.raises(ValueError, match="decrease"):
        grid_study.observed_order([1.0, 1.1, 1.2], [1.0, 2.0, 1.0])


def test_page_of_a_small_case(tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    case = str(ROOT / "cases" / "conduction_spreader.yaml")
    assert grid_study.main([case, "--refine", "0.25,0.35,0.5", "--component", "spreader", "--out", str(out)]) == 0
    text = out.read_text()
    assert "--refine 0.25,0.35,0.5" in text
    assert text.count("cells |") == 6  # three grids, three columns
    assert "T_max of spreader" in text and "pressure drop" not in text


@pytest.mark.parametrize("wrong", ["1,2", "1,1,2", "1,x,2", "0,1,2"])
def test_wrong_refinements_are_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        grid_study.main(["--refine", wrong])
    assert caught.value.code == 2 and "--refine takes" in capsys.readouterr().err
