#include "impasto/dist/local_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "impasto/base/error.h"

namespace impasto {
namespace {

// Where it would send from. Connecting a datagram socket sends nothing.
std::string source_of_datagrams(const addrinfo& target) {
  const int socket_id = socket(target.ai_family, SOCK_DGRAM, 0);
  if (socket_id < 0) return "";
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  auto* const address = reinterpret_cast<sockaddr*>(&own);
  const bool found = connect(socket_id, target.ai_addr, target.ai_addrlen) == 0 &&
                     getsockname(socket_id, address, &length) == 0;
  close(socket_id);
  char text[NI_MAXHOST] = "";
  if (found) getnameinfo(address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

}  // namespace

std::string local_address_towards(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int failure = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (failure != 0) {
    throw IoError("MASTER_ADDR: " + host + ": expected a host, found: " + gai_strerror(failure));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
  for (const addrinfo* target = list; target != nullptr; target = target->ai_next) {
    const std::string address = source_of_datagrams(*target);
    if (!address.empty()) return address;
  }
  throw IoError("MASTER_ADDR: " + host +
                ": no network of this host leads there: " + std::strerror(errno));
}

}  // namespace impasto
