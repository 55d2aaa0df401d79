"""A finger moves what can be moved, and the page stays where it is meanwhile."""

import re

import pytest

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 360, "height": 800}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(**PHONE)
    yield context
    context.close()


@pytest.fixture
def phone(context, address):
    """A page on a phone, and a way to drag a finger over it."""
    page = context.new_page()
    touch = context.new_cdp_session(page)

    def send(kind, *points):
        at = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    def drag(start, across, down, steps=12):
        """Return by how much the page has scrolled under the finger."""
        before = page.evaluate("scrollY")
        send("touchStart", start)
        for k in range(1, steps + 1):
            send("touchMove", (start[0] + across * k / steps, start[1] + down * k / steps))
            # The browser decides between two frames whether it takes the finger over.
            page.evaluate("new Promise(requestAnimationFrame)")
        send("touchEnd")
        return page.evaluate("scrollY") - before

    yield page, address, drag
    page.close()


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_star_of_the_local_line_follows_to_the_end(phone):
    page, address, drag = phone
    page.goto(address + "local/lime.html")
    star = page.locator(".xk-live[data-figure=seeds] .xk-handle").first
    star.scroll_into_view_if_needed()
    before = middle(star.bounding_box())
    assert drag(before, -60, -40) == 0
    after = middle(star.bounding_box())
    assert after[0] - before[0] == pytest.approx(-60, abs=3)
    assert after[1] - before[1] == pytest.approx(-40, abs=3)


def test_the_band_over_the_lines_follows_to_the_end(phone):
    page, address, drag = phone
    page.goto(address + "global/effects.html")
    band = page.locator(".xk-live[data-figure=effects] .xk-handle")
    band.scroll_into_view_if_needed()
    before = middle(band.bounding_box())
    assert drag(before, 90, 40) == 0
    after = middle(band.bounding_box())
    assert after[0] - before[0] == pytest.approx(90, abs=8)  # it stands on whole hours
    assert after[1] - before[1] == pytest.approx(40, abs=3)


def test_a_stroke_is_drawn_to_its_end(phone):
    page, address, drag = phone
    page.goto(address + "deep/saliency.html")
    figure = page.locator(".xk-live[data-figure=digit]")
    figure.get_by_role("button", name="Load the network").tap()
    figure.get_by_label("Start from").select_option(label="blank paper")
    paper = figure.get_by_role("application", name=re.compile("^The digit"))
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    pixel = box["width"] / 28
    start = box["x"] + 14 * pixel, box["y"] + 4 * pixel
    assert drag(start, 0, 20 * pixel) == 0
    inked = """canvas => { const pen = canvas.getContext("2d");
      return [4, 10, 16, 23].map((y) => pen.getImageData(14 * 20, y * 20 + 10, 1, 1).data[3]); }"""
    assert min(paper.evaluate(inked)) > 100


def test_a_finger_on_the_painted_plane_scrolls_and_a_tap_paints(phone):
    page, address, drag = phone
    page.goto(address + "global/decision-boundaries.html")
    figure = page.locator(".xk-live[data-figure=boundaries]")
    figure.get_by_role("button", name="Paint ▲").tap()
    plane = figure.locator(".xk-plane")
    plane.scroll_into_view_if_needed()
    painted = figure.locator("path.xk-down")
    before = painted.count()
    box = plane.bounding_box()
    page.touchscreen.tap(box["x"] + 60, box["y"] + 60)
    assert painted.count() == before + 1
    above = page.evaluate("scrollY")
    drag(middle(box), 0, -100)
    page.wait_for_function(f"scrollY > {above} + 50")
    assert painted.count() == before + 1
