"""Curves as an SVG picture, both axes logarithmic."""
import html
import math

COLOURS = ["#4e79a7", "#e15759", "#59a14f", "#b07aa1", "#f28e2b", "#76b7b2", "#9c755f", "#edc948"]
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 720, 360, 76, 10, 40, 10


def ticks(low, high):
    """1, 2 and 5 times powers of ten within the range; more between two of them where there are less than four."""
    for factors in ((1, 2, 5), range(1, 10), (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9)):
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found = [float(f"{factor}e{power}") for power in powers for factor in factors]
        found = [tick for tick in found if low <= tick <= high]
        if len(found) > 3:
            break
    return found


def plot(curves, file, x_name, y_name, levels=None):
    """Writes `curves`, a list of points by name, and `levels`, horizontal lines by name."""
    levels = levels or {}
    points = [point for curve in curves.values() for point in curve]
    x0, x1 = (f(x for x, _ in points) for f in (min, max))
    y0, y1 = (f([y for _, y in points] + list(levels.values())) for f in (min, max))
    share = lambda value, low, high: math.log(value / low) / math.log(high / low)
    x = lambda value: LEFT + (WIDTH - LEFT - RIGHT) * share(value, x0, x1)
    y = lambda value: HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share(value, y0, y1)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/>']
    for tick in ticks(x0, x1):
        parts.append(f'<text x="{x(tick):.1f}" y="{HEIGHT - 22}" text-anchor="middle">{tick:g}</text>'
                     f'<path d="M{x(tick):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
    for tick in ticks(y0, y1):
        parts.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
                     f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 5}" text-anchor="middle">{html.escape(x_name)}</text>'
                 f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">'
                 f'{html.escape(y_name)}</text>')
    for name, level in levels.items():
        parts.append(f'<path d="M{LEFT} {y(level):.1f}H{WIDTH - RIGHT}" stroke="#333" stroke-dasharray="6 4"/>'
                     f'<text x="{LEFT + 6}" y="{y(level) - 5:.1f}">{html.escape(name)}</text>')
    for (name, curve), colour in zip(curves.items(), COLOURS):
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in curve)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for row, (name, colour) in enumerate(zip(curves, COLOURS)):
        at = 22 + 16 * row
        parts.append(f'<path d="M{WIDTH - 170} {at - 4}h16" stroke="{colour}" stroke-width="3"/>'
                     f'<text x="{WIDTH - 148}" y="{at}">{html.escape(name)}</text>')
    file.write_text("\n".join(parts) + "\n</svg>\n")
