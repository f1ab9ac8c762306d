#include "impasto/train/gradient_workers.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/catch.h"

using impasto::divide_batch;
using impasto::Generator;
using impasto::GradientWorkers;
using impasto::Norm;

namespace {

Generator small_generator() {
  at::manual_seed(3);
  impasto::GeneratorConfig config;
  config.base_channels = 4;
  config.residual_blocks = 1;
  return Generator(config);
}

at::Tensor pictures(int count) {
  at::manual_seed(8);
  return at::rand({count, 3, 32, 32}) * 255;
}

// Of the sum over pictures of the mean square of what the generator makes of them.
std::vector<at::Tensor> gradient(GradientWorkers& workers, Generator& generator, int count) {
  const auto photos = pictures(count);
  generator->zero_grad();
  workers.run(count, [&](Generator& own, std::int64_t part) {
    own->forward(photos.narrow(0, part, 1)).square().mean().backward();
  });
  std::vector<at::Tensor> list;
  for (const auto& parameter : generator->parameters()) list.push_back(parameter.grad().clone());
  return list;
}

// Relative to the largest entry of all.
double largest_difference(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  double difference = 0;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, (a[i] - b[i]).abs().max().item<double>());
    largest = std::max(largest, b[i].abs().max().item<double>());
  }
  return difference / largest;
}

class ComputeThreads {
 public:
  explicit ComputeThreads(int threads) : before_(at::get_num_threads()) {
    at::set_num_threads(threads);
  }
  ~ComputeThreads() { at::set_num_threads(before_); }

 private:
  int before_;
};

}  // namespace

TEST_CASE("Workers together compute the gradient of the whole batch") {
  auto generator = small_generator();
  generator->zero_grad();
  // The mean over the batch, times its size, is the sum over pictures.
  (generator->forward(pictures(5)).square().mean() * 5).backward();
  std::vector<at::Tensor> whole;
  for (const auto& parameter : generator->parameters()) whole.push_back(parameter.grad().clone());

  for (const int count : {1, 2, 3, 5}) {
    INFO(count);
    GradientWorkers workers(generator, c10::kCPU, count);
    CHECK(largest_difference(gradient(workers, generator, 5), whole) < 1e-5);
  }
}

TEST_CASE("The sum of the workers' gradients does not depend on who is done first") {
  auto generator = small_generator();
  GradientWorkers workers(generator, c10::kCPU, 3);
  const auto first = gradient(workers, generator, 7);
  for (int repeat = 0; repeat < 10; ++repeat) {
    CHECK(largest_difference(gradient(workers, generator, 7), first) == 0);
  }
}

TEST_CASE("A change of the weights reaches every worker") {
  auto generator = small_generator();
  GradientWorkers workers(generator, c10::kCPU, 2);
  {
    const c10::NoGradGuard no_grad;
    for (auto& parameter : generator->parameters()) parameter.add_(0.1);
  }
  GradientWorkers fresh(generator, c10::kCPU, 2);
  CHECK(largest_difference(gradient(workers, generator, 4), gradient(fresh, generator, 4)) == 0);
}

TEST_CASE("Frozen weights stay without a gradient in every worker") {
  auto generator = small_generator();
  auto frozen = generator->parameters()[0];
  frozen.set_requires_grad(false);
  GradientWorkers workers(generator, c10::kCPU, 2);
  workers.run(2, [&](Generator& own, std::int64_t) {
    own->forward(pictures(1)).mean().backward();
    if (own->parameters()[0].grad().defined()) throw std::logic_error("a gradient");
  });
  CHECK_FALSE(frozen.grad().defined());
}

TEST_CASE(
    "Each worker is a thread that computes with one thread, and the caller's number returns") {
  const ComputeThreads three(3);
  auto generator = small_generator();
  GradientWorkers workers(generator, c10::kCPU, 3);
  std::mutex mutex;
  std::set<std::thread::id> ids;
  std::set<int> numbers;
  workers.run(3, [&](Generator&, std::int64_t) {
    const std::lock_guard lock(mutex);
    ids.insert(std::this_thread::get_id());
    numbers.insert(at::get_num_threads());
  });
  CHECK(ids.size() == 3);
  CHECK(numbers == std::set<int>{1});
  CHECK(at::get_num_threads() == 3);
  int later = 0;
  std::thread([&] { later = at::get_num_threads(); }).join();
  CHECK(later == 3);
}

TEST_CASE("What a worker throws comes out, and the next batch is computed as ever") {
  auto generator = small_generator();
  GradientWorkers workers(generator, c10::kCPU, 2);
  const auto expected = gradient(workers, generator, 4);
  for (const int bad : {0, 1, 3}) {
    CHECK_THROWS_AS(workers.run(4,
                                [&](Generator& own, std::int64_t part) {
                                  own->forward(pictures(1)).mean().backward();
                                  if (part == bad) throw std::runtime_error("bad");
                                }),
                    std::runtime_error);
    CHECK(largest_difference(gradient(workers, generator, 4), expected) == 0);
  }
}

TEST_CASE("A batch is divided where each thread gets a picture and pictures are independent") {
  Norm norm = Norm::kInstance;
  const auto divided = [&](int threads, c10::Device device = c10::kCPU, int processes = 1) {
    const auto division = divide_batch(norm, 4, device, threads, processes);
    return std::pair<std::int64_t, int>(division.parts, division.workers);
  };
  const std::pair<std::int64_t, int> whole = {1, 1};
  CHECK(divided(1) == std::pair<std::int64_t, int>(4, 1));
  CHECK(divided(2) == std::pair<std::int64_t, int>(4, 2));
  CHECK(divided(4) == std::pair<std::int64_t, int>(4, 4));
  CHECK(divided(5) == whole);
  CHECK(divided(2, c10::Device(c10::kCUDA, 0)) == whole);
  CHECK(divided(2, c10::kCPU, 3) == std::pair<std::int64_t, int>(4, 1));
  norm = Norm::kBatch;
  CHECK(divided(2) == whole);
}
