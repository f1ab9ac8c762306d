#include "impasto/base/train_config.h"

#include <cmath>
#include <limits>

#include "impasto/base/error.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace impasto {
namespace {

namespace fs = std::filesystem;

/// The smallest config that is valid.
constexpr const char* kSmallest =
    R"({"style":{"images":["wave.jpg"]},"data":{"path":"photos"},"output":{"dir":"run"}})";

/// A config file in a folder of its own.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text = kSmallest)
      : path_(write_test_file(folder_ / "configs/train.json", text)) {}

  TrainConfig load(const std::vector<std::string>& overrides = {}) const {
    return load_train_config(path_, overrides);
  }

  /// What loading has to complain of, without the file's folder.
  std::string error(const std::vector<std::string>& overrides = {}) const {
    std::string message = message_of<ConfigError>([&] { load(overrides); });
    const std::string folder = path_.parent_path().string() + "/";
    if (message.starts_with(folder)) message.erase(0, folder.size());
    return message;
  }

  fs::path folder() const { return path_.parent_path(); }

 private:
  TemporaryFolder folder_;
  fs::path path_;
};

/// The smallest config with one more member at the top.
std::string with(const std::string& member) {
  return std::string(kSmallest).insert(1, member + ",");
}

/// A config made in code.
TrainConfig valid_config() {
  TrainConfig config;
  config.style.images = {"styles/wave.jpg"};
  config.data.path = "photos";
  config.output.dir = "run";
  return config;
}

std::string error_of(const TrainConfig& config) {
  return message_of<ConfigError>([&] { config.validate(); });
}

// --- reading ----------------------------------------------------------------------------------

TEST_CASE("What a file leaves out keeps its default") {
  const TrainConfig config = ConfigFile().load();
  TrainConfig expected;
  expected.style.images = config.style.images;
  expected.data.path = config.data.path;
  expected.output.dir = config.output.dir;
  expected.loss.network = fs::current_path() / "data/vgg16.safetensors";
  CHECK(config == expected);
}

TEST_CASE("Paths in a file start from its folder, and come out absolute and clean") {
  const ConfigFile file(R"({"style":{"images":["../styles/./wave.jpg","/pictures/rain.jpg"]},
                            "data":{"path":"photos/"},
                            "generator":{"norm":"conditional_instance"},
                            "output":{"dir":"../../runs/x"}})");
  const TrainConfig config = file.load();
  CHECK(
      config.style.images ==
      std::vector<fs::path>{file.folder().parent_path() / "styles/wave.jpg", "/pictures/rain.jpg"});
  CHECK(config.data.path == file.folder() / "photos/");
  CHECK(config.data.annotations.empty());
  CHECK(config.output.dir == file.folder().parent_path().parent_path() / "runs/x");
}

TEST_CASE("The printed config reads back as the same config, from any folder") {
  TrainConfig config = ConfigFile(with(R"("loss":{"content":{"relu3_3":0.1,"relu2_2":2}})")).load();
  config.style.names = {"wave \"at\" K\xc5\x8dzu"};
  config.style.image_size = 512;
  config.data.annotations = "/coco/a.json";
  config.data.image_size = 64;
  config.data.min_scale = 0.123456789012345;
  config.data.batch_size = 3;
  config.data.workers = 5;
  config.data.prefetch = 6;
  config.data.cache = 300;
  config.data.flip = false;
  config.data.max_bad_share = 0.25;
  config.data.seed = 9007199254740991;
  config.generator.base_channels = 8;
  config.generator.output = Output::kTanh;
  config.loss.network = "/vgg19.safetensors";
  config.loss.pooling = Pooling::kAverage;
  config.loss.padding = Padding::kZero;
  config.loss.style = {{"conv4_2", 1e-30}};
  config.loss.content_weight = 1e5;
  config.loss.style_weight = 1e10;
  config.loss.tv_weight = 0;
  config.loss.tv_kind = TvKind::kSquared;
  config.loss.normalise_features = false;
  config.optimizer = {
      .learning_rate = 3e-4, .beta1 = 0, .beta2 = 0.5, .clip_norm = 1, .accumulate = 2};
  config.schedule = {.kind = ScheduleKind::kStep,
                     .warmup_steps = 10,
                     .step_every = 20,
                     .step_factor = 0.1,
                     .final_factor = 0.3,
                     .steps = 10'000'000'000,
                     .epochs = 0.5};
  config.run = {.device = "cuda:1",
                .precision = Precision::kBFloat16,
                .threads = 3,
                .log_every = 1,
                .sample_every = 0};
  const std::string text = to_json(config);
  CHECK(ConfigFile(text).load() == config);
  CHECK(to_json(ConfigFile(text).load()) == text);
}

