#include "impasto/dist/join_group.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>
#include <unordered_map>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/dist/gloo_backend.h"
#include "impasto/dist/local_address.h"
#include "impasto/dist/nccl_backend.h"
#include "impasto/dist/pipe_signal.h"
#include "impasto/dist/presence.h"
#include "impasto/dist/rendezvous.h"

namespace impasto {
namespace {

using BackendType = c10d::ProcessGroup::BackendType;
using std::chrono::milliseconds;

// What finding out who was lost takes of the time-out.
constexpr milliseconds kDiagnosis(5000);

void wait_for(const c10::intrusive_ptr<c10d::Work>& work) { work->wait(); }

at::Tensor bytes_of(const std::string& text) {
  auto bytes = at::empty({static_cast<std::int64_t>(text.size())}, at::kByte);
  std::memcpy(bytes.mutable_data_ptr(), text.data(), text.size());
  return bytes;
}

std::string text_of(const at::Tensor& bytes, std::int64_t length) {
  return {static_cast<const char*>(bytes.const_data_ptr()), static_cast<std::size_t>(length)};
}

class BucketedReducer : public GradientReducer {
 public:
  BucketedReducer(const std::vector<at::Tensor>& parameters,
                  const c10::intrusive_ptr<c10d::ProcessGroup>& group,
                  std::size_t bucket_bytes)
      : reducer_(std::make_unique<c10d::Reducer>(
            parameters,
            buckets(parameters, bucket_bytes),
            group,
            /*expect_sparse_gradients=*/std::vector<bool>(parameters.size(), false),
            static_cast<std::int64_t>(bucket_bytes),
            /*find_unused_parameters=*/false,
            /*gradient_as_bucket_view=*/false,
            /*param_names=*/std::unordered_map<std::size_t, std::string>(),
            static_cast<std::int64_t>(bucket_bytes),
            /*skip_all_reduce_unused_params=*/false,
            /*use_python_reducer=*/false,
            /*bucket_bytes_cap_list=*/std::vector<std::int64_t>())) {}

  void before_last_backward() override {
    // After the first step: in the order in which gradients have come.
    reducer_->rebuild_buckets();
    reducer_->prepare_for_backward({});
  }

 private:
  // From the last parameter to the first, as a backward pass meets them.
  static std::vector<std::vector<std::size_t>> buckets(const std::vector<at::Tensor>& parameters,
                                                       std::size_t bytes) {
    auto indices = std::get<0>(c10d::compute_bucket_assignment_by_size(parameters, {bytes}));
    std::ranges::reverse(indices);
    return indices;
  }

  std::unique_ptr<c10d::Reducer> reducer_;  // its destructor may throw, which this one may not
};

class C10dGroup : public ProcessGroup {
 public:
  C10dGroup(const LaunchEnvironment& launch,
            const DistributedConfig& config,
            const c10::Device& device)
      : launch_(launch), bucket_bytes_(static_cast<std::size_t>(config.bucket_size * 0x1p20)) {
    const milliseconds timeout(static_cast<std::int64_t>(config.timeout * 1000));
    const PipeSignalBlock no_signals;  // in this thread, and in those of the store and of Gloo
    store_ = open_store(launch, timeout);
    meet(*store_, launch, timeout);
    presence_.emplace(*store_, launch);
    group_ = c10::make_intrusive<c10d::ProcessGroup>(store_, launch.rank, launch.size);
    const std::string address = local_address_towards(launch.master_address, launch.master_port);
    const auto gloo =
        make_gloo_backend(store_, launch.rank, launch.size, address, timeout - kDiagnosis);
    group_->setBackend(c10::kCPU, BackendType::GLOO, gloo);
    group_->setDefaultBackend(BackendType::GLOO);
    if (device.is_cuda()) add_cuda(config.backend, gloo, device, timeout - kDiagnosis);
  }

  int rank() const override { return launch_.rank; }
  int size() const override { return launch_.size; }

