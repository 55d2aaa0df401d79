"""Find the submissions: in a folder, a zip, or a download of Canvas or Moodle as it comes."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from xaikit.course.grading._entries import Entry, open_entries
from xaikit.course.grading._lms import Sender, is_text_of_moodle, sender, senders
from xaikit.course.grading._names import readable
from xaikit.course.grading._types import Limits, Submission
from xaikit.course.grading._unpack import MAX_NOTEBOOK, MOST_MODULES, MOST_OF_MODULE, as_text

MAX_SUBMISSIONS = 2_000
# All notebooks are held in memory until they are graded.
MAX_TOTAL_MB = 512
_MAX_SOURCE = 250
# Browsers add .txt, and a zip may hold a notebook with modules of the student's own.
_NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".zip")
_ENDING = re.compile(r"(?i)(\.ipynb)?(\.txt|\.json|\.zip)?$")
# Of several notebooks of one student.
_MOST_READ = 20
_NUMBERED = re.compile(r"(?:-(\d{1,4})|\s*\((\d{1,4})\))$")


@dataclass(frozen=True)
class Found:
    """The submissions in the order of their students, and what the teacher should know."""

    submissions: tuple[Submission, ...]
    notes: tuple[str, ...]


def find_submissions(path: Path, *, lab: str = "", limits: Limits | None = None) -> Found:
    """Find one submission for each student.

    Understood are notebooks in a folder (``ada.ipynb``), a folder for each student
    (``ada/lab.ipynb``), and what Canvas and Moodle give for download, all of them zipped or
    not. Nothing is unpacked to disk and no link is followed. A file that cannot be graded
    is a submission too, with its problem.

    Of several notebooks of one student those that name the lab come first, as the one that
    was handed out does. Of these the newest is taken: the file that Canvas numbered
    last; else the one with the highest number at the end of its name; else the one changed
    last. The notes tell which.

    Parameters
    ----------
    path : Path
        A folder, a zip or one notebook.
    lab : str, optional
        The name of the lab's folder.
    limits : Limits, optional
        Only ``file_mb``, the size of the largest notebook, matters here; 64 MB if left out,
        as outputs may be large and are not looked at.

    Returns
    -------
    Found
        The submissions and the notes.

    Raises
    ------
    FileNotFoundError
        If nothing is at `path`.
    ValueError
        If `path` is something else, or holds no submission or too many.
    """
    most = limits.file_mb << 20 if limits else MAX_NOTEBOOK
    with open_entries(path) as entries:
        by_student, notes = _by_student(entries)
        if not by_student:
            raise ValueError(f"submissions must hold a notebook; found none in {path.name!r}")
        if len(by_student) > MAX_SUBMISSIONS:
            raise ValueError(
                f"submissions must be of at most {MAX_SUBMISSIONS} students; "
                f"found {len(by_student)} in {path.name!r}"
            )
        submissions = []
        room = MAX_TOTAL_MB << 20
        for student, files in sorted(by_student.items(), key=lambda item: _order(item[0])):
            answers = _answers(files)
            chosen = _chosen(answers, lab, most)
            if len(answers) > 1:
                notes.append(_choice(student, chosen, answers))
            submission = _submission(student, chosen, most, room)
            submission = _with_modules(submission, [file for file in files if file.is_module])
            room -= len(submission.notebook or b"")
            submissions.append(submission)
    return Found(tuple(submissions), tuple(notes))


@dataclass(frozen=True)
class _File:
    """A file, who sent it if a system said so, and its number where there are several."""

    entry: Entry
    who: Sender | None

    @property
    def path(self) -> str:
        return self.entry.path

    @property
    def is_notebook(self) -> bool:
        return self.path.lower().endswith(_NOTEBOOKS)

    @property
    def is_module(self) -> bool:
        return self.path.lower().endswith(".py")

    @property
    def is_folder(self) -> bool:
        return self.path.endswith("/")


def _by_student(entries: list[Entry]) -> tuple[dict[str, list[_File]], list[str]]:
    wrapper = _wrapper(e.path for e in entries if not e.problem or e.path.endswith("/"))
    entries = [replace(entry, path=entry.path.removeprefix(wrapper)) for entry in entries]
    entries = [entry for entry in entries if not is_text_of_moodle(entry.path)]
    known = senders(entry.path for entry in entries)
    # Where students have folders, one that holds no notebook is a student's too.
    has_folders = any("/" in e.path and e.path.lower().endswith(_NOTEBOOKS) for e in entries)
    groups: dict[tuple[str, str], list[_File]] = defaultdict(list)
    ignored = []
    for entry in entries:
        who = known.get(entry.path)
        file = _File(entry, who)
        is_sent = (
            who is not None
            or file.is_notebook
            or file.is_folder
            or (has_folders and "/" in entry.path)
        )
        if not is_sent:
            ignored.append(entry.path)
        else:
            name = _plain_name(entry.path) if who is None else who.number
            groups["" if who is None else who.system, name].append(file)
    notes = []
    if ignored:
        some = ", ".join(sorted(readable(path, 60) for path in ignored)[:5])
        what = f"{len(ignored)} files are not notebooks and were"
        if len(ignored) == 1:
            what = "1 file is not a notebook and was"
        notes.append(f"{what} left alone: {some}")
    return _named(groups), notes


def _named(groups: dict[tuple[str, str], list[_File]]) -> dict[str, list[_File]]:
    """Give each student a name to be shown; two of the same name also get their numbers."""
    names = {
        key: readable(files[0].who.name if files[0].who else key[1]) or "nameless"
        for key, files in groups.items()
    }
    often = Counter(name.casefold() for name in names.values())
    named: dict[str, list[_File]] = {}
    for key, files in sorted(groups.items()):
        name = names[key]
        if often[name.casefold()] > 1 and key[0]:
            name = f"{name} ({key[1][:20]})"
        unique, number = name, 2
        while unique in named:
            unique, number = f"{name} ({number})", number + 1
        named[unique] = files
    return named


def _wrapper(paths: Iterable[str]) -> str:
    """Return the folder that holds everything, if there is one and it is not a student's."""
    listed = [path.split("/") for path in paths]
    tops = {parts[0] for parts in listed}
    inside = {parts[1] for parts in listed if len(parts) > 1}
    alone = len(tops) == 1 and all(len(parts) > 1 for parts in listed) and len(inside) > 1
    # A single student of Moodle, with several files, is a student still.
    return f"{tops.pop()}/" if alone and sender(f"{min(tops)}/") is None else ""