TEST_CASE("The printed config is indented by two and ends its last line") {
  const std::string text = to_json(valid_config());
  CHECK(text.starts_with(
      "{\n  \"style\": {\n    \"images\": [\n      \"styles/wave.jpg\"\n    ],\n"));
  CHECK(text.ends_with("\n  }\n}\n"));
}

TEST_CASE("An editor's $schema is passed over at the top, and nowhere else") {
  CHECK_NOTHROW(ConfigFile(with(R"("$schema":"schema/train.schema.json")")).load());
  CHECK(ConfigFile(with(R"("run":{"$schema":"x"})")).error() ==
        "train.json: run: unknown key '$schema', expected one of 'device', 'precision', 'threads', "
        "'log_every', 'sample_every', 'checkpoint_every', 'keep', 'evaluate_every', "
        "'tensorboard'");
}

TEST_CASE("A map in the file replaces the default whole") {
  const TrainConfig config = ConfigFile(with(R"("loss":{"style":{"relu3_3":2}})")).load();
  CHECK(config.loss.style == std::map<std::string, double>{{"relu3_3", 2}});
  CHECK(config.loss.content == LossConfig().content);
}

TEST_CASE("A missing file is an IoError with the system's reason") {
  CHECK(message_of<IoError>([] { load_train_config("no/such.json"); }) ==
        "no/such.json: cannot read: No such file or directory");
}

// --- strictness -------------------------------------------------------------------------------

TEST_CASE("A syntax error gives line and column") {
  CHECK_THAT(ConfigFile("{\n  \"style\": {,\n}").error(),
             ContainsSubstring("train.json: line 2, column 13: syntax error"));
  CHECK_THAT(ConfigFile("{\n").error(),
             ContainsSubstring("train.json: line 2, column 1: syntax error"));
  CHECK_THAT(ConfigFile("").error(),
             ContainsSubstring("train.json: line 1, column 1: syntax error"));
  CHECK_THAT(ConfigFile(std::string(kSmallest) + "\n}").error(),
             ContainsSubstring("train.json: line 2, column 1: syntax error"));
  CHECK_THAT(ConfigFile(with("\"run\":{\"threads\":1e999}")).error(),
             ContainsSubstring("train.json: line 1, column 23: number overflow"));
  CHECK_THAT(ConfigFile("{ // no comments\n}").error(), ContainsSubstring("line 1, column 3"));
}

TEST_CASE("A key that stands twice is refused") {
  CHECK(ConfigFile(with(R"("run":{"threads":1,"threads":2})")).error() ==
        "train.json: the key 'threads' stands twice in one object");
}

TEST_CASE("An unknown key is named with the nearest one that is known") {
  CHECK(ConfigFile(with(R"("loss":{"style_wieght":1})")).error() ==
        "train.json: loss: unknown key 'style_wieght', did you mean 'style_weight'?");
  CHECK(ConfigFile(with(R"("optimiser":{})")).error() ==
        "train.json: unknown key 'optimiser', did you mean 'optimizer'?");
  CHECK(ConfigFile(with(R"("learning_rate":1)")).error() ==
        "train.json: unknown key 'learning_rate', did you mean 'optimizer.learning_rate'?");
  CHECK(ConfigFile(with(R"("optimizer":{"momentum":1})")).error() ==
        "train.json: optimizer: unknown key 'momentum', expected one of 'kind', "
        "'learning_rate', 'rate_scaling', 'rate_pictures', 'matrix_factor', 'beta1', 'beta2', "
        "'clip_norm', 'accumulate', 'ema', "
        "'max_skipped'");
}

