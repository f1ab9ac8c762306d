#include <span>
#include <string>
#include <utility>

#include "impasto/base/error.h"
#include "impasto/engine/engine.h"
#include "impasto/engine/impasto.h"

struct impasto_engine {
  std::vector<std::string> styles;
  impasto::Engine engine;
};

namespace {

using impasto::ConfigError;

thread_local std::string last_error;
thread_local impasto_status last_status = IMPASTO_OK;

impasto_status fail(impasto_status status, const char* message) noexcept {
  last_status = status;
  try {
    last_error = message;
  } catch (...) {
    last_error.clear();
  }
  return status;
}

/// Runs `body` and turns what it throws into a status and a message.
template <typename Body>
impasto_status guard(Body&& body) noexcept {
  try {
    return body();
  } catch (const ConfigError& error) {
    return fail(IMPASTO_INVALID, error.what());
  } catch (const impasto::IoError& error) {
    return fail(IMPASTO_IO, error.what());
  } catch (const impasto::FormatError& error) {
    return fail(IMPASTO_FORMAT, error.what());
  } catch (const std::exception& error) {
    return fail(IMPASTO_FAILED, error.what());
  } catch (...) {
    return fail(IMPASTO_FAILED, "unknown error");
  }
}

impasto::Precision precision_named(const std::string& name) {
  if (name == "auto") return impasto::Precision::kAuto;
  if (name == "float32") return impasto::Precision::kFloat32;
  if (name == "bfloat16") return impasto::Precision::kBFloat16;
  throw ConfigError("options.precision: expected auto, float32 or bfloat16, found '" + name + "'");
}

impasto::EngineOptions engine_options(const impasto_options* options) {
  impasto::EngineOptions result;
  if (options == nullptr) return result;
  result.threads = options->threads;
  if (options->precision != nullptr) result.precision = precision_named(options->precision);
  if (options->isa != nullptr) result.isa = options->isa;
  return result;
}

void require(const void* pointer, const char* name) {
  if (pointer == nullptr) throw ConfigError(std::string(name) + ": expected a pointer, found NULL");
}

template <typename Load>
impasto_engine* load_with(const impasto_options* options, Load&& load) noexcept {
  impasto_engine* result = nullptr;
  guard([&] {
    const impasto::EngineOptions engine = engine_options(options);
    const impasto::StyleModel model = load();
    // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): guard catches it.
    result = new impasto_engine{model.styles, impasto::Engine(model, engine)};
    return IMPASTO_OK;
  });
  return result;
}

}  // namespace

extern "C" {

impasto_engine* impasto_load_file(const char* path, const impasto_options* options) {
  return load_with(options, [path] {
    require(path, "path");
    return impasto::StyleModel::load(path);
  });
}

impasto_engine* impasto_load_memory(const void* data, size_t size, const impasto_options* options) {
  return load_with(options, [data, size] {
    require(data, "data");
    const std::span bytes(static_cast<const std::byte*>(data), size);
    return impasto::StyleModel::from_tensor_file(impasto::parse_safetensors(bytes, "memory"),
                                                 "memory");
  });
}

void impasto_free(impasto_engine* engine) { delete engine; }

int impasto_style_count(const impasto_engine* engine) {
  return engine == nullptr ? 0 : static_cast<int>(engine->styles.size());
}

const char* impasto_style_name(const impasto_engine* engine, int index) {
  if (index < 0 || index >= impasto_style_count(engine)) return nullptr;
  return engine->styles[static_cast<std::size_t>(index)].c_str();
}

impasto_status impasto_plan(impasto_engine* engine, int width, int height) {
  return guard([&] {
    require(engine, "engine");
    engine->engine.prepare(width, height);
    return IMPASTO_OK;
  });
}

impasto_status impasto_run(impasto_engine* engine,
                           const uint8_t* pixels,
                           int width,
                           int height,
                           int channels,
                           uint8_t* result,
                           const float* style_weights,
                           impasto_progress progress,
                           void* user) {
  return guard([&] {
    require(engine, "engine");
    require(pixels, "pixels");
    require(result, "result");
    const std::size_t count =
        width > 0 && height > 0 ? static_cast<std::size_t>(width) * height : 0;
    const std::size_t styles = style_weights != nullptr ? engine->styles.size() : 0;
    impasto::engine::Progress report;
    if (progress != nullptr) {
      report = [progress, user](double done) { return progress(done, user) != 0; };
    }
    const bool finished = engine->engine.run({pixels, count * (channels > 0 ? channels : 0)},
                                             width,
                                             height,
                                             channels,
                                             {result, count * 3},
                                             {style_weights, styles},
                                             report);
    return finished ? IMPASTO_OK : fail(IMPASTO_CANCELLED, "run: stopped by the progress function");
  });
}

const char* impasto_last_error(void) { return last_error.c_str(); }

impasto_status impasto_last_status(void) { return last_status; }

const char* impasto_version(void) { return IMPASTO_VERSION; }

}  // extern "C"
