#include "sample_sheet.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <span>
#include <string>
#include <system_error>

#include "impasto/image/image_io.h"

namespace impasto::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kGap = 8;
constexpr const char* kPrefix = "step_";

// "step_000500.png", so that names sort as steps do.
std::string file_name(std::int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "%s%06lld.png", kPrefix, static_cast<long long>(step));
  return name;
}

// The step in a sheet's name; negative for another file's.
std::int64_t step_of(const fs::path& path) {
  const std::string stem = path.stem().string();
  if (!stem.starts_with(kPrefix) || path.extension() != ".png") return -1;
  const char* first = stem.data() + std::char_traits<char>::length(kPrefix);
  const char* last = stem.data() + stem.size();
  std::int64_t step = -1;
  const auto [end, error] = std::from_chars(first, last, step);
  return error == std::errc() && end == last ? step : -1;
}

// Pictures of one width under each other, on white with a gap between them.
Image stacked(const std::vector<Image>& rows) {
  int height = -kGap;
  for (const auto& row : rows) height += row.height() + kGap;
  Image sheet(rows.front().width(), height);
  std::ranges::fill(sheet.pixels(), 255);
  int y = 0;
  for (const auto& row : rows) {
    std::ranges::copy(row.pixels(), sheet.row(y));
    y += row.height() + kGap;
  }
  return sheet;
}

// The square of `side` whose upper left corner is (left, top).
Image cut(const Image& sheet, int left, int top, int side) {
  Image square(side, side, sheet.channels());
  const auto start = static_cast<std::size_t>(left) * static_cast<std::size_t>(sheet.channels());
  for (int y = 0; y < side; ++y) {
    const std::span<const std::uint8_t> row(sheet.row(top + y) + start, square.stride());
    std::ranges::copy(row, square.row(y));
  }
  return square;
}

}  // namespace

fs::path write_sample_sheet(const fs::path& folder, const SampleReport& report) {
  std::vector<Image> rows;
  for (std::size_t i = 0; i < report.photos.size(); ++i) {
    rows.push_back(side_by_side(std::vector{report.photos[i], report.results[i]}, kGap));
  }
  fs::path path = folder / file_name(report.step);
  write_image(path, stacked(rows));
  return path;
}

std::vector<SampleSheet> sample_sheets(const fs::path& folder) {
  std::vector<SampleSheet> sheets;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    const std::int64_t step = step_of(entry.path());
    if (step >= 0) sheets.push_back({step, entry.path()});
  }
  std::ranges::sort(sheets, {}, &SampleSheet::step);
  return sheets;
}

SampleReport read_sample_sheet(const SampleSheet& sheet) {
  const Image image = read_image(sheet.path);
  const int side = (image.width() - kGap) / 2;
  SampleReport report;
  report.step = sheet.step;
  for (int top = 0; top + side <= image.height(); top += side + kGap) {
    report.photos.push_back(cut(image, 0, top, side));
    report.results.push_back(cut(image, side + kGap, top, side));
  }
  return report;
}

}  // namespace impasto::cli
