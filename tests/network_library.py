"""The small networks of the library that the shared tests run on.

Keras, unless NETWORKS names another: the environment of PyTorch runs the same tests on its
own (`tests/models/test_pytorch.py`).
"""

import importlib
import os

LIBRARY = os.environ.get("NETWORKS", "keras")
nets = importlib.import_module({"keras": "tiny_networks", "torch": "tiny_torch"}[LIBRARY])
