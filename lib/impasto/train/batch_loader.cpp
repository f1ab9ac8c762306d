#include "impasto/train/batch_loader.h"

#include <ATen/ATen.h>
#include <c10/util/ParallelGuard.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "impasto/base/error.h"
#include "impasto/base/log.h"
#include "impasto/train/augmentation.h"
#include "impasto/train/random_streams.h"
#include "impasto/train/sampler.h"

namespace impasto {
namespace {

struct Batch {
  at::Tensor pixels;
  std::vector<std::size_t> bad;  // pictures met on the way, some of them more than once
  std::exception_ptr error;      // instead of pixels
};

std::string percent(double share) {
  return std::to_string(static_cast<int>(100 * share + 0.5)) + " %";
}

}  // namespace

class BatchLoader::Impl {
 public:
  Impl(const ImageSource& source,
       const DataConfig& data,
       std::uint64_t first_sample,
       const std::map<std::size_t, std::string>& bad_pictures,
       BatchShare share)
      : source_(source),
        data_(data),
        share_(share),
        first_sample_(first_sample),
        allowed_bad_(static_cast<std::size_t>(
            std::floor(data.max_bad_share * static_cast<double>(source.size()) + 1e-9))),
        order_(source.size(), random_stream(data.seed, RandomUse::kOrder, 0).next()),
        known_bad_(bad_pictures),
        reported_(bad_pictures) {
    const int workers = std::max(1, data.workers);
    for (int i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_workers_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  at::Tensor next() {
    const Batch batch = take();
    report_bad(batch.bad);
    if (batch.error) fail(batch.error);
    return batch.pixels;
  }

  void learn_bad(const std::map<std::size_t, std::string>& pictures) {
    for (const auto& [picture, reason] : pictures) {
      mark_bad(picture, reason);
      report_bad({picture});
    }
  }

  const std::map<std::size_t, std::string>& bad_pictures() const { return reported_; }

  double seconds_waited() const { return std::chrono::duration<double>(waited_).count(); }

 private:
  // --- the caller's side ---

  Batch take() {
    if (failure_) std::rethrow_exception(failure_);
    const auto start = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    wake_caller_.wait(lock, [this] { return ready_.contains(next_to_give_); });
    auto node = ready_.extract(next_to_give_++);
    lock.unlock();
    wake_workers_.notify_all();
    waited_ += std::chrono::steady_clock::now() - start;
    return std::move(node.mapped());
  }

  void report_bad(const std::vector<std::size_t>& pictures) {
    for (const std::size_t picture : pictures) {
      if (reported_.contains(picture)) continue;
      const std::string reason = known_reason(picture);
      reported_.emplace(picture, reason);
      log_warning("skipped: " + reason);
      if (reported_.size() > allowed_bad_) fail(std::make_exception_ptr(too_many_bad(reason)));
    }
  }

  IoError too_many_bad(const std::string& last_reason) const {
    const auto count = static_cast<double>(reported_.size());
    return IoError(
        "data.path: expected at most " + percent(data_.max_bad_share) +
        " unusable pictures (data.max_bad_share), found " + std::to_string(reported_.size()) +
        " of " + std::to_string(source_.size()) + " (" +
        percent(count / static_cast<double>(source_.size())) + ") so far, the last " + last_reason +
        "; remove or replace them, lower data.image_size if they are too small, or raise "
        "data.max_bad_share");
  }

  [[noreturn]] void fail(std::exception_ptr error) {
    failure_ = std::move(error);
    std::rethrow_exception(failure_);
  }

  // --- the workers' side ---

  void work() {
    // The step itself uses every core: what a worker does stays on its own thread.
    const c10::ParallelGuard no_inner_threads(true);
    std::unique_lock lock(mutex_);
    while (true) {
      wake_workers_.wait(lock, [this] {
        return stop_ || next_to_make_ < next_to_give_ + std::max(1, data_.prefetch);
      });
      if (stop_) return;
      const std::int64_t number = next_to_make_++;
      lock.unlock();
      Batch batch = make(number);
      lock.lock();
      ready_.emplace(number, std::move(batch));
      wake_caller_.notify_one();
    }
  }

  Batch make(std::int64_t number) {
    Batch batch;
    try {
      const auto side = data_.image_size;
      const int pictures = data_.batch_size / share_.of;
      auto pixels = at::empty({pictures, 3, side, side},
                              at::TensorOptions().dtype(at::kByte),
                              at::MemoryFormat::ChannelsLast);
      const auto first =
          first_sample_ +
          static_cast<std::uint64_t>(number) * static_cast<std::uint64_t>(data_.batch_size) +
          static_cast<std::uint64_t>(share_.index * pictures);
      for (int i = 0; i < pictures; ++i) {
        const auto sample = first + static_cast<std::uint64_t>(i);
        const auto photo = find_photo(sample, batch.bad);
        if (!photo) return batch;
        pixels[i].copy_(augment(*photo, data_, sample));
      }
      batch.pixels = pixels;
    } catch (...) {
      batch.error = std::current_exception();
    }
    return batch;
  }

  // The first usable picture on `sample`'s walk: its place in the epoch's order, then all pictures
  // in an order of the sample's own. Which were found bad before does not change the walk. Nothing
  // when the loader is being closed.
  std::optional<Image> find_photo(std::uint64_t sample, std::vector<std::size_t>& bad) {
    if (auto photo = try_picture(order_.picture(sample), bad)) return photo;
    const Sampler walk(source_.size(),
                       random_stream(data_.seed, RandomUse::kReplacement, sample).next());
    // One more than are allowed ends the run in `report_bad`: the rest need not be read.
    const std::size_t attempts = std::min(source_.size(), allowed_bad_ + 1);
    for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
      if (stop_) return std::nullopt;
      if (auto photo = try_picture(walk.picture(attempt), bad)) return photo;
    }
    throw IoError("data.path: expected a usable picture, found none among " +
                  std::to_string(source_.size()) + ", for instance " +
                  known_reason(order_.picture(sample)));
  }

  std::optional<Image> try_picture(std::size_t picture, std::vector<std::size_t>& bad) {
    if (is_known_bad(picture)) {
      bad.push_back(picture);
      return std::nullopt;
    }
    try {
      Image photo = source_.load(picture);
      const int short_side = std::min(photo.width(), photo.height());
      if (short_side >= data_.image_size) return photo;
      mark_bad(picture,
               source_.name(picture) + ": expected a short side of at least " +
                   std::to_string(data_.image_size) + " pixels (data.image_size), found " +
                   std::to_string(photo.width()) + "x" + std::to_string(photo.height()));
    } catch (const Error& error) {
      mark_bad(picture, error.what());
    }
    bad.push_back(picture);
    return std::nullopt;
  }

  bool is_known_bad(std::size_t picture) {
    const std::lock_guard lock(mutex_);
    return known_bad_.contains(picture);
  }

  std::string known_reason(std::size_t picture) {
    const std::lock_guard lock(mutex_);
    return known_bad_.at(picture);
  }

  void mark_bad(std::size_t picture, std::string reason) {
    const std::lock_guard lock(mutex_);
    known_bad_.emplace(picture, std::move(reason));
  }

  const ImageSource& source_;
  const DataConfig data_;
  const BatchShare share_;
  const std::uint64_t first_sample_;
  const std::size_t allowed_bad_;
  const Sampler order_;

  std::atomic<bool> stop_ = false;

  std::mutex mutex_;  // guards the next six
  std::condition_variable wake_workers_;
  std::condition_variable wake_caller_;
  std::map<std::int64_t, Batch> ready_;
  std::map<std::size_t, std::string> known_bad_;  // picture to reason; saves reading it again
  std::int64_t next_to_make_ = 0;
  std::int64_t next_to_give_ = 0;

  std::map<std::size_t, std::string> reported_;  // from here on the caller's own
  std::exception_ptr failure_;
  std::chrono::steady_clock::duration waited_{};

  std::vector<std::thread> workers_;
};

BatchLoader::BatchLoader(const ImageSource& source,
                         const DataConfig& data,
                         std::uint64_t first_sample,
                         const std::map<std::size_t, std::string>& bad_pictures,
                         BatchShare share) {
  if (source.size() == 0) throw IoError("data.path: expected at least one picture, found none");
  impl_ = std::make_unique<Impl>(source, data, first_sample, bad_pictures, share);
}

BatchLoader::~BatchLoader() = default;

at::Tensor BatchLoader::next() { return impl_->next(); }

void BatchLoader::learn_bad(const std::map<std::size_t, std::string>& pictures) {
  impl_->learn_bad(pictures);
}

const std::map<std::size_t, std::string>& BatchLoader::bad_pictures() const {
  return impl_->bad_pictures();
}

double BatchLoader::seconds_waited() const { return impl_->seconds_waited(); }

}  // namespace impasto