TEST_CASE("A value of the wrong kind is refused, never converted") {
  const auto error = [](const std::string& member) { return ConfigFile(with(member)).error(); };
  CHECK(error(R"("run":{"threads":2.7})") ==
        "train.json: run.threads: expected an integer from 0 to 1024, found 2.7");
  CHECK(error(R"("run":{"threads":2.0})") ==
        "train.json: run.threads: expected an integer from 0 to 1024, found 2.0");
  CHECK(error(R"("run":{"threads":true})") ==
        "train.json: run.threads: expected an integer from 0 to 1024, found true");
  CHECK(error(R"("run":{"threads":"2"})") ==
        "train.json: run.threads: expected an integer from 0 to 1024, found '2'");
  CHECK(error(R"("run":{"threads":4294967297})") ==
        "train.json: run.threads: expected an integer from 0 to 1024, found 4294967297");
  CHECK(error(R"("run":{"log_every":18446744073709551615})") ==
        "train.json: run.log_every: expected an integer of at least 1, found 18446744073709551615");
  CHECK(error(R"("loss":{"style_weight":true})") ==
        "train.json: loss.style_weight: expected a number of at least 0, found true");
  CHECK(error(R"("loss":{"style_weight":null})") ==
        "train.json: loss.style_weight: expected a number of at least 0, found null");
  CHECK(error(R"("loss":{"normalise_features":0})") ==
        "train.json: loss.normalise_features: expected true or false, found 0");
  CHECK(error(R"("loss":{"network":["a"]})") ==
        "train.json: loss.network: expected a path, found a list");
  CHECK(error(R"("loss":{"content":["relu2_2"]})") ==
        "train.json: loss.content: expected an object of numbers of at least 0, found a list");
  CHECK(error(R"("loss":{"content":{"relu2_2":"1"}})") ==
        "train.json: loss.content.relu2_2: expected a number of at least 0, found '1'");
  CHECK(error(R"("loss":[])") == "train.json: loss: expected an object, found a list");
  CHECK(error(R"("schedule":{"kind":1})") ==
        "train.json: schedule.kind: expected one of 'constant', 'step', 'cosine', found 1");
  CHECK(error(R"("run":{"device":"gpu"})") ==
        "train.json: run.device: expected 'auto', 'cpu', 'cuda' or 'cuda:N', found 'gpu'");
  CHECK(ConfigFile(R"({"style":{"images":"a.jpg"}})").error() ==
        "train.json: style.images: expected a list of paths, found 'a.jpg'");
  CHECK(ConfigFile(R"({"style":{"images":["a.jpg",1]}})").error() ==
        "train.json: style.images.1: expected text, found 1");
  CHECK(ConfigFile("[]").error() == "train.json: expected an object, found a list");
}

TEST_CASE("An integer is good where a number is expected") {
  CHECK(ConfigFile(with(R"("loss":{"style_weight":3})")).load().loss.style_weight == 3);
}

TEST_CASE("An unknown name of an enum lists the names") {
  CHECK(ConfigFile(with(R"("schedule":{"kind":"cosin"})")).error() ==
        "train.json: schedule.kind: expected one of 'constant', 'step', 'cosine', found 'cosin', "
        "did you mean 'cosine'?");
  CHECK(ConfigFile(with(R"("generator":{"norm":"xyz"})")).error() ==
        "train.json: generator.norm: expected one of 'instance', 'batch', 'none', "
        "'conditional_instance', found 'xyz'");
}

TEST_CASE("A missing required field is named") {
  CHECK(ConfigFile("{}").error() ==
        "train.json: style.images: expected a list of paths, found none");
  CHECK(ConfigFile(R"({"style":{"images":["a"]}})").error() ==
        "train.json: data.path: expected a path, found none");
  CHECK(ConfigFile(R"({"style":{"images":["a"]},"data":{"path":""}})").error() ==
        "train.json: data.path: expected a path, found none");
  CHECK(ConfigFile(R"({"style":{"images":["a"]},"data":{"path":"p"}})").error() ==
        "train.json: output.dir: expected a path, found none");
  CHECK(ConfigFile(R"({"style":{"images":[]},"data":{"path":"p"}})").error() ==
        "train.json: style.images: expected a list of paths, found none");
}

