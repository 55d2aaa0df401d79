"""The questions to ask before a model decides about people, and what the answers add up to.

The list is data: a versioned YAML file. `load` reads and checks it; `Checklist.evaluate`
checks answers and evidence against it and gives a verdict by the rules in the file.
"""

from xaikit.checklist._checklist import Checklist, Evaluation
from xaikit.checklist._load import load
from xaikit.checklist._questions import Question, Rule, Source

__all__ = ["Checklist", "Evaluation", "Question", "Rule", "Source", "load"]
