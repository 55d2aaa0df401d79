"""Heat maps show the attributions where they are, readably, and say so in words."""

import bad_input_plot
import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import axes
from made_explanations import made
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from xaikit import plot
from xaikit.plot import _colours

RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(2, 28, 14, 3))
HOT = np.zeros((1, 6, 9))
HOT[0, 0, 8], HOT[0, 5, 0] = 2.0, -1.0


def explanation(values=VALUES, data=None, **changes):
    data = RNG.uniform(size=np.shape(values)) if data is None else data
    how = {"output_name": "7", "output_space": "score", "method": "gradient"}
    return made(values, data=data, **how | changes)


def drawn(e, **options):
    return plot.heatmap(e, ax=axes(), **options)


def layers(ax):
    """The image (or None) and the map over it."""
    maps = [picture for picture in ax.images if picture.get_array().ndim == 2]
    return (maps[0] if len(maps) == 2 else None), maps[-1]


def bar(ax):
    (found,) = (other for other in ax.figure.axes if other is not ax)
    return found


def rendered(e, **options):
    """The pixels inside the axes, red, green and blue from 0 to 1."""
    figure = Figure(figsize=(5, 5), dpi=100)
    ax = figure.add_axes((0.0, 0.1, 0.8, 0.8))
    plot.heatmap(e, ax=ax, **options)
    ax.spines[:].set_visible(False)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    box = ax.get_window_extent()
    pixels = np.asarray(canvas.buffer_rgba())[::-1, :, :3] / 255
    inner = pixels[int(box.y0) + 1 : int(box.y1) - 1, int(box.x0) + 1 : int(box.x1) - 1]
    return inner[::-1]


def grey(pixels):
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("channel", ["sum", "size", 1])
def test_channels_that_stand_first_are_found_there(channel):
    last = explanation(data=RNG.uniform(size=VALUES.shape))
    turned = [np.moveaxis(array, -1, 1) for array in (last.values, last.data)]
    first = explanation(*turned, channels="first")
    for one, other in zip(*(layers(drawn(e, channel=channel)) for e in (last, first)), strict=True):
        np.testing.assert_allclose(one.get_array(), other.get_array())
    # Without being told it takes the last axis for the channels, whatever its length.
    assert layers(drawn(explanation(*turned)))[1].get_array().shape == (3, 28)


@pytest.mark.parametrize("shape", [(28, 14), (14, 28, 1), (5, 60, 2), (224, 224, 3), (1, 1)])
def test_one_figure_is_made_in_which_nothing_is_cut_off(shape, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("show was called"))
    before = plt.get_fignums()
    ax = plot.heatmap(explanation(RNG.normal(size=(1, *shape))))
    assert [plt.figure(n) for n in plt.get_fignums() if n not in before] == [ax.figure]
    ax.figure.draw_without_rendering()
    page = ax.figure.bbox
    label = bar(ax).yaxis.label if bar(ax).yaxis.label.get_text() else bar(ax).xaxis.label
    for box in (ax.get_window_extent(), label.get_window_extent()):
        assert box.x0 >= page.x0 - 1
        assert box.x1 <= page.x1 + 1
        assert box.y0 >= page.y0 - 1
        assert box.y1 <= page.y1 + 1
    drawn_as = ax.get_window_extent()
    assert drawn_as.height / drawn_as.width == pytest.approx(shape[0] / shape[1], rel=0.02)
    plt.close(ax.figure)


@pytest.mark.parametrize(
    ("channel", "of", "label"),
    [
        ("sum", lambda v: v.sum(axis=-1), "attribution (score of 7)"),
        ("size", lambda v: np.abs(v).sum(axis=-1), "|attribution| (score of 7)"),
        (2, lambda v: v[..., 2], "attribution of channel 2 (score of 7)"),
    ],
)
def test_the_map_is_the_chosen_number_of_each_pixel(channel, of, label):
    ax = drawn(explanation(), row=1, channel=channel)
    np.testing.assert_allclose(layers(ax)[1].get_array(), of(VALUES[1]))
    assert bar(ax).get_ylabel() == label
    assert ("sizes of" in plot.alt_text(ax)) == (channel == "size")


def test_the_scale_is_the_same_on_both_sides_of_zero():
    top = np.abs(VALUES[0].sum(axis=-1)).max()
    norm = layers(drawn(explanation()))[1].norm
    assert (norm.vmin, norm.vmax) == (-top, top)


