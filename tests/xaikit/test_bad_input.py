"""One table of bad input: each error names the argument, the constraint and the value.

A case is a call that must fail, the type of the error, and the words that its message
must hold in this order. The cases of each part stand in a bad_input module of their own.
"""

import bad_input_attention
import bad_input_checklist
import bad_input_effects
import bad_input_evaluate_images
import bad_input_explain
import bad_input_explanation
import bad_input_functional
import bad_input_games
import bad_input_images
import bad_input_networks
import bad_input_plot
import pytest

PARTS = {
    "attention": bad_input_attention.CASES,
    "checklist": bad_input_checklist.CASES,
    "effects": bad_input_effects.CASES,
    "evaluate images": bad_input_evaluate_images.CASES,
    "explain": bad_input_explain.CASES,
    "explanation": bad_input_explanation.CASES,
    "functional": bad_input_functional.CASES,
    "games": bad_input_games.CASES,
    "images": bad_input_images.CASES,
    "networks": bad_input_networks.CASES,
    "plot": bad_input_plot.CASES,
}
CASES = {f"{part}: {name}": case for part, cases in PARTS.items() for name, case in cases.items()}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_met_at_the_door(case):
    call, error, *words = CASES[case]
    with pytest.raises(error, match="(?s)" + ".*".join(words)) as raised:
        call()
    assert type(raised.value) is error


def test_the_table_is_long_enough():
    assert len(CASES) >= 40
