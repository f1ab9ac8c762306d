#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "impasto/base/generator_config.h"

namespace impasto {

/// Where the weights start.
struct InitConfig {
  std::filesystem::path from = {};  ///< A style model; empty: random weights from data.seed.
  /// The style images become further styles of that model; all else in it stays as it is.
  bool add_styles = false;

  /// Whether all fields are equal.
  bool operator==(const InitConfig&) const = default;
};

/// The painting or paintings to learn.
struct StyleConfig {
  std::vector<std::filesystem::path> images = {};  ///< One picture a style. Required.
  std::vector<std::string> names = {};  ///< One a style; empty: the file names without extension.
  int image_size = 384;                 ///< Short side in pixels that a painting is scaled to.

  /// `names`, or the file names that stand for them.
  std::vector<std::string> effective_names() const;

  /// Whether all fields are equal.
  bool operator==(const StyleConfig&) const = default;
};

/// The photos to train on.
struct DataConfig {
  std::filesystem::path path = {};         ///< Folder tree of pictures. Required.
  std::filesystem::path annotations = {};  ///< COCO file; empty: every picture in `path`.
  int image_size = 128;                    ///< Side of a training crop in pixels.
  double min_scale = 0.3;      ///< Smallest crop, as a share of the short side; the largest is 1.
  int batch_size = 2;          ///< Pictures a batch, over all processes together.
  int workers = 2;             ///< Decoding threads of a process.
  int prefetch = 4;            ///< Batches decoded ahead by a process.
  int cache = 0;               ///< MiB of decoded pictures that a process keeps in memory.
  bool flip = true;            ///< Mirror left to right with probability 1/2.
  double max_bad_share = 0.1;  ///< Training stops when more of the pictures cannot be used.
  int hold_out = 0;            ///< Every n-th picture is kept for evaluation; 0: none.
  std::int64_t seed = 42;      ///< Of initial weights, order, crops and flips.

  /// Whether all fields are equal.
  bool operator==(const DataConfig&) const = default;
};

/// What stands between the stages of the loss network: the largest or the mean of 2x2 values.
enum class Pooling { kMax, kAverage };

/// What the convolutions of the loss network see beyond a picture's edge: its mirror image, or
/// zeros as they were trained with.
enum class Padding { kReflect, kZero };

/// Total variation of absolute or of squared differences.
enum class TvKind { kAbsolute, kSquared };

/// Whether the style weight is the config's or is chosen by balance_style.
enum class StyleStrength { kFixed, kAuto };

/// Perceptual loss: see impasto/loss/perceptual_loss.h for the equations.
struct LossConfig {
  /// VGG16 or VGG19 weights; see LossNetworkImpl.
  std::filesystem::path network = "data/vgg16.safetensors";
  Pooling pooling = Pooling::kMax;                             ///< Of the loss network.
  Padding padding = Padding::kReflect;                         ///< Of its convolutions.
  std::map<std::string, double> content = {{"relu2_2", 1.0}};  ///< Tap to weight.
  std::map<std::string, double> style = {
      {"relu1_2", 1.0}, {"relu2_2", 1.0}, {"relu3_3", 1.0}, {"relu4_3", 1.0}};  ///< Tap to weight.
  double content_weight = 1.0;  ///< Of the whole content term.
  /// Of the whole style term. Fits normalised features, whose Gram matrices, divided by C H W,
  /// differ in the third or fourth decimal. Johnson et al.'s 5.0 and 1e-6 are for
  /// `normalise_features` off and the original VGG16.
  double style_weight = 1e5;
  /// Whether style_weight stands as it is or is chosen when training starts.
  StyleStrength style_strength = StyleStrength::kFixed;
  double style_multiple = 2.0;         ///< Of the content's pull, that of the style; with kAuto.
  double tv_weight = 1e-3;             ///< Of the total variation: more makes smoother pictures.
  TvKind tv_kind = TvKind::kAbsolute;  ///< Of which differences.
  bool normalise_features = true;      ///< Divide each tap by its measured root mean square.

  /// Whether all fields are equal.
  bool operator==(const LossConfig&) const = default;
};

/// `muon`: Muon for the weights of all convolutions but the first and the last (Jordan et al. 2024,
/// "Muon: An optimizer for hidden layers in neural networks"), Adam for the rest; `adam`: Adam for
/// everything; `sgd`: plain gradient descent, the weights minus the rate times the gradient, which
/// learns slowly and is there to compare with.
enum class OptimizerKind { kMuon, kAdam, kSgd };

/// How the learning rate follows the pictures a step. `linear`: in proportion (Goyal et al. 2017,
/// "Accurate, Large Minibatch SGD"); `square_root`: with their square root.
enum class RateScaling { kNone, kLinear, kSquareRoot };

/// How the weights move.
struct OptimizerConfig {
  OptimizerKind kind = OptimizerKind::kMuon;      ///< What moves the inner convolutions.
  double learning_rate = 1e-3;                    ///< At the peak of the schedule.
  RateScaling rate_scaling = RateScaling::kNone;  ///< With the pictures a step.
  int rate_pictures = 2;      ///< Pictures a step that learning_rate is meant for, where it scales.
  double matrix_factor = 20;  ///< Muon's learning rate, as a multiple of Adam's.
  double beta1 = 0.9;         ///< Adam's decay of the mean gradient.
  double beta2 = 0.999;       ///< Adam's decay of the mean squared gradient.
  double clip_norm = 0;       ///< Largest global L2 norm of the gradient; 0: no clipping.
  int accumulate = 1;         ///< Batches whose gradients are averaged into one step.
  double ema = 0;        ///< Decay of the averaged weights that are saved; 0: the last ones are.
  int max_skipped = 10;  ///< Steps in a row that may be skipped for a loss that is not finite.

