"""Write the made-up class of lab 3 that ships with the teacher's page.

``python -m tools.made_up_submissions`` writes ``lab-3.zip``, a download as Canvas gives it,
and ``gradebook.csv``, the gradebook that goes with it. All names are invented. The notebooks
come from the lab's own source: its solutions, its wrong answers, and stubs left as they are.
"""

import csv
import io
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xaikit.course.labs._source import LabSource, read_source
from xaikit.course.labs._split import _notebook

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / "labs" / "l03_shapley"
FOLDER = ROOT / "book" / "practice" / "submissions"

# A slip that stops the code, as people make it.
_SLIP = """\
def shapley(game, n_players):
    values = np.zeros(n_players)
    for order in itertools.permutations(range(n_players)):
        present = np.zeros((1, n_players), dtype=bool)
        for player in orders:
            present[0, player] = True
            values[player] += game(present)[0]
    return values / math.factorial(n_players)"""


@dataclass(frozen=True)
class Student:
    """An invented student: the name, and what was done.

    `wrong` names the wrong answer given to a question, `left` the questions not answered,
    `own` an answer of the student's own; everything else is solved.
    """

    name: str
    wrong: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    late: bool = False


ALL = ("q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8")
CLASS = (
    Student("Lind, Amara"),
    Student("Okoro, Ben", left=("q7",)),
    Student("Voss, Chidi", wrong={"q1": "equal parts", "q2": "forgets the weights"}),
    Student(
        "Marek, Dunja",
        wrong={
            "q2": "takes the value of the empty coalition for zero",
            "q5": "the mean row stands for the background",
        },
    ),
    Student("Sand, Elif", wrong={"q3": "shares out the float", "q7": "looks at the sum only"}),
    Student("Quist, Farid", left=ALL),
    Student("Ojo, Greta", left=ALL[3:], late=True),
    Student("Weld, Hana", own={"q2": _SLIP}),
    Student("Brandt-Ruiz, Ivo", wrong={"q3": "shares out the float", "q4": "needed by everybody"}),
    Student("Tallis, Jun", wrong={"q2": "forgets the weights"}, left=("q6",)),
)
# Handed in, and no notebook: a file cut off in the middle, and a script.
CUT, SCRIPT = "Noor, Kaisa", "Pray, Luca"
# In the gradebook, and nothing handed in.
ABSENT = "Tern, Mio"
FIRST_USER, FIRST_FILE = 4001, 90_001


def files() -> dict[str, bytes]:
    """Return the files of the download, by name."""
    source = read_source(LAB)
    made: dict[str, bytes] = {}

    def hand_in(name: str, file: str, content: bytes, late: bool = False) -> None:
        short = "".join(letter for letter in name.lower() if letter.isalnum())
        number = FIRST_FILE + len(made)
        made[f"{short}_{'LATE_' * late}{user(name)}_{number}_{file}"] = content

    for student in CLASS:
        if student.name == "Tallis, Jun":  # the first of two
            unsolved = notebook(source, Student(student.name, left=ALL))
            hand_in(student.name, "lab.ipynb", unsolved)
            hand_in(student.name, "lab-1.ipynb", notebook(source, student))
        else:
            hand_in(student.name, "lab.ipynb", notebook(source, student), student.late)
    solved = notebook(source, Student(CUT))
    hand_in(CUT, "lab.ipynb", solved[: len(solved) // 2])
    hand_in(SCRIPT, "lab.py", source.answers["q2"].solved.encode() + b"\n")
    return made


def notebook(source: LabSource, student: Student) -> bytes:
    """Return what the student handed in."""
    mutants = {(mutant.question, mutant.name): mutant.source for mutant in source.mutants}
    answers = {question: answer.solved for question, answer in source.answers.items()}
    answers |= {question: mutants[question, name] for question, name in student.wrong.items()}
    answers |= {question: source.answers[question].student for question in student.left}
    return _notebook(source, {**answers, **student.own}).encode()


def names() -> list[str]:
    """Return the names in the gradebook, in its order."""
    return sorted([*(student.name for student in CLASS), CUT, SCRIPT, ABSENT])


def user(name: str) -> int:
    """Return the number that the student has in the system."""
    return FIRST_USER + names().index(name)


def gradebook() -> bytes:
    """Return the gradebook as Canvas exports it. The last student left the course."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    heads = ["Student", "ID", "SIS Login ID", "Section", "Lab 2 (811)", "Lab 3 (812)"]
    table.writerow([*heads, "Final Score"])
    table.writerow(["    Points Possible", "", "", "", "16", "18", "(read only)"])
    for name in names():
        if name != CLASS[5].name:
            login = name.split(",")[0].lower().replace("-", "")
            table.writerow([name, user(name), login, "XAI", "12", "", ""])
    return text.getvalue().encode()


def archive() -> bytes:
    """Return the download as a zip; the time in it is always the same."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in files().items():
            info = zipfile.ZipInfo(name, (2026, 11, 2, 9, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            file.writestr(info, content)
    return packed.getvalue()


def main() -> int:
    """Write both files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in (("lab-3.zip", archive()), ("gradebook.csv", gradebook())):
        (FOLDER / name).write_bytes(content)
        print(f"Written: {(FOLDER / name).relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
