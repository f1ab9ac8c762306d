#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/stream.h"

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
  using LoadedItem = std::pair<std::size_t, Loaded>;
  using WorkedItem = std::pair<std::size_t, std::optional<Worked>>;  // None: it goes no further.

  std::mutex mutex;
  std::vector<Failure> failures;
  const auto attempt = [&](std::size_t index, const auto& step) {
    const auto fail = [&](const char* message) {
      const std::lock_guard lock(mutex);
      failures.push_back({index, message});
    };
    try {
      step();
    } catch (const std::bad_alloc&) {
      fail("out of memory");
    } catch (const std::exception& error) {
      fail(error.what());
    }
  };

  std::size_t next = 0;
  constexpr std::size_t kWaiting = 1;
  run_stream(
      [&]() -> std::optional<LoadedItem> {
        while (next < count && !stopped()) {
          const std::size_t index = next++;
          std::optional<Loaded> item;
          attempt(index, [&] { item = load(index); });
          if (item) return LoadedItem(index, std::move(*item));
        }
        return std::nullopt;
      },
      [&](LoadedItem item) -> std::optional<WorkedItem> {
        WorkedItem result(item.first, std::nullopt);
        attempt(item.first, [&] { result.second = work(item.first, std::move(item.second)); });
        return result;
      },
      [&](WorkedItem item) {
        if (!item.second) return;
        attempt(item.first, [&] { store(item.first, std::move(*item.second)); });
      },
      stopped,
      kWaiting);
  std::ranges::sort(failures, {}, &Failure::index);
  return failures;
}

}  // namespace impasto::cli
