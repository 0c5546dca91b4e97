"""Wrong cases at the command line: exit code 2, one line for each mistake, never a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from case_support import BASE, POWER_MAP, Wrong, wrong_cases

from coldrack.solver.cli import main


@pytest.mark.parametrize("wrong", wrong_cases(), ids=lambda w: w.name)
def test_wrong_case(wrong: Wrong, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = wrong.write(tmp_path)
    assert main(["check", str(path)]) == 2
    out, error = capsys.readouterr()
    assert "Traceback" not in out + error
    lines = error.strip().split("\n")
    assert len(lines) == wrong.issues
    assert all(re.match(rf"^coldrack: error: {re.escape(str(path))}:\d+:\d+: ", line) for line in lines), error
    assert any(f":{wrong.line}:{wrong.column}: " in line and all(part in line for part in wrong.says) for line in lines), error


@pytest.mark.parametrize("command", ["check", "mesh", "run"])
def test_every_command_refuses_alike(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "map.csv").write_text(POWER_MAP)
    (tmp_path / "case.yaml").write_text(BASE.replace("fin_gap: 3 mm", "fin_gap: 3 kg"))
    assert main([command, "case.yaml"]) == 2
    error = capsys.readouterr().err
    line = BASE[: BASE.index("fin_gap")].count("\n") + 1
    assert f"case.yaml:{line}:5: parts.plate.fin_gap: 'kg' is a unit of mass" in error and "Traceback" not in error
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.yaml", "map.csv"], "a refused case leaves nothing behind"


def test_right_case_is_right(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text(POWER_MAP)
    (tmp_path / "case.yaml").write_text(BASE)
    assert main(["check", str(tmp_path / "case.yaml")]) == 0
