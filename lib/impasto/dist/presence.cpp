#include "impasto/dist/presence.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "impasto/base/text.h"

namespace impasto {
namespace {

using Clock = std::chrono::steady_clock;
using StorePointer = c10::intrusive_ptr<c10d::Store>;

constexpr std::chrono::milliseconds kHeartbeat(500);

// A process that is starved of the processor may miss some.
constexpr int kMissedHeartbeats = 6;

// How long the store has to answer.
constexpr std::chrono::seconds kAnswer(2);

// How long the others have to end before the store does.
constexpr std::chrono::seconds kFarewell(5);

// How a process ended. What follows kFailed is why.
constexpr const char* kDone = "done";
constexpr const char* kGaveUp = "gave up";  // for the loss of another
constexpr const char* kFailed = "failed: ";

std::string key(const char* what, int rank) { return std::string(what) + std::to_string(rank); }

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// What `call` returns; nothing where it throws, or does not return in time and goes on by itself.
// It owns what it uses.
template <class Result>
std::optional<Result> answer_within(Clock::duration time, std::function<Result()> call) {
  std::packaged_task<Result()> task(std::move(call));
  std::future<Result> answer = task.get_future();
  std::thread(std::move(task)).detach();
  if (answer.wait_for(time) != std::future_status::ready) return std::nullopt;
  try {
    return answer.get();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

/// Counts, in a thread of its own, until it is stopped or the store is gone.
class Presence::Heartbeat : public std::enable_shared_from_this<Heartbeat> {
 public:
  Heartbeat(StorePointer store, int rank) : store_(std::move(store)), rank_(rank) {}

  void start() {
    store_->add(key("beat/", rank_), 1);
    std::thread([self = shared_from_this()] { self->run(); }).detach();
  }

  /// Returns when the thread has ended, or hangs in a call to the store.
  void stop() {
    std::unique_lock lock(mutex_);
    stop_ = true;
    wake_.notify_all();
    wake_.wait_for(lock, kAnswer, [this] { return ended_; });
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      lock.unlock();
      const bool alive = beat();
      lock.lock();
      if (!alive) break;
      wake_.wait_for(lock, kHeartbeat, [this] { return stop_; });
    }
    ended_ = true;
    wake_.notify_all();
  }

  bool beat() {
    try {
      store_->add(key("beat/", rank_), 1);
      return true;
    } catch (const std::exception&) {
      return false;  // Whoever asks for the others finds out.
    }
  }

  const StorePointer store_;
  const int rank_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool stop_ = false;
  bool ended_ = false;
};

/// What the store knows of all processes. A call waits for the one before, which may hang.
class Presence::Register {
 public:
  Register(StorePointer store, const LaunchEnvironment& launch)
      : store_(std::move(store)), launch_(launch) {
    store_->set(key("host/", launch_.rank), host_name());
  }

  /// The first word counts.
  bool say_end(const std::string& how) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(has_ended_, true)) store_->set(key("end/", launch_.rank), how);
    return true;
  }

  /// find_lost, where the store answers. An empty text: all are well.
  std::string watch() {
    const std::lock_guard lock(mutex_);
    const auto before = heartbeats();
    for (int beat = 0; beat < kMissedHeartbeats; ++beat) {
      for (int rank = 0; rank < launch_.size; ++rank) {
        const std::string failure = failure_of(rank);
        if (!failure.empty()) return failure;
      }
      std::this_thread::sleep_for(kHeartbeat);
    }
    std::vector<std::string> names;
    for (const auto& [rank, beat] : heartbeats()) {
      const auto earlier = before.find(rank);
      if (earlier == before.end() || earlier->second != beat) continue;
      lost_.insert(rank);
      names.push_back(describe(rank));
    }
    if (names.empty()) return "";
    return join(names) + (names.size() == 1 ? " was" : " were") +
           " lost: killed, or cut off from the network";
  }

  bool wait_for_others() {
    const std::lock_guard lock(mutex_);
    const auto end = Clock::now() + kFarewell;
    for (int rank = 0; rank < launch_.size; ++rank) {
      while (!lost_.contains(rank) && !has_ended(rank)) {
        if (Clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    return true;
  }

 private:
  bool has_ended(int rank) { return store_->check({key("end/", rank)}); }

  std::string describe(int rank) {
    return "process " + std::to_string(rank) + " on " + store_->get_to_str(key("host/", rank));
  }

  // "" unless it has failed by itself.
  std::string failure_of(int rank) {
    if (rank == launch_.rank || !has_ended(rank)) return "";
    const std::string how = store_->get_to_str(key("end/", rank));
    if (!how.starts_with(kFailed)) return "";
    return describe(rank) + " failed: " + how.substr(std::string(kFailed).size());
  }

  // Of the others that have not ended.
  std::map<int, std::string> heartbeats() {
    std::map<int, std::string> beats;
    for (int rank = 0; rank < launch_.size; ++rank) {
      if (rank == launch_.rank || has_ended(rank)) continue;
      beats[rank] = store_->get_to_str(key("beat/", rank));
    }
    return beats;
  }

  const StorePointer store_;
  const LaunchEnvironment launch_;
  std::mutex mutex_;  // guards what follows
  bool has_ended_ = false;
  std::set<int> lost_;  // whom not to wait for
};

Presence::Presence(c10d::Store& store, const LaunchEnvironment& launch)
    : launch_(launch),
      heartbeat_(std::make_shared<Heartbeat>(store.clone(), launch.rank)),
      register_(std::make_shared<Register>(store.clone(), launch)) {
  heartbeat_->start();
}

Presence::~Presence() {
  heartbeat_->stop();
  const bool serves = launch_.rank == 0 && !launch_.launcher_listens;
  answer_within<bool>(kFarewell + kAnswer, [entries = register_, serves] {
    entries->say_end(kDone);
    return !serves || entries->wait_for_others();
  });
}

void Presence::say_failed(const std::string& reason) {
  answer_within<bool>(kAnswer,
                      [entries = register_, reason] { return entries->say_end(kFailed + reason); });
}

std::optional<std::string> Presence::find_lost() {
  const auto lost = answer_within<std::string>(kMissedHeartbeats * kHeartbeat + kAnswer,
                                               [entries = register_] { return entries->watch(); });
  if (!lost) {
    return (launch_.launcher_listens ? std::string("the launcher") : std::string("process 0")) +
           " at " + launch_.master_address + ", port " + std::to_string(launch_.master_port) +
           " was lost: killed, or cut off from the network";
  }
  if (lost->empty()) return std::nullopt;
  answer_within<bool>(kAnswer, [entries = register_] { return entries->say_end(kGaveUp); });
  return *lost;
}

}  // namespace impasto
