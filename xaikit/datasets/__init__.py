"""Data to explain: real tables and images without a network, and data with planted truth."""

from xaikit.datasets._dataset import Dataset, Truth
from xaikit.datasets._images import digits, mnist
from xaikit.datasets._planted import planted_linear, planted_opposite, planted_product
from xaikit.datasets._tables import adult, breast_cancer, california_housing, german_credit

__all__ = [
    "Dataset",
    "Truth",
    "adult",
    "breast_cancer",
    "california_housing",
    "digits",
    "german_credit",
    "mnist",
    "planted_linear",
    "planted_opposite",
    "planted_product",
]
