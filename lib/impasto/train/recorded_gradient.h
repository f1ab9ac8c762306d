#pragma once

// Private: not installed.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <functional>
#include <memory>
#include <vector>

#include "impasto/nn/cuda_graph.h"

namespace impasto {

/// What a step learns from, all of it on the device.
struct LearningBatch {
  at::Tensor photos;         ///< [N,3,S,S] in [0,255]
  at::Tensor paintings;      ///< int64 [N], from 0
  at::Tensor style_weights;  ///< What the generator takes for them; undefined without style rows.
};

/// Gradients of batch after batch by a recording of the first ones (cuda_graph.h): on a GPU a step
/// on a few small crops is over several times as soon.
class RecordedGradient {
 public:
  /// `work` adds a batch's gradient to that of each parameter and gives the losses as one tensor on
  /// the device; for batches of one size, as cuda_graph.h asks for. Every parameter gets a
  /// gradient.
  RecordedGradient(const c10::Device& device,
                   std::vector<at::Tensor> parameters,
                   std::function<at::Tensor(const LearningBatch&)> work);

  /// What `work` does. The first batch runs as it is and the second is recorded.
  at::Tensor add(const LearningBatch& batch);

 private:
  void record(const LearningBatch& batch);
  std::vector<at::Tensor> take_gradients();
  void add_gradients();

  const c10::Device device_;
  std::vector<at::Tensor> parameters_;
  const std::function<at::Tensor(const LearningBatch&)> work_;
  bool has_run_ = false;
  std::unique_ptr<RecordedWork> recording_;
  // Of the recording: what it reads, and what it leaves behind.
  LearningBatch batch_;
  at::Tensor losses_;
  std::vector<at::Tensor> gradients_;
  std::vector<at::Tensor> sums_;  // of several batches of a step
};

}  // namespace impasto
