#include "impasto/train/gradient_workers.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <exception>
#include <thread>

#include "impasto/train/training_setup.h"

namespace impasto {
namespace {

/// Another generator whose parameters are the same memory, with gradients of its own.
Generator twin_of(const Generator& generator, const c10::Device& device) {
  Generator twin(generator->config());
  twin->to(device);
  const auto originals = generator->parameters();
  auto parameters = twin->parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].set_data(originals[i].detach());
    parameters[i].set_requires_grad(originals[i].requires_grad());
  }
  return twin;
}

/// One compute thread for the calling one. libtorch's setting also becomes that of threads to come,
/// so the number before is set again, for both, by whoever had it.
class OneThread {
 public:
  OneThread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  const int before_;
};

}  // namespace

BatchDivision divide_batch(
    Norm norm, int pictures, const c10::Device& device, int threads, int processes) {
  if (!device.is_cpu() || norm == Norm::kBatch || pictures < threads) return {};
  return {.parts = pictures, .workers = processes > 1 ? 1 : std::min(threads, pictures)};
}

GradientWorkers::GradientWorkers(const Generator& generator,
                                 const c10::Device& device,
                                 int workers) {
  generators_.push_back(generator);
  while (generators_.size() < static_cast<std::size_t>(workers)) {
    generators_.push_back(twin_of(generator, device));
  }
}

void GradientWorkers::run(std::int64_t parts,
                          const std::function<void(Generator&, std::int64_t)>& work) {
  if (generators_.size() == 1) {
    for (std::int64_t part = 0; part < parts; ++part) work(generators_[0], part);
    return;
  }
  run_in_threads(parts, work);
  add_gradients();
}

void GradientWorkers::run_in_threads(std::int64_t parts,
                                     const std::function<void(Generator&, std::int64_t)>& work) {
  const std::size_t workers = generators_.size();
  std::vector<std::exception_ptr> failures(workers);
  const auto run_share = [&](std::size_t worker) {
    try {
      for (auto part = static_cast<std::int64_t>(worker); part < parts;
           part += static_cast<std::int64_t>(workers)) {
        work(generators_[worker], part);
      }
    } catch (...) {
      failures[worker] = std::current_exception();
    }
  };
  {
    const OneThread here;
    std::vector<std::jthread> threads;
    for (std::size_t worker = 1; worker < workers; ++worker) {
      generators_[worker]->zero_grad();
      threads.emplace_back([&run_share, worker] {
        at::set_num_threads(1);
        run_share(worker);
      });
    }
    run_share(0);
  }
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

void GradientWorkers::add_gradients() {
  auto sums = generators_[0]->parameters();
  for (std::size_t worker = 1; worker < generators_.size(); ++worker) {
    const auto parameters = generators_[worker]->parameters();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (parameters[i].grad().defined()) sums[i].mutable_grad().add_(parameters[i].grad());
    }
  }
}

}  // namespace impasto
