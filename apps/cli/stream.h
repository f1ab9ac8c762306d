#pragma once

#include <cstddef>
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
/// `store(worked)` on a third. Between two steps at most `waiting` items wait.
///
/// Where `work` returns none, or `stopped()`, asked from any of the threads, returns true, no
/// further item is begun; what has been worked on is still stored. What a step throws ends all of
/// them and is thrown here, when the threads are done.
template <class Load, class Work, class Store>
void run_stream(const Load& load,
                const Work& work,
                const Store& store,
                const std::function<bool()>& stopped,
                std::size_t waiting = 2) {
  using Loaded = typename std::invoke_result_t<Load>::value_type;
  using Worked = typename std::invoke_result_t<Work, Loaded>::value_type;
  BoundedQueue<Loaded> loaded(waiting);
  BoundedQueue<Worked> worked(waiting);

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
    while (auto item = loaded.pop()) {
      if (stopped()) break;
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
