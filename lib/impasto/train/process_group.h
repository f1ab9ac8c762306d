#pragma once

#include <ATen/core/Tensor.h>

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace impasto {

/// Has the gradients of a group's processes averaged.
class GradientReducer {
 public:
  virtual ~GradientReducer() = default;

  /// Call before the last backward pass of a step: what this and earlier passes have left in the
  /// gradients of the parameters is replaced by its mean over all processes, bit for bit the same
  /// in each, while the pass goes on. Passes before are the process's own.
  virtual void before_last_backward() = 0;
};

/// The processes that train one model together, each on its share of every batch: data parallelism,
/// as PyTorch's DistributedDataParallel does it (Li et al. 2020, "PyTorch Distributed: Experiences
/// on Accelerating Data Parallel Training"). Every process makes the same calls in the same order;
/// each waits for the others. Where another process is lost they throw, and `explain` says which it
/// was.
class ProcessGroup {
 public:
  virtual ~ProcessGroup() = default;

  /// The number of this process, from 0. The first one alone writes files.
  virtual int rank() const = 0;

  /// How many there are.
  virtual int size() const = 0;

  /// Sums over all processes, number by number; the same bits in each.
  virtual std::vector<double> sum(std::vector<double> values) = 0;

  /// The first process's `bytes`, whatever the others give.
  virtual std::string broadcast(std::string bytes) = 0;

  /// The `bytes` of every process, by rank.
  virtual std::vector<std::string> gather(const std::string& bytes) = 0;

  /// For parameters that all processes have in the same order, and that require gradients. The
  /// group outlives it.
  virtual std::unique_ptr<GradientReducer> make_reducer(
      const std::vector<at::Tensor>& parameters) = 0;

  /// What to throw for `error`, which ends this process's part: itself, or an Error that names the
  /// process whose loss has caused it. The others learn why this one ends.
  virtual std::exception_ptr explain(std::exception_ptr error) = 0;

  /// Whether this is process 0.
  bool is_first() const { return rank() == 0; }
};

/// A process that trains alone.
std::shared_ptr<ProcessGroup> one_process();

}  // namespace impasto