def _plain_name(path: str) -> str:
    """Return the student's name: that of the file, or of the folder it lies in."""
    first, _, _ = path.partition("/")
    in_folder = "/" in path and first not in ("", "..")
    clean = first if in_folder else path.rsplit("/", 1)[-1]
    return _ENDING.sub("", clean, count=1) or path


def _answers(files: list[_File]) -> list[_File]:
    """Return the files that may be the answer: notebooks where there are any.

    A picture or a text beside one is not. What is wrong with a folder says more than a file.
    """
    return (
        [file for file in files if file.is_notebook]
        or [file for file in files if file.is_folder]
        or files
    )


def _with_modules(submission: Submission, modules: list[_File]) -> Submission:
    """Pack the modules that a student wrote beside the notebook with it, as a zip."""
    if not modules or submission.notebook is None or submission.notebook.startswith(b"PK"):
        return submission
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        # Without dates: the same files are the same submission.
        archive.writestr(zipfile.ZipInfo("lab.ipynb"), submission.notebook)
        for file in modules[:MOST_MODULES]:
            with suppress(OSError):
                name = file.path.rpartition("/")[2]
                archive.writestr(zipfile.ZipInfo(name), file.entry.read(MOST_OF_MODULE))
    return replace(submission, notebook=packed.getvalue())


def _chosen(files: list[_File], lab: str, most: int) -> _File:
    """Return the newest of the notebooks that name the lab, or of all if none does."""
    newest_first = sorted(files, key=_age, reverse=True)
    if len(files) > 1 and lab:
        for file in newest_first[:_MOST_READ]:
            with suppress(OSError):
                if lab.encode() in file.entry.read(most):
                    return file
    return newest_first[0]


def _age(file: _File) -> tuple[int, int, float, str]:
    order = file.who.order if file.who else 0
    stem = _ENDING.sub("", file.path, count=1)
    number = _NUMBERED.search(stem)
    suffix = int(number[1] or number[2]) if number else 0
    return order, suffix, file.entry.modified, file.path


def _choice(student: str, newest: _File, files: list[_File]) -> str:
    others = sorted(readable(file.path) for file in files if file is not newest)
    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
    return (
        f"{student} sent {len(files)} files: graded {readable(newest.path)}, "
        f"not {', '.join(others[:5])}{more}"
    )


def _submission(student: str, file: _File, most: int, room: int) -> Submission:
    source = readable(file.path, _MAX_SOURCE)
    what = "This" if file.is_folder else "The file"
    problem = file.entry.problem and f"{what} {file.entry.problem}."
    content = b""
    if not problem and not file.is_notebook:
        problem = "This is not a notebook: a lab is handed in as a file that ends in .ipynb."
    if not problem and file.entry.size > most:
        problem = f"The file is larger than {most >> 20} MB. Clear the outputs, then save it."
    if not problem:
        try:
            content = file.entry.read(most + 1)
        except OSError as error:
            problem = f"The file cannot be read: {readable(error.strerror or str(error), 200)}."
    if not problem:
        problem = _content_problem(content, most, room)
    if problem:
        return Submission(student, source, None, problem, file.entry.modified)
    return Submission(student, source, content, "", file.entry.modified)


def _content_problem(content: bytes, most: int, room: int) -> str:
    """Say why the bytes cannot be a notebook. What looks like one is read in the sandbox."""
    if not content.strip():
        return "The file is empty."
    if len(content) > most:
        return f"The file is larger than {most >> 20} MB, though its zip states less."
    if len(content) > room:
        return f"There are more than {MAX_TOTAL_MB} MB of notebooks; grade them in parts."
    if content.startswith(b"PK"):
        return ""
    try:
        text = as_text(content)
    except UnicodeDecodeError:
        return "The file is not a notebook: it is not text."
    if not text.lstrip("\ufeff \t\r\n").startswith("{") or '"nbformat"' not in text:
        return "The file is not a notebook, or was cut off before its end."
    return ""


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name