// --- overrides --------------------------------------------------------------------------------

TEST_CASE("An override is read by its field's kind") {
  const TrainConfig config = ConfigFile().load({"data.batch_size=7",
                                                "data.flip=false",
                                                "loss.style_weight=1e2",
                                                "generator.output=tanh",
                                                "run.device=\"cpu\"",
                                                "style.names=[\"a=b,c\"]",
                                                "schedule.steps=5"});
  CHECK(config.data.batch_size == 7);
  CHECK_FALSE(config.data.flip);
  CHECK(config.loss.style_weight == 100);
  CHECK(config.generator.output == Output::kTanh);
  CHECK(config.run.device == "cpu");
  CHECK(config.style.names == std::vector<std::string>{"a=b,c"});
  CHECK(config.schedule.steps == 5);
}

TEST_CASE("A list of one needs no brackets, and text needs no quotes") {
  const TrainConfig config = ConfigFile().load({"style.names=great wave", "style.images=a b.jpg"});
  CHECK(config.style.names == std::vector<std::string>{"great wave"});
  CHECK(config.style.images == std::vector<fs::path>{fs::current_path() / "a b.jpg"});
  CHECK(ConfigFile().load({"style.names=x", "style.names="}).style.names.empty());
}

TEST_CASE("Paths in overrides start from the working directory") {
  const TrainConfig config = ConfigFile().load({"data.path=../here", "output.dir=/abs/dir"});
  CHECK(config.data.path == (fs::current_path() / "../here").lexically_normal());
  CHECK(config.output.dir == "/abs/dir");
  CHECK(
      ConfigFile().load({"data.annotations=a.json", "data.annotations="}).data.annotations.empty());
}

TEST_CASE("A map is overridden whole, or entry by entry") {
  CHECK(ConfigFile().load({R"(loss.content={"relu3_3":1,"relu1_1":0.5})"}).loss.content ==
        std::map<std::string, double>{{"relu3_3", 1}, {"relu1_1", 0.5}});
  CHECK(ConfigFile().load({"loss.content.relu3_3=2"}).loss.content ==
        std::map<std::string, double>{{"relu2_2", 1}, {"relu3_3", 2}});
}

TEST_CASE("A whole section may be overridden, and keeps what is not named") {
  const TrainConfig config = ConfigFile().load({R"(run={"threads":3,"log_every":2})"});
  CHECK(config.run.threads == 3);
  CHECK(config.run.log_every == 2);
  CHECK(config.run.sample_every == 500);
}

TEST_CASE("Overrides are applied in order, after the file") {
  const ConfigFile file(with(R"("run":{"threads":1})"));
  CHECK(file.load({"run.threads=2", "run.threads=3"}).run.threads == 3);
}

TEST_CASE("An override may give what the file leaves out") {
  const TrainConfig config =
      ConfigFile("{}").load({"style.images=a.jpg", "data.path=p", "output.dir=o"});
  CHECK(config.data.path == fs::current_path() / "p");
}

