#include "impasto/base/train_config.h"

#include <algorithm>
#include <set>

#include "impasto/base/config_fields.h"
#include "impasto/base/error.h"
#include "impasto/base/field_docs.h"

namespace impasto {

namespace {

Fields fields_of(StyleConfig& config) {
  return {
      {.name = "images",
       .target = &config.images,
       .text = "The paintings to learn, one a style.",
       .required = true,
       .resumable = true},
      {.name = "names",
       .target = &config.names,
       .text = "A name for each style; empty: the file names without extension."},
      {.name = "image_size",
       .target = &config.image_size,
       .text =
           "Short side in pixels that a painting is scaled to; it decides how large its strokes "
           "come out.",
       .bounds = {.min = 32, .max = 8192}},
  };
}

Fields fields_of(DataConfig& config) {
  return {
      {.name = "path",
       .target = &config.path,
       .text = "Folder with the photos to train on, searched with all its subfolders.",
       .required = true,
       .resumable = true},
      {.name = "annotations",
       .target = &config.annotations,
       .text = "COCO annotation file that names the pictures to take from data.path; empty: every "
               "picture.",
       .resumable = true},
      {.name = "image_size",
       .target = &config.image_size,
       .text = "Side of a training crop in pixels.",
       .bounds = {.min = 32, .max = 4096}},
      {.name = "min_scale",
       .target = &config.min_scale,
       .text = "The smallest crop, as a share of the photo's short side; the largest is all of it.",
       .bounds = {.min = 0, .above_min = true, .max = 1}},
      {.name = "batch_size",
       .target = &config.batch_size,
       .text = "Pictures a batch, shared out among all processes.",
       .bounds = {.min = 1, .max = 4096}},
      {.name = "workers",
       .target = &config.workers,
       .text = "Threads that decode pictures, in each process.",
       .bounds = {.min = 1, .max = 256},
       .resumable = true},
      {.name = "prefetch",
       .target = &config.prefetch,
       .text = "Batches decoded ahead.",
       .bounds = {.min = 1, .max = 1024},
       .resumable = true},
      {.name = "flip", .target = &config.flip, .text = "Mirror half of the crops left to right."},
      {.name = "max_bad_share",
       .target = &config.max_bad_share,
       .text = "Training stops when more than this share of the pictures cannot be used.",
       .bounds = {.min = 0, .max = 1},
       .resumable = true},
      {.name = "hold_out",
       .target = &config.hold_out,
       .text = "Every n-th picture, from the first, is kept from training and used for evaluation "
               "instead; 0: none.",
       .bounds = {.min = 0}},
      {.name = "seed",
       .target = &config.seed,
       .text = "Seed of initial weights, order, crops and flips.",
       .bounds = {.min = 0, .max = 0x1p53 - 1}},
  };
}

Fields fields_of(OptimizerConfig& config) {
  constexpr Bounds kDecay = {.min = 0, .max = 1, .below_max = true};
  return {
      {.name = "kind",
       .target = choice(config.kind, {"muon", "adam", "sgd"}),
       .text = "muon: Muon for the convolutions between the first and the last, which learn "
               "faster by it, and Adam for the rest; adam: Adam for everything; sgd: the plain "
               "gradient, to compare with."},
      {.name = "learning_rate",
       .target = &config.learning_rate,
       .text = "Learning rate at the peak of the schedule.",
       .bounds = {.min = 0, .above_min = true}},
      {.name = "rate_scaling",
       .target = choice(config.rate_scaling, {"none", "linear", "square_root"}),
       .text = "How learning_rate follows the pictures a step (data.batch_size times "
               "optimizer.accumulate): not at all, in proportion, or with their square root."},
      {.name = "rate_pictures",
       .target = &config.rate_pictures,
       .text = "With rate_scaling: the pictures a step that learning_rate is meant for.",
       .bounds = {.min = 1}},
      {.name = "matrix_factor",
       .target = &config.matrix_factor,
       .text = "With kind muon: Muon's learning rate, as a multiple of learning_rate.",
       .bounds = {.min = 0, .above_min = true}},
      {.name = "beta1",
       .target = &config.beta1,
       .text = "Adam's decay of the mean gradient.",
       .bounds = kDecay},
      {.name = "beta2",
       .target = &config.beta2,
       .text = "Adam's decay of the mean squared gradient.",
       .bounds = kDecay},
      {.name = "clip_norm",
       .target = &config.clip_norm,
       .text = "Largest L2 norm of the whole gradient; 0: no clipping.",
       .bounds = {.min = 0}},
      {.name = "accumulate",
       .target = &config.accumulate,
       .text = "Batches whose gradients are averaged into one step.",
       .bounds = {.min = 1, .max = 4096}},
      {.name = "ema",
       .target = &config.ema,
       .text =
           "Decay of an exponential moving average of the weights, which is then what is saved, "
           "shown and evaluated; 0: the weights of the last step are.",
       .bounds = kDecay},
      {.name = "max_skipped",
       .target = &config.max_skipped,
       .text = "A step whose loss or gradient is not finite is skipped; training stops after more "
               "than this many in a row.",
       .bounds = {.min = 0},
       .resumable = true},
  };
}

Fields fields_of(ScheduleConfig& config) {
  return {
      {.name = "kind",
       .target = choice(config.kind, {"constant", "step", "cosine"}),
       .text = "How the learning rate changes after the warm-up."},
      {.name = "warmup_steps",
       .target = &config.warmup_steps,
       .text = "Steps of a linear rise from 0 to the peak.",
       .bounds = {.min = 0}},
      {.name = "step_every",
       .target = &config.step_every,
       .text = "With kind step: steps from one drop to the next.",
       .bounds = {.min = 1}},
      {.name = "step_factor",
       .target = &config.step_factor,
       .text = "With kind step: multiplies the learning rate at each drop.",
       .bounds = {.min = 0, .above_min = true, .max = 1}},
      {.name = "final_factor",
       .target = &config.final_factor,
       .text = "With kind cosine: the learning rate at the end, as a share of the peak.",
       .bounds = {.min = 0, .max = 1}},
      {.name = "steps",
       .target = &config.steps,
       .text = "Steps to train; 0: schedule.epochs decides.",
       .bounds = {.min = 0},
       .resumable = config.kind != ScheduleKind::kCosine},
      {.name = "epochs",
       .target = &config.epochs,
       .text = "Passes over the photos, where schedule.steps is 0.",
       .bounds = {.min = 0},
       .resumable = config.kind != ScheduleKind::kCosine},
  };
}

Field resumable(Field field) {
  field.resumable = true;
  return field;
}

Fields fields_of(RunConfig& config) {
  return {
      resumable(device_field(config.device)),
      precision_field(config.precision),
      resumable(threads_field(config.threads)),
      {.name = "log_every",
       .target = &config.log_every,
       .text = "Steps from one line of metrics.jsonl to the next.",
       .bounds = {.min = 1},
       .resumable = true},
      {.name = "sample_every",
       .target = &config.sample_every,
       .text = "Steps from one set of sample pictures to the next; 0: none.",
       .bounds = {.min = 0},
       .resumable = true},
      {.name = "checkpoint_every",
       .target = &config.checkpoint_every,
       .text = "Steps from one checkpoint to the next; 0: only at the end or when stopped.",
       .bounds = {.min = 0},
       .resumable = true},
      {.name = "keep",
       .target = &config.keep,
       .text = "Checkpoints that are kept, the newest ones.",
       .bounds = {.min = 1},
       .resumable = true},
      {.name = "evaluate_every",
       .target = &config.evaluate_every,
       .text = "Steps from one evaluation on the pictures of data.hold_out to the next; 0: only at "
               "the end.",
       .bounds = {.min = 0},
       .resumable = true},
      {.name = "tensorboard",
       .target = &config.tensorboard,
       .text = "Write event files for TensorBoard too, into the folder tensorboard.",
       .resumable = true},
  };
}

Fields fields_of(DistributedConfig& config) {
  return {
      {.name = "backend",
       .target = choice(config.backend, {"auto", "gloo", "nccl"}),
       .text =
           "What carries gradients between processes: gloo over TCP, nccl between GPUs; auto is "
           "nccl on CUDA where it can be loaded, else gloo.",
       .resumable = true},
      {.name = "timeout",
       .target = &config.timeout,
       .text = "Seconds after which a process that does not answer counts as lost, and the others "
               "stop.",
       .bounds = {.min = 10, .max = 86400},
       .resumable = true},
      {.name = "bucket_size",
       .target = &config.bucket_size,
       .text = "MiB of gradients that travel together while the rest is still being computed.",
       .bounds = {.min = 0, .above_min = true, .max = 1024},
       .resumable = true},
  };
}

Fields fields_of(OutputConfig& config) {
  return {
      {.name = "dir",
       .target = &config.dir,
       .text = "Folder that receives everything the run writes.",
       .required = true,
       .resumable = true},
  };
}

Fields fields_of(InitConfig& config) {
  return {
      {.name = "from",
       .target = &config.from,
       .text = "A style model whose weights training starts from; empty: random ones.",
       .resumable = true},
      {.name = "add_styles",
       .target = &config.add_styles,
       .text = "The style images become further styles of the model init.from, which has norm "
               "conditional_instance: everything else in it stays as it is."},
  };
}

void check_init(const InitConfig& init, const GeneratorConfig& generator) {
  if (!init.add_styles) return;
  if (init.from.empty()) {
    throw ConfigError("init.add_styles: expected a model in init.from to add them to, found none");
  }
  if (generator.norm != Norm::kConditionalInstance) {
    throw ConfigError(
        "init.add_styles: expected a model with generator.norm 'conditional_instance', which keeps "
        "a scale and shift for each style");
  }
}

void check_styles(const StyleConfig& style, const GeneratorConfig& generator, bool added) {
  const std::string count = std::to_string(style.images.size());
  if (!style.names.empty() && style.names.size() != style.images.size()) {
    throw ConfigError("style.names: expected " + count + ", one for each of style.images, found " +
                      std::to_string(style.names.size()));
  }
  std::set<std::string> seen;
  for (const std::string& name : style.effective_names()) {
    if (!seen.insert(name).second) {
      throw ConfigError(style.names.empty()
                            ? "style.images: two files are called '" + name +
                                  "', give style.names to tell them apart"
                            : "style.names: expected different names, found '" + name + "' twice");
    }
  }
  if (style.images.size() > 1 && generator.norm != Norm::kConditionalInstance) {
    throw ConfigError("generator.norm: expected 'conditional_instance' for the " + count +
                      " pictures of style.images");
  }
  const auto styles = static_cast<std::size_t>(generator.styles);
  if (added && styles <= style.images.size()) {
    throw ConfigError("generator.styles: expected more than the " + count +
                      " added to the model's own, found " + std::to_string(generator.styles));
  }
  if (!added && styles != style.images.size()) {
    throw ConfigError("generator.styles: expected " + count +
                      ", one for each of style.images, found " + std::to_string(generator.styles));
  }
}

/// A term that counts has something to measure.
void check_taps(const std::map<std::string, double>& taps, const std::string& name, double weight) {
  const bool any = std::ranges::any_of(taps, [](const auto& tap) { return tap.second > 0; });
  if (weight > 0 && !any) {
    throw ConfigError("loss." + name +
                      ": expected a layer with a weight above 0, found none; set loss." + name +
                      "_weight to 0 to train without");
  }
}

void check_schedule(const ScheduleConfig& schedule) {
  if (schedule.steps == 0 && schedule.epochs == 0) {
    throw ConfigError("schedule: expected steps or epochs above 0, found both 0");
  }
  if (schedule.steps > 0 && schedule.warmup_steps >= schedule.steps) {
    throw ConfigError("schedule.warmup_steps: expected fewer than the " +
                      std::to_string(schedule.steps) + " of schedule.steps, found " +
                      std::to_string(schedule.warmup_steps));
  }
}

}  // namespace

Fields fields_of(LossConfig& config) {
  constexpr Bounds kWeight = {.min = 0};
  return {
      {.name = "network",
       .target = &config.network,
       .text =
           "VGG16 or VGG19 weights as safetensors. The default starts from the working directory.",
       .required = true,
       .resumable = true},
      {.name = "pooling",
       .target = choice(config.pooling, {"max", "average"}),
       .text = "Pooling of the loss network."},
      {.name = "content",
       .target = &config.content,
       .text = "Layers that hold the photo's content, and their weights.",
       .bounds = kWeight},
      {.name = "style",
       .target = &config.style,
       .text = "Layers that hold the painting's style, and their weights.",
       .bounds = kWeight},
      {.name = "content_weight",
       .target = &config.content_weight,
       .text = "Weight of the whole content term.",
       .bounds = kWeight},
      {.name = "style_weight",
       .target = &config.style_weight,
       .text = "Weight of the whole style term: more paints more strongly.",
       .bounds = kWeight},
      {.name = "style_strength",
       .target = choice(config.style_strength, {"fixed", "auto"}),
       .text = "auto chooses style_weight when training starts, so that the style pulls "
               "style_multiple times as hard as the content; it is printed and saved."},
      {.name = "style_multiple",
       .target = &config.style_multiple,
       .text = "With style_strength auto: how many times as hard as the content's the pull of the "
               "style is on photos that are on their way to it.",
       .bounds = {.min = 0, .above_min = true}},
      {.name = "tv_weight",
       .target = &config.tv_weight,
       .text = "Weight of the total variation: more makes smoother pictures.",
       .bounds = kWeight},
      {.name = "tv_kind",
       .target = choice(config.tv_kind, {"absolute", "squared"}),
       .text = "Total variation of absolute or squared differences."},
      {.name = "normalise_features",
       .target = &config.normalise_features,
       .text =
           "Divide each layer by its measured size, so that weights mean the same with every loss "
           "network; false gives the literal losses of the papers."},
  };
}

Fields fields_of(TrainConfig& config) {
  return {
      {.name = "style",
       .target = fields_of(config.style),
       .text = "The painting or paintings to learn."},
      {.name = "data", .target = fields_of(config.data), .text = "The photos to train on."},
      {.name = "generator",
       .target = fields_of(config.generator),
       .text = "The shape of the network that is trained."},
      {.name = "init", .target = fields_of(config.init), .text = "Where the weights start."},
      {.name = "loss", .target = fields_of(config.loss), .text = "What training makes small."},
      {.name = "optimizer", .target = fields_of(config.optimizer), .text = "How the weights move."},
      {.name = "schedule",
       .target = fields_of(config.schedule),
       .text = "Learning rate over the run, and the run's length."},
      {.name = "run", .target = fields_of(config.run), .text = "Where and how it runs."},
      {.name = "distributed",
       .target = fields_of(config.distributed),
       .text = "How the processes of a run talk, where a launcher starts several."},
      {.name = "output", .target = fields_of(config.output), .text = "Where results go."},
  };
}

void require_fixed_style_weight(const LossConfig& loss) {
  if (loss.style_strength == StyleStrength::kFixed) return;
  throw ConfigError(
      "loss.style_strength: expected 'fixed', found 'auto': training alone chooses a style weight, "
      "which is then in its model's config");
}

void check_combinations(const LossConfig& loss) {
  check_taps(loss.content, "content", loss.content_weight);
  check_taps(loss.style, "style", loss.style_weight);
  if (loss.content_weight == 0 && loss.style_weight == 0) {
    throw ConfigError(
        "loss: expected content_weight or style_weight above 0, found both 0: nothing to learn");
  }
}

Field device_field(std::string& device) {
  return {.name = "device",
          .target = &device,
          .text = "Where to compute; auto is CUDA where there is a device, else the CPU.",
          .form = {.pattern = "auto|cpu|cuda|cuda:[0-9]{1,3}",
                   .words = "'auto', 'cpu', 'cuda' or 'cuda:N'"}};
}

Field precision_field(Precision& precision) {
  return {.name = "precision",
          .target = choice(precision, {"auto", "float32", "bfloat16", "float16"}),
          .text = "Number format of convolutions; auto is the fastest that is safe on the device."};
}

Field threads_field(int& threads) {
  return {.name = "threads",
          .target = &threads,
          .text = "Compute threads; 0: one a core.",
          .bounds = {.min = 0, .max = 1024}};
}

std::vector<std::string> StyleConfig::effective_names() const {
  if (!names.empty()) return names;
  std::vector<std::string> stems;
  for (const auto& image : images) stems.push_back(image.stem().string());
  return stems;
}

namespace {

// Where neither file nor overrides say.
int styles_of(const TrainConfig& config, const GeneratorConfig* initial) {
  const auto images = static_cast<int>(config.style.images.size());
  if (config.generator.norm != Norm::kConditionalInstance) return 1;
  return config.init.add_styles && initial != nullptr ? initial->styles + images : images;
}

void check_agrees(const TrainConfig& config, const GeneratorConfig& initial) {
  check_init(config.init, config.generator);
  GeneratorConfig expected = initial;
  GeneratorConfig found = config.generator;
  if (config.init.add_styles) expected.styles += static_cast<int>(config.style.images.size());
  for (const auto& difference : differences(fields_of(expected), fields_of(found))) {
    throw ConfigError("generator." + difference.path + ": expected " +
                      to_text(difference.before, difference.path) + " as in the model " +
                      config.init.from.string() + ", found " +
                      to_text(difference.after, difference.path));
  }
}

}  // namespace

void TrainConfig::validate() const {
  TrainConfig copy = *this;
  check_fields(fields_of(copy));
  check_styles(style, generator, init.add_styles);
  check_init(init, generator);
  check_combinations(generator, "generator.");
  check_combinations(loss);
  check_schedule(schedule);
}

TrainConfig load_train_config(const std::filesystem::path& file,
                              const std::vector<std::string>& overrides,
                              const GeneratorConfig* initial) {
  TrainConfig config;
  if (initial != nullptr) config.generator = *initial;
  config.generator.styles = 0;  // not given: no file or override can say 0
  read_config(fields_of(config), file, overrides);
  if (config.generator.styles == 0) config.generator.styles = styles_of(config, initial);
  try {
    if (initial != nullptr) check_agrees(config, *initial);
    config.validate();
  } catch (const ConfigError& error) {
    throw ConfigError(file.string() + ": " + error.what());
  }
  return config;
}

TrainConfig train_config_from_json(const std::string& text, const std::string& where) {
  TrainConfig config;
  read_fields(fields_of(config), text, {where, std::filesystem::current_path()});
  try {
    config.validate();
  } catch (const ConfigError& error) {
    throw ConfigError(where + ": " + error.what());
  }
  return config;
}

std::vector<ConfigChange> config_changes(const TrainConfig& before, const TrainConfig& after) {
  TrainConfig old_copy = before;
  TrainConfig new_copy = after;
  make_paths_absolute(fields_of(old_copy));
  make_paths_absolute(fields_of(new_copy));
  std::vector<ConfigChange> changes;
  for (const auto& difference : differences(fields_of(old_copy), fields_of(new_copy))) {
    changes.push_back({difference.path,
                       to_text(difference.before, difference.path),
                       to_text(difference.after, difference.path),
                       difference.resumable});
  }
  return changes;
}

std::string to_json(const TrainConfig& config) {
  TrainConfig copy = config;
  return to_text(write_fields(fields_of(copy)), "training config", 2) + "\n";
}

std::string train_config_schema() {
  TrainConfig config;
  return schema_text(fields_of(config), "Impasto training config");
}

std::string train_config_help() {
  TrainConfig config;
  return help_text(fields_of(config));
}

}  // namespace impasto
