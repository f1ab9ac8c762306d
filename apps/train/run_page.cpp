#include "run_page.h"

#include <cstddef>
#include <vector>

#include "impasto/base/file.h"
#include "impasto/image/image_io.h"
#include "impasto/train/run_history.h"
#include "impasto/train/run_report.h"
#include "sample_sheet.h"

namespace impasto::cli {
namespace {

EncodedPicture encoded(const Image& image) {
  return encode_image(".jpg", image, {.jpeg_quality = 85});
}

// The first, the last and evenly spread ones between: a page shows no more of them.
std::vector<SampleSheet> shown(const std::vector<SampleSheet>& sheets) {
  if (sheets.size() <= kMaxReportSamples) return sheets;
  std::vector<SampleSheet> some;
  for (std::size_t i = 0; i < kMaxReportSamples; ++i) {
    some.push_back(sheets[i * (sheets.size() - 1) / (kMaxReportSamples - 1)]);
  }
  return some;
}

}  // namespace

void write_run_page(const std::filesystem::path& folder, const RunPageHead& head) {
  RunReport page{.title = head.title,
                 .description = head.description,
                 .config = read_text_file(folder / "config.json"),
                 .history = read_run_history(folder / "metrics.jsonl")};
  for (const auto& sheet : shown(sample_sheets(folder / "samples"))) {
    const SampleReport report = read_sample_sheet(sheet);
    ReportSample sample{.step = report.step, .pictures = {}};
    for (const auto& result : report.results) sample.pictures.push_back(encoded(result));
    page.samples.push_back(std::move(sample));
    if (!page.photos.empty()) continue;
    for (const auto& photo : report.photos) page.photos.push_back(encoded(photo));
  }
  write_run_report(folder / "report.html", page);
}

}  // namespace impasto::cli