TEST_CASE("An error in an override names the override") {
  const auto error = [](const std::string& text) { return ConfigFile().error({text}); };
  CHECK(
      error("data.batch_size=2.7") ==
      "--set data.batch_size=2.7: data.batch_size: expected an integer from 1 to 4096, found 2.7");
  CHECK(error("data.batch_size=many") ==
        "--set data.batch_size=many: data.batch_size: expected an integer from 1 to 4096, found "
        "'many'");
  CHECK(error("data.batch_size=") ==
        "--set data.batch_size=: data.batch_size: expected an integer from 1 to 4096, found ''");
  CHECK(error("data.batchsize=4") ==
        "--set data.batchsize=4: data: unknown key 'batchsize', did you mean 'batch_size'?");
  CHECK(error("batch_size=4") ==
        "--set batch_size=4: unknown key 'batch_size', did you mean 'data.batch_size'?");
  CHECK(error("data.flip=yes") ==
        "--set data.flip=yes: data.flip: expected true or false, found 'yes'");
  CHECK(
      error("generator.norm=instnce") ==
      "--set generator.norm=instnce: generator.norm: expected one of 'instance', 'batch', 'none', "
      "'conditional_instance', found 'instnce', did you mean 'instance'?");
  CHECK(error("loss.content.relu2_2=-1") ==
        "--set loss.content.relu2_2=-1: loss.content.relu2_2: expected a number of at least 0, "
        "found -1");
  CHECK(error(R"(loss={"style":{"a":"b"}})") ==
        R"(--set loss={"style":{"a":"b"}}: )"
        "loss.style.a: expected a number of at least 0, found 'b'");
  CHECK(error("style.names=[1]") == "--set style.names=[1]: style.names.0: expected text, found 1");
  CHECK(error("style.names=[\"a\"") ==
        "--set style.names=[\"a\": style.names: expected a list of texts, found '[\"a\"'");
  CHECK(error("data.path.x=1") ==
        "--set data.path.x=1: 'data.path' is a path and has no keys of its own");
  CHECK(error("data=3") == "--set data=3: data: expected an object, found 3");
}

TEST_CASE("A long value is cut in a message, between characters") {
  std::string name = "x";
  for (int i = 0; i < 40; ++i) name += "\xc3\xbc";
  CHECK_THAT(ConfigFile().error({"schedule.kind=" + name}),
             ContainsSubstring("found '" + name.substr(0, 59) + "...'"));
}

TEST_CASE("An override without key or value is refused") {
  for (const std::string text : {"data.batch_size", "=3", "", "data.=3"}) {
    CHECK(ConfigFile().error({text}) == "--set " + text + ": expected key=value");
  }
  CHECK_THAT(ConfigFile().error({".data=3"}), ContainsSubstring("unknown key ''"));
  CHECK_THAT(ConfigFile().error({"data..path=3"}), ContainsSubstring("data: unknown key ''"));
}

TEST_CASE("Text that is not UTF-8 cannot be printed as JSON") {
  TrainConfig config = valid_config();
  config.data.path = "\xff";
  CHECK(message_of<ConfigError>([&] { (void)to_json(config); }) ==
        "training config: expected text in UTF-8, found other bytes");
}

// --- what makes no sense ----------------------------------------------------------------------

TEST_CASE("Left out, the number of styles follows the style images") {
  const std::string rest =
      R"(,"data":{"path":"p"},"output":{"dir":"o"},"style":{"images":["a","b"]}})";
  CHECK(ConfigFile(R"({"generator":{"norm":"conditional_instance"})" + rest)
            .load()
            .generator.styles == 2);
  CHECK(ConfigFile(R"({"generator":{"norm":"conditional_instance","styles":2})" + rest)
            .load()
            .generator.styles == 2);
  CHECK(ConfigFile(R"({"generator":{"norm":"conditional_instance","styles":1})" + rest).error() ==
        "train.json: generator.styles: expected 2, one for each of style.images, found 1");
  CHECK(ConfigFile(R"({"generator":{"norm":"instance"})" + rest).error() ==
        "train.json: generator.norm: expected 'conditional_instance' for the 2 pictures of "
        "style.images");
  CHECK(ConfigFile(kSmallest).load({"generator.norm=conditional_instance"}).generator.styles == 1);
}

TEST_CASE("A config made in code is checked like a file") {
  CHECK_NOTHROW(valid_config().validate());
  CHECK(error_of(TrainConfig()) == "style.images: expected a list of paths, found none");
  TrainConfig config = valid_config();
  config.generator.styles = 3;
  CHECK(error_of(config) == "generator.styles: expected 1, one for each of style.images, found 3");
  config.generator = {.upsample = Upsample::kTransposed, .block = Block::kDepthwiseSeparable};
  CHECK_THAT(error_of(config), ContainsSubstring("generator.upsample: expected 'nearest_conv'"));
  config = valid_config();
  config.style.images = {""};
  CHECK(error_of(config) == "style.images: expected a list of paths, found an empty entry at 0");
}

