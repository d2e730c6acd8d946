#include "pyprof/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pyprof/system.h"

#define CLIENTS 32      /* at once; browsers open connections that they may never use */
#define REQUEST 4096    /* bytes of a request's head */
#define PATIENCE 10.0   /* seconds until a client without progress is given up */
#define TICK 1000       /* milliseconds between two looks for such clients */

typedef struct visitor {
  int descriptor; /* -1: none */
  bool answering;
  double since;   /* its last progress */
  char head[512]; /* of the answer */
  char request[REQUEST];
  size_t got, head_length, body_length, sent;
} visitor;

static pp_code make_token(char token[PP_SERVE_TOKEN + 1], pp_error *error) {
  unsigned char bytes[PP_SERVE_TOKEN / 2];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
    return pp_error_system(error, "no random bytes", errno);
  }
  for (size_t i = 0; i < sizeof bytes; i++) snprintf(token + 2 * i, 3, "%02x", bytes[i]);
  return PP_OK;
}

pp_code pp_serve_open(uint16_t port, pp_server *server, pp_error *error) {
  *server = (pp_server){.descriptor = -1};
  pp_code code = make_token(server->token, error);
  if (code != PP_OK) return code;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int on = 1, made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made >= 0 && setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(made, (struct sockaddr *)&address, length) == 0 && listen(made, CLIENTS) == 0 &&
      getsockname(made, (struct sockaddr *)&address, &length) == 0) {
    server->descriptor = made;
    server->port = ntohs(address.sin_port);
    return PP_OK;
  }
  code = pp_error_system(error, "cannot listen on the loopback address", errno);
  if (made >= 0) close(made);
  return code;
}

void pp_serve_close(pp_server *server) {
  if (server->descriptor >= 0) close(server->descriptor);
  server->descriptor = -1;
}

static void end_client(visitor *client) {
  close(client->descriptor);
  client->descriptor = -1;
}

static void begin_answer(const pp_server *server, size_t length, visitor *client) {
  char wanted[PP_SERVE_TOKEN + 8];
  bool found = false, head_alone = strncmp(client->request, "HEAD ", 5) == 0;
  const char *path = strchr(client->request, ' ');
  if (path != NULL && (head_alone || strncmp(client->request, "GET ", 4) == 0)) {
    int size = snprintf(wanted, sizeof wanted, " /%s ", server->token);
    found = strncmp(path, wanted, (size_t)size) == 0;
  }
  const char *missing = "not found\n";
  size_t body = found ? length : strlen(missing);
  client->head_length = (size_t)snprintf(client->head, sizeof client->head,
    "HTTP/1.0 %s\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Length: %zu\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s",
    found ? "200 OK" : "404 Not Found", found ? "html" : "plain", body,
    found || head_alone ? "" : missing);
  client->body_length = found && !head_alone ? length : 0;
  client->answering = true;
}

/* Reads more of the request; its end begins the answer. */
static void receive(const pp_server *server, size_t length, visitor *client) {
  ssize_t got = recv(client->descriptor, client->request + client->got,
                     sizeof client->request - 1 - client->got, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    end_client(client);
    return;
  }
  client->since = pp_clock_now();
  client->got += (size_t)got;
  client->request[client->got] = '\0';
  bool whole = strstr(client->request, "\r\n\r\n") != NULL ||
               strstr(client->request, "\n\n") != NULL;
  if (whole || client->got == sizeof client->request - 1) begin_answer(server, length, client);
}

static void answer(const char *page, visitor *client) {
  size_t head_left = client->sent < client->head_length ? client->head_length - client->sent : 0;
  const char *from = head_left > 0 ? client->head + client->sent
                                   : page + (client->sent - client->head_length);
  size_t left = head_left > 0 ? head_left
                              : client->head_length + client->body_length - client->sent;
  ssize_t put = left == 0 ? 0 : send(client->descriptor, from, left, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (put > 0) {
    client->sent += (size_t)put;
    client->since = pp_clock_now();
  }
  if (put < 0 || client->sent == client->head_length + client->body_length) {
    end_client(client);
  }
}

static void accept_client(const pp_server *server, visitor *clients) {
  int made = accept4(server->descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (made < 0) return;
  visitor *oldest = clients;
  for (int i = 0; i < CLIENTS; i++) {
    if (clients[i].descriptor < 0) {
      oldest = &clients[i];
      break;
    }
    if (clients[i].since < oldest->since) oldest = &clients[i];
  }
  if (oldest->descriptor >= 0) end_client(oldest);
  oldest->descriptor = made;
  oldest->since = pp_clock_now();
  oldest->got = oldest->head_length = oldest->body_length = oldest->sent = 0;
  oldest->answering = false;
}

static void serve_clients(const pp_server *server, const char *page, size_t length,
                          const struct pollfd *polled, visitor *clients) {
  for (int i = 0; i < CLIENTS; i++) {
    visitor *it = &clients[i];
    if (it->descriptor < 0) continue;
    if (polled[i].fd == it->descriptor && polled[i].revents != 0) {
      if (it->answering) answer(page, it);
      else receive(server, length, it);
    } else if (pp_clock_now() - it->since > PATIENCE) {
      end_client(it);
    }
  }
}

pp_code pp_serve_run(const pp_server *server, const char *page, size_t length, pp_error *error) {
  static visitor clients[CLIENTS];
  struct pollfd polled[CLIENTS + 2];
  sigset_t ends, before;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ends, &before);
  int signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
  pp_code code = signals >= 0 ? PP_OK : pp_error_system(error, "signalfd", errno);
  for (int i = 0; i < CLIENTS; i++) clients[i].descriptor = -1;
  bool ended = code != PP_OK;
  while (!ended) {
    for (int i = 0; i < CLIENTS; i++) {
      polled[i] = (struct pollfd){.fd = clients[i].descriptor,
                                  .events = clients[i].answering ? POLLOUT : POLLIN};
    }
    polled[CLIENTS] = (struct pollfd){.fd = server->descriptor, .events = POLLIN};
    polled[CLIENTS + 1] = (struct pollfd){.fd = signals, .events = POLLIN};
    if (poll(polled, CLIENTS + 2, TICK) < 0 && errno != EINTR) {
      code = pp_error_system(error, "poll", errno);
      ended = true;
    } else {
      struct signalfd_siginfo info;
      ended = read(signals, &info, sizeof info) == (ssize_t)sizeof info;
      serve_clients(server, page, length, polled, clients);
      if (polled[CLIENTS].revents != 0) accept_client(server, clients);
    }
  }
  for (int i = 0; i < CLIENTS; i++) {
    if (clients[i].descriptor >= 0) end_client(&clients[i]);
  }
  if (signals >= 0) close(signals);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}
