#pragma once

// Private: not installed. The members of TiffCodec, by libtiff.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "impasto/image/tiff_module.h"

namespace impasto::tiff {

DecodedImage decode(std::span<const std::byte> bytes, const std::string& name);
StoredRows open(const std::filesystem::path& path);

}  // namespace impasto::tiff
