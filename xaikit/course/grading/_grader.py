"""Grade submissions of one lab: run each in the sandbox, judge its reply here."""

from __future__ import annotations

import hmac
import threading
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType

from threadpoolctl import ThreadpoolController

from xaikit.course.grading._alike import HandedOut
from xaikit.course.grading._code import names_bound
from xaikit.course.grading._isolation import find_isolation
from xaikit.course.grading._judge import judge, lab_version
from xaikit.course.grading._probes import imported, probes_only
from xaikit.course.grading._reply import read_handed_in, read_reply
from xaikit.course.grading._run_notebook import read_notebook
from xaikit.course.grading._sandbox import Sandbox
from xaikit.course.grading._server import ALONE, Config
from xaikit.course.grading._turns import Turns
from xaikit.course.grading._types import Graded, Limits, Reply, Submission
from xaikit.course.labs._checks import Checks, load_checks, read_declared
from xaikit.course.labs._find import STUDENT_NOTEBOOK

_ALWAYS = ("matplotlib.pyplot", "numpy", "pandas", "xaikit.plot", "xaikit.methods.explain")
# The modules that trees come from, which are explained by compiled code.
_TREES = {"catboost", "lightgbm", "sklearn.ensemble", "sklearn.tree", "xgboost"}
_TOO_LARGE = "The notebook sent back more than it may, so nothing of it counts."
_NO_REPORT = "The process that watched over the notebook ended with it, so nothing counts."


