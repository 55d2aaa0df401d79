"""A figure of the book as it is sent: for light pages and, in other ink, for dark ones."""

import gzip
import re
from base64 import b64decode
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from xaikit import datasets, plot
from xaikit.course.figures import _both_forms, _dark, both_forms
from xaikit.plot._colours import contrast

SVG = "image/svg+xml"


def figure(**how):
    made = Figure(figsize=(4, 3), dpi=110, layout="constrained", **how)
    return made, made.subplots()


def forms(made):
    data, metadata = both_forms(made)
    return data[SVG], metadata[SVG]["dark"]


def colours(svg):
    return set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg))


def test_ink_changes_and_the_colours_of_data_stay():
    made, ax = figure()
    ax.plot([0, 1], color="#0072B2")
    ax.plot([1, 0], "o", color="black")
    light, dark = forms(made)
    assert "#000000" in colours(light)  # matplotlib leaves out the black of text
    assert {"#0072b2", to_hex(_dark.INK)} <= colours(dark)
    assert not {"#000000", "#ffffff"} & colours(dark)
    assert "#ffffff" not in colours(light)  # no paper


@pytest.mark.parametrize("colour", ["black", "#262626", "#6b6b6b", "#0072b2", "#00224e", "navy"])
@pytest.mark.parametrize("least", [_dark.DRAWN, _dark.WRITTEN])
def test_ink_and_strong_colours_are_seen_on_a_dark_page(colour, least):
    assert contrast(_dark.on_dark(colour, least)[:3], _dark.GROUND) >= min(least, 3)


def test_white_becomes_the_ground_and_transparency_stays():
    assert to_hex(_dark.on_dark("white")) == _dark.GROUND
    assert to_hex(_dark.on_dark("black")) == _dark.INK
    assert _dark.on_dark((1, 1, 1, 0.25))[3] == 0.25
    assert _dark.on_dark("#d55e00") == mpl.colors.to_rgba("#d55e00")


def test_both_forms_are_of_one_size_that_of_the_figure_on_the_page():
    made, ax = figure()
    ax.plot([0, 1])
    sizes = [re.search(r'width="(\d+)" height="(\d+)"', form).groups() for form in forms(made)]
    assert sizes[0] == sizes[1]
    assert int(sizes[0][0]) == pytest.approx(440, abs=25)
    assert int(sizes[0][1]) == pytest.approx(330, abs=25)


def busy():
    made, ax = figure()
    ax.barh([0, 1], [1, -1], color=["C1", "C0"], hatch="//", edgecolor="white")
    ax.contour(np.outer(np.arange(4), np.arange(4)), colors="black")
    ax.annotate("here", (0, 0), (1, 1), arrowprops={"arrowstyle": "->"}, bbox={"fc": "white"})
    dots = ax.scatter([0, 1], [1, 0], c=[0, 1], edgecolors="black")
    dots.set_clip_path(mpl.patches.Circle((0, 0), 1, transform=ax.transData))
    ax.legend(handles=ax.patches[:1], labels=["bars"])
    return made


@pytest.mark.slow
def test_the_same_figure_gives_the_same_bytes_and_is_left_as_it_was():
    made = busy()
    canvas, layout = made.canvas, type(made.get_layout_engine())
    first = both_forms(made)
    assert both_forms(made) == first
    assert both_forms(busy()) == first
    assert made.canvas is canvas
    assert type(made.get_layout_engine()) is layout
    assert made.patch.get_visible()


def test_what_stands_on_a_picture_keeps_its_colours():
    made, ax = figure()
    ax.imshow(np.ones((3, 3)), vmin=0, vmax=1, cmap="gray")
    (line,) = ax.plot([0, 2], [0, 2], color="black")
    words = ax.text(1, 1, "here", color="black")
    title = ax.set_title("a picture")
    made.canvas.draw_idle()
    with _both_forms._laid_out(made), _dark.in_dark(made):
        assert to_hex(line.get_color()) == "#000000"
        assert to_hex(words.get_color()) == "#000000"
        assert to_hex(title.get_color()) == _dark.INK
    assert title.get_color() == "black"


def test_words_on_a_pale_tile_stay_readable():
    made, ax = figure()
    ax.add_patch(mpl.patches.Rectangle((0, 0), 1, 1, facecolor="#f6c9ac"))
    on_tile, on_page = ax.text(0.3, 0.5, "tile"), ax.text(1.5, 0.5, "page")
    ax.set(xlim=(0, 2), ylim=(0, 1))
    with _both_forms._laid_out(made), _dark.in_dark(made):
        assert to_hex(on_tile.get_color()) == "#000000"
        assert to_hex(on_page.get_color()) == _dark.INK