TEST_CASE("Changes are listed field by field, with what a resumed run may change") {
  const TrainConfig before = valid_config();
  TrainConfig after = before;
  after.data.workers = 7;
  after.optimizer.learning_rate = 0.5;
  after.loss.style = {{"relu1_1", 2.0}};
  after.schedule.steps = 99;
  after.style.images = {"/elsewhere/wave.jpg"};
  const auto changes = config_changes(before, after);
  REQUIRE(changes.size() == 5);
  CHECK(changes[0].field == "style.images");
  CHECK(changes[0].after == R"(["/elsewhere/wave.jpg"])");
  CHECK(changes[0].resumable);
  CHECK(changes[1].field == "data.workers");
  CHECK(changes[1].before == "2");
  CHECK(changes[1].after == "7");
  CHECK(changes[1].resumable);
  CHECK(changes[2].field == "loss.style");
  CHECK(changes[2].after == R"({"relu1_1":2.0})");
  CHECK_FALSE(changes[2].resumable);
  CHECK_FALSE(changes[3].resumable);  // optimizer.learning_rate
  CHECK(changes[4].field == "schedule.steps");
  CHECK_FALSE(changes[4].resumable);  // the cosine would take another way to its end
  CHECK(config_changes(before, before).empty());

  after.schedule.kind = ScheduleKind::kConstant;
  TrainConfig constant = before;
  constant.schedule.kind = ScheduleKind::kConstant;
  CHECK(config_changes(constant, after).back().resumable);
}

TEST_CASE("The shape of a model to start from stands in for what is not given") {
  GeneratorConfig initial;
  initial.base_channels = 12;
  initial.norm = Norm::kConditionalInstance;
  initial.styles = 3;
  const auto load = [&](const std::string& member, const std::vector<std::string>& overrides) {
    const ConfigFile file(with(member));
    return load_train_config(file.folder() / "train.json", overrides, &initial);
  };
  const std::string three = R"("init":{"from":"m.safetensors"})";
  const std::string images = R"(style.images=["a.jpg","b.jpg","c.jpg"])";
  CHECK(load(three, {images}).generator == initial);
  const auto added = load(R"("init":{"from":"m.safetensors","add_styles":true})", {});
  CHECK(added.generator.styles == 4);
  CHECK(added.generator.base_channels == 12);
  CHECK_THAT(message_of<ConfigError>([&] {
               load(three, {images, "generator.base_channels=13"});
             }),
             ContainsSubstring("generator.base_channels: expected 12 as in the model ") &&
                 ContainsSubstring("m.safetensors, found 13"));
  CHECK_THAT(message_of<ConfigError>([&] { load(three, {}); }),
             ContainsSubstring("generator.styles: expected 3 as in the model"));
}

TEST_CASE("Styles are added to a model that keeps several") {
  TrainConfig config = valid_config();
  config.init.add_styles = true;
  CHECK_THAT(message_of<ConfigError>([&] { config.validate(); }),
             ContainsSubstring("generator.styles: expected more than the 1"));
  config.generator.norm = Norm::kConditionalInstance;
  config.generator.styles = 2;
  CHECK_THAT(message_of<ConfigError>([&] { config.validate(); }),
             ContainsSubstring("init.add_styles: expected a model in init.from"));
  config.init.from = "m.safetensors";
  CHECK_NOTHROW(config.validate());
}

TEST_CASE("A printed config is read back from its text") {
  TrainConfig config = valid_config();
  config.optimizer.learning_rate = 0.1 + 0.2;
  config.style.images = {"/p/wave.jpg"};
  for (auto* path : {&config.data.path, &config.loss.network, &config.output.dir}) *path = "/x";
  CHECK(train_config_from_json(to_json(config), "here") == config);
  CHECK_THAT(message_of<ConfigError>([&] { train_config_from_json("{}", "here"); }),
             ContainsSubstring("here: style.images"));
}