  /// Whether all fields are equal.
  bool operator==(const OptimizerConfig&) const = default;
};

/// How the learning rate changes after the warm-up: not at all, by a factor at intervals, or along
/// half a cosine. See schedule_factor.
enum class ScheduleKind { kConstant, kStep, kCosine };

/// Learning rate over the run, and the run's length.
struct ScheduleConfig {
  ScheduleKind kind = ScheduleKind::kCosine;  ///< How the rate changes.
  std::int64_t warmup_steps = 0;              ///< Linear rise from 0.
  std::int64_t step_every = 2000;             ///< `step`: steps between two drops.
  double step_factor = 0.5;                   ///< `step`: multiplies the rate at each drop.
  double final_factor = 0.0;  ///< `cosine`: the rate at the end, as a share of the peak.
  std::int64_t steps = 0;     ///< Optimizer steps to run; 0: `epochs` decides.
  double epochs = 2;          ///< Passes over the photos, when `steps` is 0.

  /// Whether all fields are equal.
  bool operator==(const ScheduleConfig&) const = default;
};

/// Number format of convolutions. `auto` is the fastest that is safe on the device.
enum class Precision { kAuto, kFloat32, kBFloat16, kFloat16 };

/// Where and how the run computes, and what it writes when.
struct RunConfig {
  std::string device = "auto";             ///< `auto`, `cpu`, `cuda` or `cuda:N`.
  Precision precision = Precision::kAuto;  ///< See resolve_precision.
  int threads = 0;                         ///< Compute threads of a process; 0: one a core.
  std::int64_t log_every = 10;             ///< Steps between lines in metrics.jsonl.
  std::int64_t sample_every = 500;         ///< Steps between sample pictures; 0: none.
  std::int64_t checkpoint_every = 500;     ///< Steps between checkpoints; 0: only at the end.
  int keep = 3;                            ///< Newest checkpoints that are kept.
  std::int64_t evaluate_every = 500;       ///< Steps between evaluations on held-out pictures.
  bool tensorboard = false;                ///< Write event files for TensorBoard too.

  /// Whether all fields are equal.
  bool operator==(const RunConfig&) const = default;
};

/// What carries gradients from process to process: Gloo over TCP, or NCCL between GPUs. `auto` is
/// NCCL on CUDA where it can be loaded, else Gloo.
enum class DistributedBackend { kAuto, kGloo, kNccl };

/// Training over several processes: see impasto/train/process_group.h.
struct DistributedConfig {
  DistributedBackend backend = DistributedBackend::kAuto;  ///< What carries gradients.
  double timeout = 300;    ///< Seconds after which a process that does not answer is lost.
  double bucket_size = 1;  ///< MiB of gradients that travel together while others are computed.

  /// Whether all fields are equal.
  bool operator==(const DistributedConfig&) const = default;
};

/// Where the run's results go.
struct OutputConfig {
  std::filesystem::path dir = {};  ///< Receives everything that the run writes. Required.

  /// Whether all fields are equal.
  bool operator==(const OutputConfig&) const = default;
};

/// All settings of a training run; docs/configs.md lists them with their ranges.
struct TrainConfig {
  StyleConfig style;  ///< The painting or paintings to learn.
  DataConfig data;    ///< The photos to train on.
  /// The shape of the network that is trained. Its margin is twice as wide as the widest frame that
  /// was seen.
  GeneratorConfig generator = {.margin = 8};
  InitConfig init;                ///< Where the weights start.
  LossConfig loss;                ///< What training makes small.
  OptimizerConfig optimizer;      ///< How the weights move.
  ScheduleConfig schedule;        ///< Learning rate over the run, and the run's length.
  RunConfig run;                  ///< Where and how the run computes.
  DistributedConfig distributed;  ///< How its processes talk, where there are several.
  OutputConfig output;            ///< Where its results go.

  /// Throws ConfigError that names the field, for values out of range and combinations that make no
  /// sense.
  void validate() const;

  /// Whether all fields are equal.
  bool operator==(const TrainConfig&) const = default;
};

/// Reads a JSON config and applies `overrides` (`key.path=value`) in order. Relative paths in the
/// file start from the file's folder, those in overrides and defaults from the working directory;
/// in the result they are absolute. `generator.styles`, where nothing gives it, becomes the number
/// of style images. With `initial`, the shape of the model that training starts from, what is not
/// given of `generator` is that, and what is given must agree with it, the margin excepted. The
/// result is valid. Throws IoError when the file cannot be read, and ConfigError with the JSON
/// path, what was expected and the nearest known name.
TrainConfig load_train_config(const std::filesystem::path& file,
                              const std::vector<std::string>& overrides = {},
                              const GeneratorConfig* initial = nullptr);

/// The reverse of `to_json`. Throws ConfigError that starts with `where`.
TrainConfig train_config_from_json(const std::string& text, const std::string& where);

/// A field in which two configs differ.
struct ConfigChange {
  std::string field;   ///< "optimizer.learning_rate"
  std::string before;  ///< The old value as JSON.
  std::string after;   ///< The new value as JSON.
  /// Whether a run may go on with the new value from a checkpoint written with the old one: it
  /// decides where and how the run computes, reads and writes, and not what it learns.
  bool resumable;
};

/// The fields in which two configs differ, in the order of docs/configs.md. Relative paths start
/// from the working directory.
std::vector<ConfigChange> config_changes(const TrainConfig& before, const TrainConfig& after);

/// Every field with its value, indented: a file that load_train_config reads back as the same
/// config.
std::string to_json(const TrainConfig& config);

/// JSON Schema (draft 2020-12) of the file, for editors.
std::string train_config_schema();

/// A paragraph a field for `--help`: key, kind, what it is, range, default.
std::string train_config_help();

}  // namespace impasto
