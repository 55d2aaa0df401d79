"""What a live figure of the book needs from a chapter's run.

``table`` writes a fitted model down as plain numbers, with rows and their exact
attributions to check the page against; ``hand_over`` leaves data for the figure that the
directive ``{live}`` puts into the page.
"""

from xaikit.course.live._hand_over import hand_over
from xaikit.course.live._table import table

__all__ = ["hand_over", "table"]
