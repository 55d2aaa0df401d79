"""How good an explanation is: against the model, against itself, against the truth.

Each measure sees one thing and is blind to others; each docstring says to which. None
of them alone shows that an explanation is right.
"""

from xaikit.evaluate._agreement import rank_correlation, sign_agreement, top_k_overlap
from xaikit.evaluate._complexity import entropy, sparseness
from xaikit.evaluate._curves import Curve, deletion, insertion
from xaikit.evaluate._edges import edges
from xaikit.evaluate._error import TruthError, error
from xaikit.evaluate._faithfulness import faithfulness_correlation
from xaikit.evaluate._localisation import Localisation, localisation
from xaikit.evaluate._randomisation import Randomisation, randomisation
from xaikit.evaluate._scores import RowScores
from xaikit.evaluate._stability import Stability, stability

__all__ = [
    "Curve",
    "Localisation",
    "Randomisation",
    "RowScores",
    "Stability",
    "TruthError",
    "deletion",
    "edges",
    "entropy",
    "error",
    "faithfulness_correlation",
    "insertion",
    "localisation",
    "randomisation",
    "rank_correlation",
    "sign_agreement",
    "sparseness",
    "stability",
    "top_k_overlap",
]
