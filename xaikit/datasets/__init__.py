"""Data to explain: real tables and images without a network, and data with planted truth."""

from xaikit.datasets._clinical import diabetes, hearts
from xaikit.datasets._dataset import Dataset, MaskTruth, Truth
from xaikit.datasets._images import digits, mnist, retina
from xaikit.datasets._measured import arrests, bike, wine
from xaikit.datasets._photographs import photograph
from xaikit.datasets._planted import planted_linear, planted_opposite, planted_product
from xaikit.datasets._planted_faults import planted_hidden_group, planted_leak, planted_spurious
from xaikit.datasets._planted_images import planted_corner, planted_shapes, planted_watermark
from xaikit.datasets._planted_pairs import planted_correlated, planted_interaction
from xaikit.datasets._reviews import reviews
from xaikit.datasets._snippets import RatedTextDataset, movie_snippets
from xaikit.datasets._tables import adult, breast_cancer, california_housing, german_credit
from xaikit.datasets._text import TextDataset

__all__ = [
    "Dataset",
    "MaskTruth",
    "RatedTextDataset",
    "TextDataset",
    "Truth",
    "adult",
    "arrests",
    "bike",
    "breast_cancer",
    "california_housing",
    "diabetes",
    "digits",
    "german_credit",
    "hearts",
    "mnist",
    "movie_snippets",
    "photograph",
    "planted_corner",
    "planted_correlated",
    "planted_hidden_group",
    "planted_interaction",
    "planted_leak",
    "planted_linear",
    "planted_opposite",
    "planted_product",
    "planted_shapes",
    "planted_spurious",
    "planted_watermark",
    "retina",
    "reviews",
    "wine",
]