  std::vector<double> sum(std::vector<double> values) override {
    std::vector<at::Tensor> tensors = {at::tensor(values, at::kDouble)};
    wait_for(group_->allreduce(tensors));
    const double* const sums = tensors[0].const_data_ptr<double>();
    return {sums, sums + values.size()};
  }

  std::string broadcast(std::string bytes) override {
    std::vector<at::Tensor> length = {
        at::tensor({static_cast<std::int64_t>(bytes.size())}, at::kLong)};
    wait_for(group_->broadcast(length));
    bytes.resize(static_cast<std::size_t>(length[0].item<std::int64_t>()));
    std::vector<at::Tensor> content = {bytes_of(bytes)};
    wait_for(group_->broadcast(content));
    return text_of(content[0], content[0].numel());
  }

  std::vector<std::string> gather(const std::string& bytes) override {
    const auto lengths =
        gather_tensors(at::tensor({static_cast<std::int64_t>(bytes.size())}, at::kLong));
    std::int64_t longest = 0;
    for (const auto& length : lengths) longest = std::max(longest, length.item<std::int64_t>());
    // All are to be of one size.
    std::string padded = bytes;
    padded.resize(static_cast<std::size_t>(longest));
    const auto contents = gather_tensors(bytes_of(padded));
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < contents.size(); ++i) {
      texts.push_back(text_of(contents[i], lengths[i].item<std::int64_t>()));
    }
    return texts;
  }

  std::unique_ptr<GradientReducer> make_reducer(
      const std::vector<at::Tensor>& parameters) override {
    return std::make_unique<BucketedReducer>(parameters, group_, bucket_bytes_);
  }

  std::exception_ptr explain(std::exception_ptr error) override {
    try {
      std::rethrow_exception(error);
    } catch (const Error& own) {
      presence_->say_failed(own.what());
    } catch (const std::exception& other) {
      // Broken connections look like any other error of libtorch.
      if (const auto reason = presence_->find_lost()) {
        return std::make_exception_ptr(
            Error("process " + std::to_string(rank()) + " stops: " + *reason));
      }
      presence_->say_failed(other.what());
    }
    return error;
  }

 private:
  std::vector<at::Tensor> gather_tensors(const at::Tensor& own) {
    std::vector<at::Tensor> inputs = {own};
    std::vector<std::vector<at::Tensor>> outputs(1);
    for (int i = 0; i < size(); ++i) outputs[0].push_back(at::empty_like(own));
    wait_for(group_->allgather(outputs, inputs));
    return outputs[0];
  }

  void add_cuda(DistributedBackend wanted,
                const c10::intrusive_ptr<c10d::Backend>& gloo,
                const c10::Device& device,
                milliseconds timeout) {
    if (wanted == DistributedBackend::kGloo ||
        (wanted == DistributedBackend::kAuto && !has_nccl())) {
      group_->setBackend(c10::kCUDA, BackendType::GLOO, gloo);
      return;
    }
    group_->setBackend(c10::kCUDA,
                       BackendType::NCCL,
                       make_nccl_backend(store_, launch_.rank, launch_.size, device, timeout));
  }

  const LaunchEnvironment launch_;
  const std::size_t bucket_bytes_;
  c10::intrusive_ptr<c10d::Store> store_;  // the one that serves the others, in the first process
  std::optional<Presence> presence_;       // ends while the store is there
  c10::intrusive_ptr<c10d::ProcessGroup> group_;  // ends before presence says so
};

}  // namespace

std::shared_ptr<ProcessGroup> join_group(const LaunchEnvironment& launch,
                                         const DistributedConfig& config,
                                         const c10::Device& device) {
  if (config.backend == DistributedBackend::kNccl && !device.is_cuda()) {
    throw ConfigError("distributed.backend: nccl is for CUDA devices, found " + device.str());
  }
  if (!launch.is_shared()) return one_process();
  return std::make_shared<C10dGroup>(launch, config, device);
}

}  // namespace impasto
