#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/bounded_queue.h"

namespace impasto::cli {

/// Item `index` of a pipeline did not make it.
struct Failure {
  std::size_t index;
  std::string message;
};

/// Takes the items 0 to `count` - 1 through three steps that overlap, each item in its turn:
/// `load(index)` on a thread of its own, `work(index, loaded)` on this one, and
/// `store(index, worked)` on a third. Between two steps at most one item waits.
///
/// `load` and `work` return an optional; without a value the item goes no further. An item whose
/// step throws goes no further either and stops none of the others. Where `stopped()`, asked from
/// any of the threads, returns true, no further item is begun. Returns what was thrown, by index.
template <class Load, class Work, class Store>
std::vector<Failure> run_pipeline(std::size_t count,
                                  const Load& load,
                                  const Work& work,
                                  const Store& store,
                                  const std::function<bool()>& stopped) {
  using Loaded = typename std::invoke_result_t<Load, std::size_t>::value_type;
  using Worked = typename std::invoke_result_t<Work, std::size_t, Loaded>::value_type;
  constexpr std::size_t kWaiting = 1;
  BoundedQueue<std::pair<std::size_t, Loaded>> loaded(kWaiting);
  BoundedQueue<std::pair<std::size_t, Worked>> worked(kWaiting);

  std::mutex mutex;
  std::vector<Failure> failures;
  const auto attempt = [&](std::size_t index, const auto& step) {
    try {
      step();
    } catch (const std::bad_alloc&) {
      const std::lock_guard lock(mutex);
      failures.push_back({index, "out of memory"});
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex);
      failures.push_back({index, error.what()});
    }
  };

  std::thread loader([&] {
    for (std::size_t i = 0; i < count && !stopped(); ++i) {
      attempt(i, [&] {
        if (auto item = load(i)) loaded.push({i, std::move(*item)});
      });
    }
    loaded.close();
  });
  std::thread storer([&] {
    while (auto item = worked.pop()) {
      attempt(item->first, [&] { store(item->first, std::move(item->second)); });
    }
  });
  while (auto item = loaded.pop()) {
    if (stopped()) break;
    attempt(item->first, [&] {
      if (auto result = work(item->first, std::move(item->second))) {
        worked.push({item->first, std::move(*result)});
      }
    });
  }
  loaded.close();
  worked.close();
  loader.join();
  storer.join();
  std::ranges::sort(failures, {}, &Failure::index);
  return failures;
}

}  // namespace impasto::cli
