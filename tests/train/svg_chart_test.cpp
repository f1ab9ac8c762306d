#include "impasto/train/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

#include "impasto/train/html_text.h"
#include "support/catch.h"

using namespace impasto;

namespace {

const double kGap = std::numeric_limits<double>::quiet_NaN();

std::vector<ChartPoint> points(const std::vector<double>& values) {
  std::vector<ChartPoint> list;
  for (std::size_t i = 0; i < values.size(); ++i) {
    list.push_back({.x = static_cast<double>(i), .y = values[i]});
  }
  return list;
}

std::vector<double> values_of(const std::vector<ChartPoint>& list) {
  std::vector<double> values;
  for (const auto& point : list) values.push_back(point.y);
  return values;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("Text is escaped for HTML and attributes") {
  CHECK(escape_html("a<b> & \"c\" 'd'") == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  CHECK(escape_html("K\xC3\xBCste \xE6\xB5\xAA \xF0\x9F\x8C\x8A") ==
        "K\xC3\xBCste \xE6\xB5\xAA \xF0\x9F\x8C\x8A");
  // A lone continuation byte, an overlong slash, a surrogate, a sequence cut short, a control.
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(escape_html("a\x80z") == "a" + bad + "z");
  CHECK(escape_html("\xC0\xAF") == bad + bad);
  CHECK(escape_html("\xED\xA0\x80") == bad + bad + bad);
  CHECK(escape_html("\xE6\xB5") == bad + bad);
  CHECK(escape_html("\x01\n") == bad + "\n");
}

TEST_CASE("Base64 gives the test vectors of RFC 4648") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xFB\xFF\xBF") == "+/+/");
}

TEST_CASE("Thinning keeps the ends and the peaks") {
  std::vector<double> values(10000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  values[4321] = 99;
  values[7777] = -99;
  values[2222] = kGap;
  const auto list = points(values);
  const auto kept = thinned(list, 500);
  CHECK(kept.size() <= 500);
  CHECK(kept.size() > 400);
  CHECK(kept.front().x == 0);
  CHECK(kept.back().x == 9999);
  CHECK(std::ranges::is_sorted(kept, {}, &ChartPoint::x));
  const auto holds = [&](double value) { return std::ranges::count(values_of(kept), value) == 1; };
  CHECK(holds(99));
  CHECK(holds(-99));
  CHECK(std::ranges::count_if(kept, [](const auto& point) { return std::isnan(point.y); }) == 1);
  CHECK(thinned(points({3, 1, 2}), 3).size() == 3);
}

TEST_CASE("Smoothing is a mean over neighbours that neither lags nor counts gaps") {
  CHECK(values_of(smoothed(points({6, 0, 3, 9, 0}), 1)) == std::vector<double>{6, 3, 4, 4, 4.5});
  CHECK(values_of(smoothed(points({6, 0, 3}), 0)) == std::vector<double>{6, 0, 3});
  const auto with_gap = values_of(smoothed(points({1, 2, kGap, 4, 5}), 1));
  CHECK(with_gap[2] == 3);
  CHECK(std::isnan(smoothed(points({kGap, 1}), 0)[0].y));
  // A straight line stays what it is, but for its end.
  const auto line = smoothed(points({0, 1, 2, 3, 4, 5, 6}), 2);
  for (std::size_t i = 0; i + 2 < line.size(); ++i) CHECK(line[i].y == line[i].x);
}

TEST_CASE("A choice among many has the first, the last and evenly spread ones between") {
  CHECK(evenly_spread(9, 3) == std::vector<std::size_t>{0, 4, 8});
  CHECK(evenly_spread(100, 4) == std::vector<std::size_t>{0, 33, 66, 99});
  CHECK(evenly_spread(2, 7) == std::vector<std::size_t>{0, 1});
  CHECK(evenly_spread(1, 7) == std::vector<std::size_t>{0});
  CHECK(evenly_spread(0, 7).empty());
}

TEST_CASE("Numbers on axes are short") {
  CHECK(short_number(0) == "0");
  CHECK(short_number(0.05126) == "0.0513");
  CHECK(short_number(0.000012) == "1.2e-05");
  CHECK(short_number(1000) == "1000");
  CHECK(short_number(1249.6) == "1250");
  CHECK(short_number(20000) == "20k");
  CHECK(short_number(12500) == "12.5k");
  CHECK(short_number(3e6) == "3e+06");
}

TEST_CASE("A logarithmic chart puts equal ratios at equal distances") {
  const auto svg = svg_chart(
      {.title = "t", .series = {{.style = "smooth", .points = points({100, 10, 1})}}, .log = true});
  CHECK(count_of(svg, "(log)") == 1);
  std::smatch found;
  const std::regex line(
      "class=\"smooth\" points=\"[\\d.]+,([\\d.]+) [\\d.]+,([\\d.]+) "
      "[\\d.]+,([\\d.]+)\"");
  REQUIRE(std::regex_search(svg, found, line));
  const double first = std::stod(found[1]);
  const double second = std::stod(found[2]);
  const double third = std::stod(found[3]);
  CHECK(first < second);  // y goes down on a page
  CHECK(second - first == Approx(third - second).margin(0.11));
}

TEST_CASE("A chart of values that are close or not positive is linear") {
  const auto chart = [](const std::vector<double>& values) {
    return svg_chart(
        {.title = "t", .series = {{.style = "smooth", .points = points(values)}}, .log = true});
  };
  CHECK(count_of(chart({3, 1, 2}), "(log)") == 0);
  CHECK(count_of(chart({300, 0, 2}), "(log)") == 0);
  CHECK(count_of(chart({-300, 1, 2}), "(log)") == 0);
}

TEST_CASE("A gap splits a curve, and nothing that is not a number is drawn") {
  const auto infinite = std::numeric_limits<double>::infinity();
  const auto svg = svg_chart(
      {.title = "a < b",
       .series = {{.style = "smooth", .points = points({1, 2, kGap, 3, 4, infinite, 5})}}});
  CHECK(count_of(svg, "<polyline") == 2);
  CHECK(count_of(svg, "<circle") == 1);  // the 5, alone
  CHECK(count_of(svg, "nan") == 0);
  CHECK(count_of(svg, "inf") == 0);
  CHECK(count_of(svg, "a &lt; b") == 2);  // heard and seen
}

TEST_CASE("Charts of one value or none are drawn") {
  const auto one =
      svg_chart({.title = "t", .series = {{.style = "smooth", .points = points({0})}}});
  CHECK(count_of(one, "<circle") == 1);
  CHECK(count_of(one, "nan") == 0);
  const auto equal = svg_chart(
      {.title = "t", .series = {{.style = "smooth", .points = points({0.03 - 0.02, 0.01})}}});
  CHECK(count_of(equal, "<polyline") == 1);  // values that differ by rounding alone
  const auto none = svg_chart({.title = "t", .series = {{.style = "smooth"}}});
  CHECK(count_of(none, "no values yet") == 1);
  CHECK(count_of(none, "nan") == 0);
}
