"""The colours of the course: of its figures, of the style, and of the live figures of the book.

Each has a contrast of at least 3 with white and with the ground of the dark pages, so that a
figure keeps its colours on either. The colour-blind tell them apart: the first four and the
grey are of Okabe and Ito, whose yellows and light blue are lost on white.
"""

BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PINK = "#CC79A7"
BROWN = "#8C5A2B"
VIOLET = "#7B61FF"
GREY = "#6B6B6B"

# In the order of the style "xaikit.plot.course".
CYCLE = (BLUE, VERMILION, GREEN, PINK, BROWN, VIOLET, GREY)

# What an attribution does, in figures at rest and live; a hatch or a sign says it too.
UP, DOWN = VERMILION, BLUE
