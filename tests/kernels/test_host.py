"""The host backend where the compiler or the disk is not as wished; the same text under the sanitizers."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import coldrack.kernels.host as host
from coldrack.kernels import BackendError, get_backend
from coldrack.kernels.numpy_backend import NumpyBackend

CACHED = (host.compiler, host.cache_folder, host._machine, host.library, host.reductions)
REAL = host.compiler()[0]


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty cache folder, and nothing remembered before or after."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CXX", raising=False)
    for function in CACHED:
        function.cache_clear()
    yield
    for function in CACHED:
        function.cache_clear()


def script(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def works(be: Any) -> bool:
    a, sums = be.asarray(np.arange(8.0)), be.zeros((1, 1, 2))
    be.launch("partial_sum", 2, 1, 1, 8, a, sums)
    return be.dot(a, a) == 140.0 and be.to_numpy(sums).ravel().tolist() == [12.0, 16.0]


def test_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackendError, match=r"no C\+\+ compiler found: install g\+\+ \(or set CXX.*--device numpy"):
        get_backend("host")
    be = get_backend("auto")
    assert isinstance(be, NumpyBackend) and "no C++ compiler found" in be.description and works(be)


def test_cxx_that_is_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler -m64")
    with pytest.raises(BackendError, match="CXX names 'no-such-compiler', which is no command"):
        get_backend("host")


def test_cxx_with_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", f"{REAL} -DUNUSED=1")
    assert host.compiler() == (REAL, "-DUNUSED=1") and works(get_backend("host"))


@pytest.mark.parametrize("text", ["echo 'error: out of licences' >&2; exit 1", "exit 0", "kill -9 $$"])
def test_broken_compiler(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", str(script(tmp_path / "cxx", text)))
    with pytest.raises(BackendError, match=r"could not build reductions.hpp: .*--device numpy\. It said:\n"):
        get_backend("host")
    assert isinstance(get_backend("auto"), NumpyBackend)


def test_compiler_that_cannot_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cxx"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    monkeypatch.setenv("CXX", str(path))
    with pytest.raises(BackendError, match="cannot be started"):
        get_backend("host")


@pytest.mark.parametrize("flag", ["-fopenmp", "-march=native"])
def test_compiler_without_a_flag(flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = f"for a in \"$@\"; do if [ \"$a\" = {flag} ]; then echo \"error: unknown {flag}\" >&2; exit 1; fi; done\n"
    monkeypatch.setenv("CXX", str(script(tmp_path / "cxx", refuse + f'exec {REAL} "$@"')))
    be = get_backend("host")
    assert works(be) and ("no OpenMP" in be.description) == (flag == "-fopenmp")


def test_compile_errors_are_shown() -> None:
    with pytest.raises(BackendError, match=r"(?s)could not build mine.cu.*error:.*nowhere"):
        host._build("mine.cu", "int f() { return nowhere; }", "-Dreal=double", "mine", ())


def test_a_float_promoted_to_double_is_an_error() -> None:
    with pytest.raises(BackendError, match="promotion"):
        host._build("mine.cu", "real f(real a) { return a * 0.5; }", "-Dreal=float", "mine", ())


def test_cache_folder_is_private_and_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert works(get_backend("host"))
    folder = tmp_path / "cache" / "coldrack"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    made = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert made and all(name.endswith(".so") for name in made)
    for function in CACHED:
        function.cache_clear()

    def fail(*args: Any) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(host, "_compile", fail)
    assert works(get_backend("host"))


def test_digest_covers_text_flags_and_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, folder = 'extern "C" int f() { return 1; }', tmp_path / "cache" / "coldrack"
    assert host._build("a", text, "-Dreal=double", "a", ()).f() == 1
    assert host._build("a", text.replace("1", "2"), "-Dreal=double", "a", ()).f() == 2
    host._build("a", text, "-Dreal=float", "a", ())
    host._build("a", text, "-Dreal=double", "a", ("-DMORE",))
    assert len(list(folder.glob("a-*.so"))) == 4
    monkeypatch.setenv("CXX", f"{REAL} -DOTHER")
    host.compiler.cache_clear()
    host._machine.cache_clear()
    host._build("a", text, "-Dreal=double", "a", ())
    assert len(list(folder.glob("a-*.so"))) == 5


@pytest.mark.parametrize("how", ["a file in the way", "writable by others", "no home"])
def test_cache_folder_that_cannot_be_used(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    if how == "a file in the way":
        cache.write_text("")
    elif how == "writable by others":
        (cache / "coldrack").mkdir(parents=True)
        (cache / "coldrack").chmod(0o777)
    else:
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setattr(Path, "home", classmethod(lambda cls: (_ for _ in ()).throw(RuntimeError("no home"))))
    folder = host.cache_folder()
    assert folder.name.startswith("coldrack-") and cache not in folder.parents
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and works(get_backend("host"))


def test_nowhere_to_write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")

    def fail(**kwargs: Any) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(host.tempfile, "mkdtemp", fail)
    with pytest.raises(BackendError, match=r"No space left on device\): set XDG_CACHE_HOME"):
        get_backend("host")


def test_half_a_library_is_built_again(tmp_path: Path) -> None:
    text = 'extern "C" int f() { return 1; }'
    flags = [*host.FLAGS, "-Dreal=double"]
    digest = hashlib.sha256("\0".join([text, host.TAIL, *flags, host._machine()]).encode()).hexdigest()[:24]
    path = host.cache_folder() / f"a-{digest}.so"
    path.write_bytes(b"\x7fELF cut short")
    assert host._build("a", text, "-Dreal=double", "a", ()).f() == 1
    assert path.stat().st_size > 1000


def test_processes_that_build_at_once(tmp_path: Path) -> None:
    code = "from coldrack.kernels import get_backend as g; import numpy as np; a = np.ones(9); print(g('host').dot(a, a))"
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [p.communicate(timeout=120)[0].strip() for p in running] == ["9.0"] * 4
    assert len(list((tmp_path / "cache" / "coldrack").iterdir())) == 1


SANITIZED = textwrap.dedent("""
    import ctypes
    import sys
    import numpy as np
    import coldrack.kernels.host as host
    from coldrack.kernels import check
    from coldrack.kernels.source import kernels
    flags = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-U_FORTIFY_SOURCE")
    plain = host.library
    host.library = lambda file, dtype: plain(file, dtype, flags)
    overrun = '''extern "C" void f(double* a, int n) { for (int i = 0; i <= n; ++i) a[i] = 1.0; }'''
    if sys.argv[1] == "overrun":
        a = np.zeros(100_000)
        library = host._build("overrun", overrun, "-Dreal=double", "overrun", flags)
        library.f(ctypes.c_void_p(a.ctypes.data), a.size)
    rng = np.random.default_rng(0)
    for dtype in ("f8", "f4"):
        be = host.HostBackend(dtype)
        for shape in ((1, 1, 1), (2, 2, 2), (13, 7, 10), (1, 9, 4), (67, 3, 5)):
            for kernel in kernels().values():
                arguments = check.random_arguments(kernel, shape, dtype, rng)
                worst = check.largest_difference(kernel, check.run_on(be, kernel, arguments), check.run_twin(kernel, arguments))
                assert worst <= 8, (kernel.name, worst)
    print("clean")
""")


def test_kernels_under_the_address_and_undefined_behaviour_sanitizers(tmp_path: Path) -> None:
    names = [subprocess.run([REAL, f"-print-file-name={n}"], capture_output=True, text=True, check=True).stdout.strip()
             for n in ("libasan.so", "libubsan.so")]
    missing = [n for n in names if not os.path.isabs(n)]
    if missing:
        pytest.skip(f"{REAL} has no {' and no '.join(missing)}: install its sanitizer libraries (Debian: libgcc-*-dev)")
    environment = {**os.environ, "LD_PRELOAD": names[0], "ASAN_OPTIONS": "detect_leaks=0", "OMP_NUM_THREADS": "2",
                   "PYTHONMALLOC": "malloc"}
    clean, dirty = (subprocess.run([sys.executable, "-c", SANITIZED, what], env=environment, capture_output=True, text=True,
                                   timeout=300, check=False) for what in ("kernels", "overrun"))
    assert clean.returncode == 0 and clean.stdout == "clean\n", clean.stderr[-3000:]
    assert dirty.returncode != 0 and "heap-buffer-overflow" in dirty.stderr
