"""The questions to ask before a model decides about people, and what the answers add up to.

The list is data: a versioned YAML file. `load` reads and checks it, for credit, hiring or
health with the questions and the law of that use; `Checklist.evaluate` checks the record,
answers, evidence and actions against it and gives a verdict by the rules in the file.
"""

from xaikit.checklist._checklist import Checklist, Evaluation
from xaikit.checklist._evidence import EvidenceRule
from xaikit.checklist._load import load
from xaikit.checklist._questions import Law, Question, Rule, Source, Variant

__all__ = [
    "Checklist",
    "Evaluation",
    "EvidenceRule",
    "Law",
    "Question",
    "Rule",
    "Source",
    "Variant",
    "load",
]