def test_black_contours_become_light_and_black_again():
    made, ax = figure()
    lines = ax.contour(np.outer(np.arange(4), np.arange(4)), colors="black")
    with _both_forms._laid_out(made), _dark.in_dark(made):
        assert {to_hex(c) for c in lines.cmap.colors} == {_dark.INK}
    assert {to_hex(c) for c in lines.cmap.colors} == {"#000000"}


def test_thousands_of_dots_are_put_in_as_pixels():
    made, ax = figure()
    ax.scatter(*np.random.default_rng(0).normal(size=(2, 20_000)), s=1)
    light, _ = forms(made)
    assert "data:image/png;base64," in light
    assert len(light) < 200_000


@pytest.mark.slow
def test_what_is_heavy_even_so_is_sent_with_two_pixels_to_one():
    made, ax = figure()
    ax.hlines(*np.random.default_rng(0).uniform(size=(3, 4_000)), lw=3, color="0.5")
    data, metadata = both_forms(made)
    assert list(data) == ["image/png"]
    own = metadata["image/png"]
    assert own["dense"] == 2
    sizes = [Image.open(BytesIO(b64decode(p))).size for p in (data["image/png"], own["dark"])]
    assert sizes[0] == sizes[1]
    assert sizes[0][0] == pytest.approx(880, abs=50)


def test_the_alt_text_of_the_figure_goes_with_it():
    made, ax = figure()
    plot.attention([[0.2, 0.8], [0.5, 0.5]], ["not", "good"], ax=ax)
    _, metadata = both_forms(made)
    assert metadata[SVG]["alt"].startswith("Map of attention between 2 words")


def test_outside_the_book_a_figure_is_shown_as_ever():
    made, ax = figure()
    ax.plot([0, 1])
    assert SVG not in DisplayFormatter().format(made)[0]


def _pictures_inside(svg):
    found = re.findall(r"data:image/(\w+);base64,([A-Za-z0-9+/=\s]+)", svg)
    return [(kind, Image.open(BytesIO(b64decode(content)))) for kind, content in found]


@pytest.mark.slow
def test_a_photograph_in_a_drawing_is_webp_and_a_map_stays_exact():
    made = Figure(figsize=(8, 3), dpi=110, layout="constrained")
    axes = made.subplots(1, 2)
    photograph = datasets.photograph("coffee").X[0]
    axes[0].imshow(photograph)
    axes[1].imshow(np.arange(64.0).reshape(8, 8), interpolation="nearest")
    data, metadata = both_forms(made)
    assert list(data) == [SVG]
    for form in (data[SVG], metadata[SVG]["dark"]):
        assert len(gzip.compress(form.encode())) < 50_000
        (photo_kind, photo), (map_kind, a_map) = _pictures_inside(form)
        assert (photo_kind, map_kind) == ("webp", "png")
        assert len(a_map.convert("RGB").getcolors()) == 64
        # As it is, but for what the eye does not see.
        there = np.asarray(photo.convert("RGB")).mean(axis=(0, 1)) / 255
        np.testing.assert_allclose(there, photograph.mean(axis=(0, 1)), atol=0.01)


@pytest.mark.slow
def test_a_photograph_under_a_pale_map_is_webp_too():
    made, ax = figure()
    ax.imshow(datasets.photograph("chelsea").X[0])
    ax.imshow(np.random.default_rng(0).random((7, 7)), alpha=0.5, extent=(0, 450, 300, 0))
    ((kind, picture),) = _pictures_inside(forms(made)[0])  # matplotlib lays them together
    assert kind == "webp"
    assert picture.size[0] > 400  # two pixels to each of the page's
    assert len(gzip.compress(forms(made)[0].encode())) < 30_000


def test_a_photograph_drawn_without_interpolation_has_its_own_pixels():
    made, ax = figure()
    photograph = datasets.photograph("chelsea").X[0]
    ax.imshow(photograph, interpolation="none")
    ((kind, picture),) = _pictures_inside(forms(made)[0])
    assert (kind, picture.size) == ("webp", photograph.shape[1::-1])


@pytest.mark.slow
def test_thousands_of_dots_in_many_colours_stay_exact():
    made, ax = figure()
    dots = np.random.default_rng(0).normal(size=(2, 20_000))
    ax.scatter(*dots, s=1, c=np.random.default_rng(1).random((20_000, 3)))
    ((kind, _),) = _pictures_inside(forms(made)[0])
    assert kind == "png"
