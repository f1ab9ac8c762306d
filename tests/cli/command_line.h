#pragma once

#include <algorithm>
#include <string>
#include <vector>

/// A command line with `changes` to it: "--name", "value" pairs that replace what is there or add.
inline std::vector<std::string> with_changes(std::vector<std::string> list,
                                             const std::vector<std::string>& changes) {
  for (std::size_t i = 0; i + 1 < changes.size(); i += 2) {
    const auto found = std::find(list.begin(), list.end(), changes[i]);
    if (found != list.end()) {
      *(found + 1) = changes[i + 1];
    } else {
      list.insert(list.end(), {changes[i], changes[i + 1]});
    }
  }
  return list;
}
