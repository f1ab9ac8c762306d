#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "impasto/base/image.h"
#include "impasto/train/trainer.h"

namespace impasto::cli {

/// A picture file of samples: a row a photo, with the network's result to its right.
struct SampleSheet {
  std::int64_t step = 0;
  std::filesystem::path path;
};

/// Returns the file's path. Throws IoError.
std::filesystem::path write_sample_sheet(const std::filesystem::path& folder,
                                         const SampleReport& report);

/// In order of their steps; none when there is no folder.
std::vector<SampleSheet> sample_sheets(const std::filesystem::path& folder);

/// The photos and results of a sheet, as squares. Throws IoError or FormatError.
SampleReport read_sample_sheet(const SampleSheet& sheet);

}  // namespace impasto::cli
