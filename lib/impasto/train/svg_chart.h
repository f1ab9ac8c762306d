#pragma once

// Private: not installed.

#include <cstddef>
#include <string>
#include <vector>

namespace impasto {

struct ChartPoint {
  double x = 0;
  double y = 0;  ///< A value that is not finite leaves a gap.
};

/// One curve of a chart.
struct ChartSeries {
  std::string name = {};   ///< For the legend; empty: not in it.
  std::string style = {};  ///< CSS class of its line: "raw", "smooth", "held".
  std::vector<ChartPoint> points = {};
  bool markers = false;  ///< A dot at every point of a short curve.
};

struct ChartOptions {
  std::string title = {};
  std::string description = {};  ///< What a screen reader says of it.
  std::vector<ChartSeries> series = {};
  bool log = false;  ///< Logarithmic y, where all values are positive and span a factor of 20.
  bool from_zero = false;  ///< Linear y starts at 0.
};

/// An SVG element with axes, grid and legend; colours come from CSS classes of the page around it.
/// Curves are thinned with `thinned`.
std::string svg_chart(const ChartOptions& options);

/// A small curve of shares, 0 to 1, over the band that is healthy, without axes.
std::string svg_sparkline(const std::vector<ChartPoint>& shares,
                          double band_low,
                          double band_high,
                          const std::string& description);

/// At most `limit` points (2 or more) that look the same: of every run of neighbours the smallest
/// and the largest stay, and the first and last point of all.
std::vector<ChartPoint> thinned(const std::vector<ChartPoint>& points, std::size_t limit);

/// Mean of each point with `radius` neighbours on either side: as few behind as before it at the
/// start, and only those before it at the end. Points that are not finite are left out of it.
std::vector<ChartPoint> smoothed(const std::vector<ChartPoint>& points, std::size_t radius);

/// `limit` of the numbers from 0 to `count` - 1, or all of them: the first, the last and evenly
/// spread ones between. `limit` is 2 or more.
std::vector<std::size_t> evenly_spread(std::size_t count, std::size_t limit);

/// Three significant digits or all before the point: "0.0513", "1.2e-05", "1250", "20.5k".
std::string short_number(double value);

}  // namespace impasto
