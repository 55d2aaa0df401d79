"""Run chapters in kernels of this very Python, several at a time."""

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools.chapters import Chapter
from tools.planted import plant, planted_faults, survivors

CELL_SECONDS = 300

# One thread a kernel: as many kernels run as there are cores.
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ),
    "1",
)
SAME_EVERYWHERE = {
    "PYTHONHASHSEED": "0",  # the order of sets is the same in each run
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # the same sums on each processor
    "CUDA_VISIBLE_DEVICES": "-1",
    "TQDM_DISABLE": "1",  # whether a bar appears depends on how busy the machine is
}
# shap's compiled code draws such a bar after some seconds, and has no setting against it.
COMPILED_BAR = re.compile(r"\r?[ \d]+%\|=* *\| \d+/\d+ \[[\d:]+<[\d:]+\] *")

# Figures are shown as a drawing for light pages with one for dark pages beside it. Nothing is
# imported for that before a figure is shown, and no name is left in the chapter's namespace.
BOTH_FORMS = """
setattr(get_ipython().config.InlineBackend, "figure_formats", set())
get_ipython().display_formatter.mimebundle_formatter.for_type_by_name(
    "matplotlib.figure",
    "Figure",
    lambda f: __import__("importlib").import_module("xaikit.course.figures").both_forms(f),
)
"""

# Cannot see what other processes have loaded, and says whether there were any that did work.
LOADED = """
import json, os, pathlib, psutil, sys
loaded = [m for n, m in list(sys.modules.items()) if n.partition(".")[0] == "xaikit"]
others = bool(psutil.Process().children()) or any(os.times()[2:4])
told = [others, [m.__file__ for m in loaded if getattr(m, "__file__", None)]]
pathlib.Path(target).write_text(json.dumps(told), encoding="utf-8")
"""


@dataclass(frozen=True)
class Result:
    """How the run of one chapter ended.

    ``modules`` are the files of the package that it loaded, by their paths in the package.
    """

    chapter: Chapter
    seconds: float
    notebook: NotebookNode
    modules: tuple[str, ...] = ()
    failure: str | None = None


class ThisPython(AsyncKernelManager):
    """Start kernels with the Python that runs the build, whatever the user has installed."""

    # A kernel listens on a local port; where the library can, what it says is encrypted.
    transport_encryption = "auto" if zmq.has("curve") else "disabled"

    @property
    def kernel_spec(self) -> KernelSpec:
        """The command, in place of a kernel looked up by its name."""
        return KernelSpec(
            argv=[
                *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
                *("-c", BOTH_FORMS),
            ],
            display_name="Python 3",
            language="python",
            metadata={"supported_encryption": "curve"},
        )


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(
    chapters: list[Chapter],
    *,
    import_path: Path,
    kernels: int,
    started: Callable[[Chapter], None],
    finished: Callable[[Result], None],
) -> list[Result]:
    """Run the chapters; ``finished`` is called in this thread as each one ends.

    ``kernels`` run at a time, each able to import from ``import_path``, where xaikit is.
    """
    clients: dict[str, NotebookClient] = {}
    results = []
    pool = ThreadPoolExecutor(max_workers=kernels)
    try:
        futures = [
            pool.submit(_run, chapter, import_path, clients, started) for chapter in chapters
        ]
        for future in as_completed(futures):
            results.append(future.result())
            finished(results[-1])
    except BaseException:
        # Kernels have a session of their own, so that Ctrl-C does not reach them.
        pool.shutdown(wait=False, cancel_futures=True)
        for client in list(clients.values()):
            _kill(client)
        raise
    pool.shutdown()
    return results