def test_the_scale_of_what_is_never_negative_begins_at_zero():
    norm = layers(drawn(explanation(np.abs(HOT))))[1].norm
    assert (norm.vmin, norm.vmax) == (0, 2)


def test_of_nothing_nothing_is_shown():
    ax = drawn(explanation(0 * HOT))
    assert list(bar(ax).get_xticks()) == [0]
    assert layers(ax)[1].to_rgba(np.zeros((1, 1)))[0, 0, 3] == 0
    assert plot.alt_text(ax).endswith("over image 0 of 6 by 9 pixels. All of them are 0.")


def test_a_clipped_scale_says_so():
    values = np.zeros((1, 10, 10))
    values[0, 0] = np.arange(1, 11)
    values[0, 1, 0] = -30
    sizes = [*range(1, 11), 30]
    ax = drawn(explanation(values), quantile=0.5)
    assert layers(ax)[1].norm.vmax == np.quantile(sizes, 0.5) == 6
    assert "Colours end at 6, the 0.5 quantile" in plot.alt_text(ax)
    assert bar(ax)._colorbar.extend == "both"
    whole = drawn(explanation(values))
    assert layers(whole)[1].norm.vmax == 30
    assert bar(whole)._colorbar.extend == "neither"
    assert "Colours end" not in plot.alt_text(whole)


def test_pixels_stay_where_they_are():
    pixels = rendered(explanation(HOT), image=False)
    height, width = len(pixels) // 6, pixels.shape[1] // 9
    red, _, blue = pixels[1 : height - 2, 8 * width + 4 : -2].reshape(-1, 3).mean(axis=0)
    assert red > blue + 0.3
    red, _, blue = pixels[-height + 3 : -2, 2 : width - 2].reshape(-1, 3).mean(axis=0)
    assert blue > red + 0.2
    np.testing.assert_array_equal(pixels[2 * height : 3 * height], 1.0)


def test_the_image_lies_beneath_where_nothing_is_attributed():
    data = np.zeros((1, 4, 4))
    data[0, :, :2] = 1.0
    pixels = rendered(explanation(np.zeros((1, 4, 4)), data))
    middle = pixels.shape[1] // 2
    assert pixels[:, : middle - 2].min() > 0.99
    assert pixels[:, middle + 2 :].max() < 0.9
    assert np.ptp(pixels, axis=-1).max() < 0.01  # grey
    assert rendered(explanation(np.zeros((1, 4, 4)), data), image=False).min() == 1


@pytest.mark.parametrize("signed", [True, False])
def test_in_grey_dark_is_strong_on_either_side(signed):
    at = np.linspace(0, 1, 50)
    sides = [_colours.SIGNED(0.5 + at / 2), _colours.SIGNED(0.5 - at / 2)]
    if not signed:
        sides = [_colours.RAISES_ONLY(at)]
    lightness = [np.array([_colours.luminance(c[:3]) for c in side]) ** (1 / 3) for side in sides]
    for side in lightness:
        assert (np.diff(side) < 0).all()
        assert side[0] - side[-1] > 0.4
    if signed:
        assert np.abs(lightness[0] - lightness[1]).max() < 0.03


def test_in_grey_the_sign_is_a_hatch():
    values = np.ones((1, 8, 8))
    values[0, :, 4:] = -1
    pixels = grey(rendered(explanation(values)))
    middle = pixels.shape[1] // 2
    raises, lowers = pixels[:, : middle - 3], pixels[:, middle + 3 :]
    assert np.ptp(raises) < 0.01
    assert np.ptp(lowers) > 0.3
    striped = (lowers > lowers.min() + 0.2).mean()
    assert 0.15 < striped < 0.4


def test_noise_of_a_large_image_is_not_hatched():
    values = RNG.normal(size=(1, 224, 224))
    values[0, :112, :112] -= 3
    (hatch,) = (p for p in drawn(explanation(values)).images if p.get_array().ndim == 3)
    alpha = hatch.get_array()[..., 3]
    half = len(alpha) // 2
    assert (alpha[:half, :half] > 0).mean() > 0.25
    assert (alpha[half:, half:] > 0).mean() < 0.01


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear light.
BLIND = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.mark.parametrize("kind", BLIND)
def test_the_colour_blind_tell_the_signs_apart(kind):
    for share in (0.3, 0.6, 1.0):
        blue_over_red = []
        for at in (0.5 + share / 2, 0.5 - share / 2):
            seen = np.array(BLIND[kind]) @ np.power(_colours.SIGNED(at)[:3], 2.2)
            blue_over_red.append(seen[2] - seen[0])
        assert blue_over_red[0] < -0.1
        assert blue_over_red[1] > 0.1


