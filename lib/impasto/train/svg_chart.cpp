#include "impasto/train/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "impasto/train/html_text.h"

namespace impasto {
namespace {

// Of the drawing, in its own units; the page scales it.
constexpr double kWidth = 480;
constexpr double kHeight = 230;
constexpr double kLeft = 52;
constexpr double kRight = 10;
constexpr double kTop = 28;
constexpr double kBottom = 26;

/// Two points for every unit of width.
constexpr std::size_t kMaxPoints = 840;

/// With more points their dots would run together.
constexpr std::size_t kMaxMarkers = 100;

/// A logarithmic axis is worth it from this ratio of the largest to the smallest value on.
constexpr double kLogRatio = 20;

std::string formatted(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string coordinate(double value) { return formatted("%.1f", value); }

/// Steps of 1, 2 or 5 times a power of 10 that give about `count` intervals.
double tick_step(double range, int count) {
  const double raw = range / count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double lead = raw / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/// Maps values to [0,1] and names some of them.
class Axis {
 public:
  static Axis linear(double low, double high, int count) {
    // One value, up to rounding: give it room.
    if (!(high - low > 1e-9 * std::max(std::abs(low), std::abs(high)))) {
      const double room = low == 0 ? 1 : std::abs(low) / 2;
      low -= room;
      high += room;
    }
    Axis axis(low, high, false);
    const double step = tick_step(high - low, count);
    for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
      axis.ticks_.push_back(i * step + 0.0);  // -0 becomes 0
    }
    return axis;
  }

  static Axis logarithmic(double low, double high) {
    Axis axis(low, high, true);
    const double decades = std::log10(high / low);
    const double every = std::ceil(decades / 5);
    for (double e = std::floor(std::log10(low)); e <= std::log10(high); ++e) {
      for (const double lead : {1.0, 2.0, 5.0}) {
        const double tick = lead * std::pow(10, e);
        const bool wanted = lead == 1 ? std::fmod(e, every) == 0 : decades < 2;
        if (wanted && tick >= low && tick <= high) axis.ticks_.push_back(tick);
      }
    }
    return axis;
  }

  bool is_logarithmic() const { return log_; }
  double place(double value) const {
    return log_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
  }
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  Axis(double low, double high, bool log) : low_(low), high_(high), log_(log) {}

  double low_;
  double high_;
  bool log_;
  std::vector<double> ticks_;
};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

Axis value_axis(const ChartOptions& options, const Range& range) {
  if (options.log && range.low > 0 && range.high / range.low >= kLogRatio) {
    return Axis::logarithmic(range.low / 1.15, range.high * 1.15);
  }
  // Close to 0 anyhow, 0 may as well be in sight.
  const bool from_zero = options.from_zero || (range.low > 0 && range.low < 0.4 * range.high);
  const double margin = 0.06 * (range.high - range.low);
  const double low = from_zero ? std::min(0.0, range.low) : range.low - margin;
  return Axis::linear(low, range.high + margin, 4);
}

double x_of(const Axis& axis, double value) {
  return kLeft + axis.place(value) * (kWidth - kLeft - kRight);
}

double y_of(const Axis& axis, double value) {
  return kHeight - kBottom - axis.place(value) * (kHeight - kBottom - kTop);
}

/// One polyline for every stretch without a gap; a lone point is a dot.
std::string curve(const ChartSeries& series, const Axis& x, const Axis& y) {
  std::string svg;
  std::string stretch;
  std::size_t length = 0;
  std::string dots;
  const bool markers = series.markers && series.points.size() <= kMaxMarkers;
  const auto dot = [&](const ChartPoint& point, const char* radius) {
    dots += "<circle class=\"" + series.style + "\" cx=\"" + coordinate(x_of(x, point.x)) +
            "\" cy=\"" + coordinate(y_of(y, point.y)) + "\" r=\"" + radius + "\"/>";
  };
  ChartPoint last;
  const auto finish = [&] {
    if (length > 1) {
      svg += "<polyline class=\"" + series.style + "\" points=\"" + stretch + "\"/>";
    } else if (length == 1 && !markers) {
      dot(last, "2");
    }
    stretch.clear();
    length = 0;
  };
  for (const auto& point : thinned(series.points, kMaxPoints)) {
    if (!std::isfinite(point.y)) {
      finish();
      continue;
    }
    if (length > 0) stretch += ' ';
    stretch += coordinate(x_of(x, point.x)) + "," + coordinate(y_of(y, point.y));
    ++length;
    last = point;
    if (markers) dot(point, "2.5");
  }
  finish();
  return svg + dots;
}

std::string text(const char* style, double x, double y, const std::string& words) {
  return std::string("<text class=\"") + style + "\" x=\"" + coordinate(x) + "\" y=\"" +
         coordinate(y) + "\">" + escape_html(words) + "</text>";
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + style + "\" x1=\"" + coordinate(x1) + "\" y1=\"" +
         coordinate(y1) + "\" x2=\"" + coordinate(x2) + "\" y2=\"" + coordinate(y2) + "\"/>";
}

/// From the right edge to the left, beside the title.
std::string legend(const std::vector<ChartSeries>& series) {
  constexpr double kLetter = 6.2;
  std::string svg;
  double x = kWidth - kRight;
  for (auto entry = series.rbegin(); entry != series.rend(); ++entry) {
    if (entry->name.empty()) continue;
    x -= kLetter * static_cast<double>(entry->name.size());
    svg += text("legend", x, 15, entry->name);
    svg += line(entry->style.c_str(), x - 20, 11, x - 5, 11);
    if (entry->markers) {
      svg += "<circle class=\"" + entry->style + "\" cx=\"" + coordinate(x - 12.5) +
             "\" cy=\"11\" r=\"2.5\"/>";
    }
    x -= 34;
  }
  return svg;
}

}  // namespace

std::string svg_chart(const ChartOptions& options) {
  Range steps;
  Range values;
  for (const auto& series : options.series) {
    for (const auto& point : series.points) {
      if (!std::isfinite(point.y)) continue;
      steps.add(point.x);
      values.add(point.y);
    }
  }
  std::string svg = "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 " + coordinate(kWidth) + " " +
                    coordinate(kHeight) + "\" aria-label=\"" +
                    escape_html(options.title + ": " + options.description) + "\">";
  if (values.empty()) {
    return svg + text("title", kLeft, 15, options.title) +
           text("none", kWidth / 2, kHeight / 2, "no values yet") + "</svg>";
  }
  const Axis x = Axis::linear(std::min(0.0, steps.low), std::max(steps.high, 1.0), 5);
  const Axis y = value_axis(options, values);
  svg += text("title", kLeft, 15, options.title + (y.is_logarithmic() ? " (log)" : ""));
  for (const double tick : y.ticks()) {
    const double at = y_of(y, tick);
    svg += line("grid", kLeft, at, kWidth - kRight, at);
    svg += text("tick value", kLeft - 6, at + 3.5, short_number(tick));
  }
  for (const double tick : x.ticks()) {
    const double at = x_of(x, tick);
    svg += line("axis", at, kHeight - kBottom, at, kHeight - kBottom + 4);
    svg += text("tick step", at, kHeight - kBottom + 16, short_number(tick));
  }
  svg += line("axis", kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom);
  for (const auto& series : options.series) svg += curve(series, x, y);
  return svg + legend(options.series) + "</svg>";
}

std::string svg_sparkline(const std::vector<ChartPoint>& shares,
                          double band_low,
                          double band_high,
                          const std::string& description) {
  constexpr double kSparkWidth = 600;
  constexpr double kSparkHeight = 36;
  constexpr double kEdge = 3;  // keeps the line's width and the dot inside
  Range steps;
  for (const auto& point : shares) steps.add(point.x);
  const double span = std::max(steps.high - steps.low, 1.0);
  const auto y_at = [&](double share) { return kEdge + (1 - share) * (kSparkHeight - 2 * kEdge); };
  const auto x_at = [&](double step) {
    return kEdge + (step - steps.low) / span * (kSparkWidth - 2 * kEdge);
  };
  std::string svg = "<svg class=\"spark\" role=\"img\" viewBox=\"0 0 600 36\" aria-label=\"" +
                    escape_html(description) +
                    "\"><rect class=\"frame\" width=\"600\" "
                    "height=\"36\"/><rect class=\"band\" width=\"600\" y=\"" +
                    coordinate(y_at(band_high)) + "\" height=\"" +
                    coordinate(y_at(band_low) - y_at(band_high)) +
                    "\"/><polyline class=\"smooth\" points=\"";
  std::string end;
  for (const auto& point : thinned(shares, 200)) {
    if (!std::isfinite(point.y)) continue;
    const std::string x = coordinate(x_at(point.x));
    const std::string y = coordinate(y_at(point.y));
    svg += x + "," + y + " ";
    end = "<circle class=\"smooth\" cx=\"" + x + "\" cy=\"" + y + "\" r=\"2.5\"/>";
  }
  return svg + "\"/>" + end + "</svg>";
}

std::vector<ChartPoint> thinned(const std::vector<ChartPoint>& points, std::size_t limit) {
  if (points.size() <= limit) return points;
  const std::size_t buckets = (limit - 2) / 2;
  std::vector<ChartPoint> kept = {points.front()};
  const std::size_t inner = points.size() - 2;
  for (std::size_t b = 0; b < buckets; ++b) {
    const auto begin = points.begin() + 1 + static_cast<std::ptrdiff_t>(b * inner / buckets);
    const auto end = points.begin() + 1 + static_cast<std::ptrdiff_t>((b + 1) * inner / buckets);
    // A gap is kept too: it sorts below all numbers.
    auto [low, high] =
        std::minmax_element(begin, end, [](const ChartPoint& a, const ChartPoint& b2) {
          if (std::isnan(a.y) || std::isnan(b2.y)) return std::isnan(a.y) && !std::isnan(b2.y);
          return a.y < b2.y;
        });
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (high != low) kept.push_back(*high);
  }
  kept.push_back(points.back());
  return kept;
}

std::vector<ChartPoint> smoothed(const std::vector<ChartPoint>& points, std::size_t radius) {
  std::vector<double> sums = {0};
  std::vector<std::size_t> counts = {0};
  for (const auto& point : points) {
    const bool counts_in = std::isfinite(point.y);
    sums.push_back(sums.back() + (counts_in ? point.y : 0));
    counts.push_back(counts.back() + (counts_in ? 1 : 0));
  }
  std::vector<ChartPoint> means;
  means.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    // A run begins with a steep fall, which a one-sided mean would shift, and ends flat.
    const std::size_t back = std::min(radius, i);
    const std::size_t begin = i - back;
    const std::size_t end = std::min(i + back + 1, points.size());
    const std::size_t count = counts[end] - counts[begin];
    means.push_back({.x = points[i].x,
                     .y = count == 0 ? std::numeric_limits<double>::quiet_NaN()
                                     : (sums[end] - sums[begin]) / static_cast<double>(count)});
  }
  return means;
}

std::vector<std::size_t> evenly_spread(std::size_t count, std::size_t limit) {
  const std::size_t wanted = std::min(count, limit);
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < wanted; ++i) {
    numbers.push_back(wanted == 1 ? 0 : (i * (count - 1) + (wanted - 1) / 2) / (wanted - 1));
  }
  return numbers;
}

std::string short_number(double value) {
  const double size = std::abs(value);
  if (size >= 999.5 && size < 1e4) return formatted("%.0f", value);
  if (size >= 1e4 && size < 999.5e3) return formatted("%.3gk", value / 1000);
  return formatted("%.3g", value);
}

}  // namespace impasto