TEST_CASE("Each style has a name of its own") {
  TrainConfig config = valid_config();
  CHECK(config.style.effective_names() == std::vector<std::string>{"wave"});
  config.style.names = {"one", "two"};
  CHECK(error_of(config) == "style.names: expected 1, one for each of style.images, found 2");
  config.generator.norm = Norm::kConditionalInstance;
  config.generator.styles = 2;
  config.style.images = {"a/wave.jpg", "b/wave.png"};
  CHECK_NOTHROW(config.validate());
  CHECK(config.style.effective_names() == std::vector<std::string>{"one", "two"});
  config.style.names = {"one", "one"};
  CHECK(error_of(config) == "style.names: expected different names, found 'one' twice");
  config.style.names = {"one", ""};
  CHECK(error_of(config) == "style.names: expected a list of texts, found an empty entry at 1");
  config.style.names.clear();
  CHECK(error_of(config) ==
        "style.images: two files are called 'wave', give style.names to tell them apart");
}

TEST_CASE("A loss term that counts needs a layer") {
  TrainConfig config = valid_config();
  config.loss.style.clear();
  CHECK(
      error_of(config) ==
      "loss.style: expected a layer with a weight above 0, found none; set loss.style_weight to 0 "
      "to train without");
  config.loss.style_weight = 0;
  CHECK_NOTHROW(config.validate());
  config.loss.content = {{"relu2_2", 0.0}};
  CHECK(error_of(config) ==
        "loss.content: expected a layer with a weight above 0, found none; set loss.content_weight "
        "to 0 to train without");
  config.loss.content_weight = 0;
  CHECK(error_of(config) ==
        "loss: expected content_weight or style_weight above 0, found both 0: nothing to learn");
}

TEST_CASE("Weights are finite and not negative") {
  TrainConfig config = valid_config();
  config.loss.tv_weight = std::numeric_limits<double>::infinity();
  CHECK_THAT(error_of(config),
             ContainsSubstring("loss.tv_weight: expected a number of at least 0"));
  config.loss.tv_weight = std::nan("");
  CHECK_THAT(error_of(config),
             ContainsSubstring("loss.tv_weight: expected a number of at least 0"));
  config.loss.tv_weight = 0;
  config.loss.content["relu2_2"] = -0.5;
  CHECK(error_of(config) ==
        "loss.content.relu2_2: expected an object of numbers of at least 0, found -0.5");
}

TEST_CASE("A run has a length, and its warm-up fits in") {
  TrainConfig config = valid_config();
  config.schedule.epochs = 0;
  CHECK(error_of(config) == "schedule: expected steps or epochs above 0, found both 0");
  config.schedule.steps = 10;
  config.schedule.warmup_steps = 10;
  CHECK(error_of(config) ==
        "schedule.warmup_steps: expected fewer than the 10 of schedule.steps, found 10");
  config.schedule.warmup_steps = 9;
  CHECK_NOTHROW(config.validate());
}

TEST_CASE("Numbers keep to their ranges, ends included or not as documented") {
  const auto error = [](const std::string& text) { return ConfigFile().error({text}); };
  const auto fits = [](const std::string& text) { CHECK_NOTHROW(ConfigFile().load({text})); };
  fits("data.image_size=32");
  CHECK_THAT(error("data.image_size=31"), ContainsSubstring("an integer from 32 to 4096"));
  fits("data.min_scale=1");
  CHECK_THAT(error("data.min_scale=0"), ContainsSubstring("a number above 0 and at most 1"));
  fits("optimizer.beta1=0");
  CHECK_THAT(error("optimizer.beta2=1"), ContainsSubstring("a number of at least 0 and below 1"));
  CHECK_THAT(error("optimizer.learning_rate=0"), ContainsSubstring("a number above 0"));
  CHECK_THAT(error("optimizer.accumulate=0"), ContainsSubstring("an integer from 1 to 4096"));
  fits("schedule.final_factor=1");
  CHECK_THAT(error("schedule.final_factor=1.01"), ContainsSubstring("a number from 0 to 1"));
  fits("data.seed=0");
  CHECK_THAT(error("data.seed=-1"), ContainsSubstring("an integer from 0 to 9007199254740991"));
  fits("run.device=cuda:12");
  CHECK_THAT(error("run.device=cuda:"), ContainsSubstring("'auto', 'cpu', 'cuda' or 'cuda:N'"));
}

}  // namespace
}  // namespace impasto
