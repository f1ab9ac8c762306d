#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include "cli/bounded_queue.h"

namespace impasto::cli {

/// Takes items of a number not known before through three steps that overlap, in their order:
/// `load()` on a thread of its own until it returns none, `work(loaded)` on this one, and
/// `store(worked)` on a third. Between two steps at most two items wait.
///
/// Where `work` returns none, or `stopped()`, asked from any of the threads, returns true, no
/// further item is begun; what has been worked on is still stored. What a step throws ends all of
/// them and is thrown here, when the threads are done.
template <class Load, class Work, class Store>
void run_stream(const Load& load,
                const Work& work,
                const Store& store,
                const std::function<bool()>& stopped) {
  using Loaded = typename std::invoke_result_t<Load>::value_type;
  using Worked = typename std::invoke_result_t<Work, Loaded>::value_type;
  constexpr std::size_t kWaiting = 2;
  BoundedQueue<Loaded> loaded(kWaiting);
  BoundedQueue<Worked> worked(kWaiting);

  std::mutex mutex;
  std::exception_ptr failure;
  const auto attempt = [&](const auto& steps) {
    try {
      steps();
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (failure == nullptr) failure = std::current_exception();
      loaded.close();
      worked.close();
    }
  };

  std::thread loader([&] {
    attempt([&] {
      while (!stopped()) {
        auto item = load();
        if (!item || !loaded.push(std::move(*item))) break;
      }
    });
    loaded.close();
  });
  std::thread storer([&] {
    attempt([&] {
      while (auto item = worked.pop()) store(std::move(*item));
    });
  });
  attempt([&] {
    while (!stopped()) {
      auto item = loaded.pop();
      if (!item) break;
      auto result = work(std::move(*item));
      if (!result || !worked.push(std::move(*result))) break;
    }
  });
  loaded.close();
  worked.close();
  loader.join();
  storer.join();
  if (failure != nullptr) std::rethrow_exception(failure);
}

}  // namespace impasto::cli
