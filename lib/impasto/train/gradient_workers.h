#pragma once

// Private: not installed.

#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "impasto/base/generator_config.h"
#include "impasto/nn/generator.h"

namespace impasto {

/// How a batch is computed: in so many parts of equal size, by so many threads.
struct BatchDivision {
  std::int64_t parts = 1;
  int workers = 1;  ///< At most `parts`.
};

/// On a CPU, pictures one by one, each on one thread, where there is one for every thread: what a
/// picture leaves in the cache is still there for the next layer, and threads wait for each other
/// once a step instead of once a layer. Otherwise the whole batch with all threads in every layer:
/// on a GPU, for small batches, and for batch norm, whose statistics tie a batch together.
/// `pictures` is this process's share of a batch. One of several `processes` has one worker, in
/// whose backward pass gradients leave for the others; it can be given one thread.
BatchDivision divide_batch(
    Norm norm, int pictures, const c10::Device& device, int threads, int processes = 1);

/// The gradient of a sum over the parts of a batch.
class GradientWorkers {
 public:
  /// Later changes of the values of `generator`'s parameters reach all workers; those of
  /// requires_grad do not.
  GradientWorkers(const Generator& generator, const c10::Device& device, int workers);

  /// Calls `work` for each part, from 0, with a generator in which it is to leave the gradient, and
  /// adds them all up in that of the constructor, always in the same order. With several workers,
  /// these are threads; each computes with one. What `work` throws comes out here, of several
  /// exceptions one.
  void run(std::int64_t parts, const std::function<void(Generator&, std::int64_t)>& work);

 private:
  void run_in_threads(std::int64_t parts,
                      const std::function<void(Generator&, std::int64_t)>& work);
  void add_gradients();

  std::vector<Generator> generators_;  // one a worker, the first being the constructor's
};

}  // namespace impasto
