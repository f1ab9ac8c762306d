// The table of the training config, of which docs and schema are made.

#include "impasto/base/config_fields.h"

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
      {.name = "cache",
       .target = &config.cache,
       .text =
           "MiB of decoded pictures that each process keeps in memory, so that decoding does not "
           "hold up a fast GPU; 0: none.",
       .bounds = {.min = 0, .max = 1048576},
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

}  // namespace

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

}  // namespace impasto