@pytest.mark.parametrize("colours", [_colours.SIGNED, _colours.RAISES_ONLY])
def test_on_white_the_see_through_colours_are_those_of_the_scale(colours):
    at = np.linspace(0, 1, 101)
    seen = _colours.see_through(colours)(at)
    on_white = seen[:, :3] * seen[:, 3:] + 1 - seen[:, 3:]
    np.testing.assert_allclose(on_white, colours(at)[:, :3], atol=1e-9)
    assert seen[50 if colours is _colours.SIGNED else 0, 3] < 0.01


@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
def test_images_of_any_channels_and_scale_become_grey(channels):
    shape = (1, 5, 4) if channels is None else (1, 5, 4, channels)
    data = RNG.uniform(-100, 300, size=shape)
    paper = layers(drawn(explanation(np.ones(shape), data)))[0].get_array()
    assert paper.shape == (5, 4)
    assert paper.min() >= 0.5
    assert paper.max() == pytest.approx(1)
    flat = layers(drawn(explanation(np.ones(shape), np.full(shape, 7.0))))[0].get_array()
    assert np.ptp(flat) == 0


def test_a_place_is_outlined_along_its_pixels():
    mask = np.zeros((6, 9), dtype=bool)
    mask[0:2, 7:9] = True
    ax = drawn(explanation(HOT), mask=mask)
    white, black = (c for c in ax.collections if isinstance(c, LineCollection))
    assert white.get_linewidth()[0] > black.get_linewidth()[0]
    edges = {tuple(sorted(map(tuple, edge))) for edge in black.get_segments()}
    wanted = {((6.5 + k, y), (7.5 + k, y)) for k in (0, 1) for y in (-0.5, 1.5)}
    wanted |= {((x, -0.5 + k), (x, 0.5 + k)) for k in (0, 1) for x in (6.5, 8.5)}
    assert edges == wanted
    assert "The outlined place covers 7% of the image and holds 67%." in plot.alt_text(ax)


def test_the_limits_are_those_of_the_image_also_with_a_hatch_of_blocks():
    values = np.full((1, 101, 60), -1.0)
    ax = drawn(explanation(values), mask=np.ones((101, 60), dtype=bool))
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 59.5), (100.5, -0.5))


def test_the_words_tell_class_places_and_share():
    assert plot.alt_text(drawn(explanation(HOT))) == (
        "Heat map of the attributions by gradient to the score of 7, over image 0 of 6 by 9 "
        "pixels. Raised most by 2 in the upper right; lowered most by 1 in the lower left. Of "
        "nine equal parts the upper right holds the most, 67% of the sum of sizes."
    )
    assert "Raised" not in plot.alt_text(drawn(explanation(-np.abs(HOT))))


@pytest.mark.parametrize(
    ("i", "j", "place"), [(3, 4, "centre"), (0, 4, "upper middle"), (3, 0, "middle left")]
)
def test_places_have_names(i, j, place):
    values = np.zeros((1, 6, 9))
    values[0, i, j] = 1
    text = plot.alt_text(drawn(explanation(values)))
    assert f"by 1 in the {place}. Of nine equal parts the {place} holds the most, 100%" in text


def test_letters_read_on_any_ground():
    grounds = RNG.uniform(size=(300, 3))
    for ground in grounds:
        a, b = sorted([_colours.luminance(ground), _colours.luminance(
            to_rgb(_colours.readable_on(ground)))])  # fmt: skip
        assert (b + 0.05) / (a + 0.05) >= 4.5


@pytest.mark.parametrize("case", bad_input_plot.CASES)
def test_bad_input_leaves_no_figure_behind(case):
    before = plt.get_fignums()
    with pytest.raises((TypeError, ValueError)):
        bad_input_plot.CASES[case][0]()
    assert plt.get_fignums() == before