class Grader:
    """Grades submissions of one lab, in a sandbox that is kept warm.

    Opening one takes the seconds that the lab's packages need to be imported; a submission
    then takes little more than its own cells. `grade` may be called from several threads at
    once.

    Parameters
    ----------
    lab : Path
        The folder of the lab.
    seed : int
        What the seeds of all notebooks are derived from: keep it to yourself. The same
        notebook gets the same inputs under the same seed.
    isolation : {"auto", "none"}
        "auto" takes the best there is and refuses if there is none. "none" runs the notebooks
        as yourself; only for notebooks that you trust.
    limits : Limits, optional
        By default those of the lab.

    Raises
    ------
    ValueError
        If `seed` is negative, `isolation` unknown, or the lab's ``checks.py`` malformed.
    IsolationError
        If this machine has no isolation; the message says why and what to do.
    FileNotFoundError
        If `lab` is not the folder of a lab.

    Notes
    -----
    Taught in: the teacher's page, under grading.

    Examples
    --------
    >>> from xaikit.labs import labs_folder
    >>> lab = labs_folder() / "l03_shapley"
    >>> notebook = (lab / "lab.ipynb").read_bytes()
    >>> with Grader(lab, seed=2024, isolation="none") as grader:  # our own, so no sandbox
    ...     graded = grader.grade(Submission("nobody", "lab.ipynb", notebook))
    >>> graded.status, graded.total, graded.out_of
    ('ok', 0.0, 18)
    """

    def __init__(
        self, lab: Path, *, seed: int, isolation: str = "auto", limits: Limits | None = None
    ) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ValueError(f"seed must be a whole number from 0 on; got {seed!r}")
        self._lab = lab.resolve()
        self._seed = seed
        declared = read_declared(self._lab)
        self._points = declared.points
        self._limits = limits or Limits(**declared.limits)
        self._isolation = find_isolation(isolation)
        self._version = lab_version(self._lab)
        self._ours = HandedOut(self._lab)
        self._sandbox = Sandbox(self._isolation, self._config())
        self._checks: Checks | None = None
        self._turns = Turns()
        self._judging = threading.Lock()
        self._libraries = ThreadpoolController()

    @property
    def isolation(self) -> str:
        """The level of isolation: how notebooks are kept apart from this machine."""
        return self._isolation.level

    def __enter__(self) -> Grader:
        # The judges are imported here while the sandbox imports what the notebooks need.
        self._sandbox.start()
        try:
            self._checks = load_checks(self._lab)
            self._sandbox.wait()
        except BaseException:
            self._sandbox.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._sandbox.close()

    def grade(self, submission: Submission) -> Graded:
        """Return the marks of one submission, whatever is in it.

        Parameters
        ----------
        submission : Submission
            What was handed in.

        Returns
        -------
        Graded
            With the status "ok", or no points and the reason.

        Raises
        ------
        RuntimeError
            If the sandbox itself cannot be started any more, or was never opened.
        """
        if self._checks is None:
            raise RuntimeError("the grader is closed; use it in a with statement")
        drawn = seed_of(submission.notebook or b"", self._seed)
        reply = self._reply(submission, drawn)
        # Judges would wait for each other's turn at the interpreter anyway, each thread that
        # calls BLAS takes tens of megabytes, and BLAS's own wait for the submissions' cores.
        with self._judging, self._libraries.limit(limits=1):
            graded = judge(
                submission,
                reply,
                self._checks,
                seed=drawn,
                isolation=self._isolation.level,
                version=self._version,
            )
        return replace(graded, seed=self._seed)

    def _reply(self, submission: Submission, seed: int) -> Reply:
        if submission.notebook is None or submission.problem:
            return Reply("unreadable", {}, submission.problem or "There is no notebook.")
        with self._turns.together():
            report, content = self._sandbox.run(submission.notebook, seed)
        if report and "waited" in report:
            # Others may have kept the machine from it.
            with self._turns.alone():
                report, content = self._sandbox.run(submission.notebook, seed)
        answers, rest = read_handed_in(content or b"", self._points)
        reply = self._ended(report, None if content is None else rest)
        own = {question: self._ours.own(question, a) for question, a in answers.items()}
        return replace(reply, answers=own)

    def _ended(self, report: dict[str, str] | None, content: bytes | None) -> Reply:
        """Return the reply of a submission that ended as its keeper reports."""
        if report is None:
            return Reply("crashed", {}, _NO_REPORT)
        if report["status"] in ("timeout", "memory"):
            return Reply(
                "timeout" if report["status"] == "timeout" else "memory", {}, report["message"]
            )
        if report["status"] != "ok":
            return Reply("crashed", {}, report["message"])
        if content is None:
            return Reply("crashed", {}, _TOO_LARGE)
        return read_reply(content, self._points)

    def _config(self) -> Config:
        source = (self._lab / "checks.py").read_text(encoding="utf-8")
        questions = list(self._points)
        probes = probes_only(source, questions)
        imports = [*_ALWAYS, *imported(probes), *_imports_of_the_lab(self._lab)]
        return Config(
            level=self._isolation.level,
            lab=self._lab.name,
            labs=str(self._lab.parent),
            file=str(self._lab / "checks.py"),
            probes=probes,
            questions=questions,
            names={question: names_bound(stub) for question, stub in self._ours.stubs.items()},
            imports=imports,
            handed_out=_cells_of_the_lab(self._lab) if self._isolation.level != ALONE else [],
            trees=not _TREES.isdisjoint(imports),
            limits=asdict(self._limits),
            room=self._limits.output_kb * 1024,
        )


def seed_of(notebook: bytes, secret: int) -> int:
    """Return the seed of one notebook's inputs, from which nobody finds that of the others.

    Code of a student may tell the seed that its probes were given, in an error that a page
    then shows.
    """
    return int.from_bytes(hmac.digest(str(secret).encode(), notebook, "sha256")[:4])


def _cells_of_the_lab(lab: Path) -> list[str]:
    """Return the code cells of the hand-out."""
    notebook = lab / STUDENT_NOTEBOOK
    return read_notebook(notebook.read_bytes(), lab.name) if notebook.is_file() else []


def _imports_of_the_lab(lab: Path) -> list[str]:
    """Return what the cells of the lab import, so that it is warm."""
    # Reading the cells with jupytext would take longer than the imports that this saves.
    lines = (lab / "lab.md").read_text(encoding="utf-8").splitlines()
    names = [name for line in lines for name in imported(line.strip())]
    return list(dict.fromkeys(names))
