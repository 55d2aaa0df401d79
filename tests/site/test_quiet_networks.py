"""A chapter about networks prints what it wants to print, and TensorFlow nothing."""

import nbformat
import pytest
from nbclient import NotebookClient

from tools.execution import ThisPython, kernel_environment

CELLS = [
    "import keras",
    "import tensorflow as tf",
    "from tf_explain.core import IntegratedGradients",
    "import numpy as np\nimport xaikit as xk\nfrom xaikit.networks import functional",
    "shape = (12, 8, 3)\n"
    "layers = [keras.Input(shape), keras.layers.Conv2D(4, 3, activation='relu'),\n"
    "          keras.layers.GlobalAveragePooling2D(),\n"
    "          keras.layers.Dense(9, activation='softmax')]\n"
    "model = functional(keras.Sequential(layers))\n"
    "X = np.random.default_rng(0).uniform(size=(4, *shape)).astype('float32')",
    "model.compile('sgd', 'sparse_categorical_crossentropy')\n"
    "model.fit(X, np.arange(4), epochs=1, shuffle=False, verbose=0);",
    "for method in ('integrated_gradients', 'smoothgrad', 'grad_cam', 'occlusion'):\n"
    "    for k in range(9):\n"
    "        xk.explain(model, X, method=method, output=k, random_state=0)",
    # With the class as a tensor; as a number TensorFlow says that it compiles over and over.
    "for k in range(9):\n    IntegratedGradients().explain((X, None), model, tf.constant(k))",
    # Network after network, as in a check that draws the weights anew.
    "from xaikit.networks import cnn\n"
    "for seed in range(7):\n"
    "    new = cnn(shape, 3, random_state=seed)\n"
    "    for method in ('gradient', 'grad_cam', 'occlusion'):\n"
    "        xk.explain(new, X, method=method, output=1)",
]


@pytest.mark.slow
def test_nothing_is_said_by_importing_training_and_explaining(tmp_path, repository):
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        kernel_manager_class=ThisPython,
        resources={"metadata": {"path": str(tmp_path)}},
        timeout=300,
    )
    client.execute(env=kernel_environment(repository))
    said = {cell.source: cell.outputs for cell in client.nb.cells if cell.outputs}
    assert said == {}
