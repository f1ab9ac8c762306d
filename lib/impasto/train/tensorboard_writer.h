#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace impasto {

/// How a TensorBoardWriter begins.
struct TensorBoardOptions {
  /// The step that the run goes on after; 0: a new run. TensorBoard then drops what earlier files
  /// in the folder say of later steps.
  std::int64_t resumed_after = 0;

  /// Seconds since 1970; empty: the system's clock.
  std::function<double()> clock = {};
};

/// Writes a TensorBoard event file: TFRecord frames (length, data, masked CRC-32C) around Event
/// messages of tensorflow/core/util/event.proto. `tensorboard --logdir FOLDER` shows it while it
/// grows.
class TensorBoardWriter {
 public:
  /// A new file `events.out.tfevents...` in `folder`, which is made if it is absent. Throws IoError
  /// when it cannot be written.
  explicit TensorBoardWriter(const std::filesystem::path& folder,
                             const TensorBoardOptions& options = {});

  /// A point of the curve `tag`, such as "loss/content": what stands before a slash groups them.
  /// Handed to the system at once, as pictures are. Throws IoError when it cannot be written.
  void write_scalar(std::string_view tag, std::int64_t step, double value);

  /// A PNG file's bytes. Throws FormatError for anything else.
  void write_image(std::string_view tag, std::int64_t step, std::span<const std::byte> png);

  /// The file.
  const std::filesystem::path& path() const { return path_; }

 private:
  void write_event(std::int64_t step, std::string_view content);

  std::function<double()> clock_;
  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace impasto
