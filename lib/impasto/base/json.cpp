#include "impasto/base/json.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

#include "impasto/base/error.h"

namespace impasto {

namespace {

/// Builds the value from the parser's events.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Json take() { return std::move(root_); }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // JSON text has none

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!open_.back().keys.insert(name).second) {
      throw FormatError(where_ + ": the key '" + name + "' stands twice in one object");
    }
    open_.back().key = name;
    return true;
  }

  bool parse_error(std::size_t position,
                   const std::string&,
                   const nlohmann::detail::exception& error) override {
    // The parser's text reads "[json.exception...] parse error at line 1, column 2: what is wrong",
    // or has no place at all for a number that is too large.
    const std::string message = error.what();
    const std::size_t end_of_id = message.find("] ");
    std::string what = message.substr(end_of_id == std::string::npos ? 0 : end_of_id + 2);
    if (what.starts_with("parse error at ")) what.erase(0, what.find(": ") + 2);
    const std::string_view before = text_.substr(0, position == 0 ? 0 : position - 1);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    throw FormatError(where_ + ": line " + std::to_string(line) + ", column " +
                      std::to_string(before.size() - line_start + 1) + ": " + what);
  }

 private:
  struct Level {
    Json* value;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  /// Adds to the innermost open list or object; pointers into it stay valid until it is closed.
  template <class Value>
  bool put(Value&& value) {
    add(Json(std::forward<Value>(value)));
    return true;
  }

  Json& add(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    Level& level = open_.back();
    if (level.value->is_array()) {
      level.value->push_back(std::move(value));
      return level.value->back();
    }
    // The key is new: appended without the search that an ordered object would make.
    auto& members = level.value->get_ref<Json::object_t&>();
    auto& base = static_cast<Json::object_t::Container&>(members);
    base.emplace_back(level.key, std::move(value));
    return base.back().second;
  }

  bool open(Json value) {
    constexpr std::size_t kDeepest = 64;
    if (open_.size() == kDeepest) {
      throw FormatError(where_ + ": nested deeper than " + std::to_string(kDeepest) + " levels");
    }
    open_.push_back({&add(std::move(value)), {}, {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const std::string& where_;
  Json root_;
  std::vector<Level> open_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  Builder builder(text, where);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string to_text(const Json& value, const std::string& where, int indent) {
  try {
    return value.dump(indent);
  } catch (const Json::type_error&) {
    throw ConfigError(where + ": expected text in UTF-8, found other bytes");
  }
}

std::string describe(const Json& value) {
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  if (!value.is_string()) return value.dump();
  constexpr std::size_t kLongest = 60;
  const auto& text = value.get_ref<const std::string&>();
  std::size_t end = std::min(text.size(), kLongest);
  // Cut in front of a character of UTF-8, whose further bytes begin with the bits 10.
  const auto continues = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
  };
  while (end > 0 && continues(end)) --end;
  std::string shown = "'";
  shown.append(text, 0, end).append(end < text.size() ? "...'" : "'");
  return shown;
}

}  // namespace impasto