def kernel_environment(import_path: Path | None) -> dict[str, str]:
    """Return the environment of a kernel; ``import_path`` comes first on its path."""
    env = {**os.environ, **ONE_THREAD, **SAME_EVERYWHERE}
    if import_path is not None:
        paths = [str(import_path), os.environ.get("PYTHONPATH", "")]
        env["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    # A browser or a window is never what a chapter wants in the build.
    env["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    return env


def _run(
    chapter: Chapter,
    import_path: Path,
    clients: dict[str, NotebookClient],
    started: Callable[[Chapter], None],
) -> Result:
    started(chapter)
    notebook = nbformat.from_dict(chapter.notebook)
    begin = time.perf_counter()
    failure = None
    modules: tuple[str, ...] = ()
    at = 0

    def remember(cell: NotebookNode, cell_index: int) -> None:
        nonlocal at
        at = min(cell_index, len(chapter.notebook.cells) - 1)  # not a cell added below

    # An empty folder: a chapter that reads a file by its relative path would
    # depend on something that its key does not know.
    with tempfile.TemporaryDirectory() as folder:
        told, planted = Path(folder, "loaded.json"), Path(folder, "planted.json")
        added = [ask_what_is_loaded(told)]
        if faults := planted_faults(chapter):
            added.append(plant(faults, planted))
        notebook.cells += added
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_manager_class=ThisPython,
            resources={"metadata": {"path": folder}},
            record_timing=False,
            on_cell_start=remember,
            coalesce_streams=True,
        )
        clients[chapter.name] = client
        try:
            client.execute(env=kernel_environment(import_path))
            modules = loaded_modules(told, import_path / "xaikit")
            failure = survivors(chapter, faults, planted) if faults else None
        except CellExecutionError as error:
            failure = _failed_cell(chapter, notebook, at, error)
        except (CellTimeoutError, DeadKernelError) as error:
            failure = _stopped_cell(chapter, at, error)
        finally:
            clients.pop(chapter.name, None)
    del notebook.cells[-len(added) :]
    _drop_bars(notebook)
    return Result(chapter, time.perf_counter() - begin, notebook, modules, failure)


def ask_what_is_loaded(told: Path) -> NotebookNode:
    """Return the cell that is run after a chapter's last, and writes its answer to ``told``."""
    # In a namespace of its own: a chapter may have given these names another meaning.
    return nbformat.v4.new_code_cell(f"exec({LOADED!r}, {{'target': {str(told)!r}}})")


def loaded_modules(told: Path, package: Path) -> tuple[str, ...]:
    """Return which of the package's files a kernel loaded, from what it wrote to ``told``.

    Where other processes had a part in the run, that is all of them.
    """
    others, files = json.loads(told.read_text(encoding="utf-8"))
    root = package.resolve()
    paths = root.rglob("*.py") if others else (Path(file).resolve() for file in files)
    return tuple(sorted(p.relative_to(root).as_posix() for p in paths if p.is_relative_to(root)))


def _drop_bars(notebook: NotebookNode) -> None:
    """Take progress bars out of what the cells wrote to stderr, and nothing else."""
    for cell in notebook.cells:
        for output in list(cell.get("outputs", [])):
            if output.get("name") == "stderr":
                output["text"] = COMPILED_BAR.sub("", output["text"])
                if not output["text"].strip():
                    cell["outputs"].remove(output)


def _kill(client: NotebookClient) -> None:
    manager: Any = client.km
    process = getattr(getattr(manager, "provisioner", None), "process", None)
    if process is not None and process.poll() is None:
        process.kill()


def _failed_cell(
    chapter: Chapter, notebook: NotebookNode, index: int, error: CellExecutionError
) -> str:
    cell = notebook.cells[index]
    traceback = _no_colours(
        "\n".join(line for out in cell.outputs for line in out.get("traceback", []))
    )
    line = chapter.first_line(index)
    # The cell's own frame comes before those of what it called.
    inside = re.search(rf"Cell In\[{cell.execution_count}\], line (\d+)", traceback)
    if inside:
        line += int(inside[1]) - 1
    return f"{chapter.path}:{line}: {error.ename}: {error.evalue}\n{_indent(traceback)}"


def _stopped_cell(chapter: Chapter, index: int, error: Exception) -> str:
    """Tell of a cell that ended without an answer: too slow, or its kernel died."""
    reason = (
        f"the cell took more than {CELL_SECONDS} seconds"
        if isinstance(error, CellTimeoutError)
        else "the kernel died (out of memory, or a crash in compiled code)"
    )
    return f"{chapter.path}:{chapter.first_line(index)}: {type(error).__name__}: {reason}"


def _no_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
