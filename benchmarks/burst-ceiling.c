// How many deliveries a second can the load client of docs/reference/performance.md take at all?
//
//   gcc -O2 -o burst-ceiling benchmarks/burst-ceiling.c && ./burst-ceiling PORT
//
// A target of the load generator that does nothing but send: one thread frames the messages once, as EventStream does (a position as the id,
// one chunk of HTTP/1.1 for each), and then sends blocks of 64 KB to whichever subscriber takes them.
//   GET  /NAME-fan                subscribes
//   POST /NAME-pub?n=N&size=SIZE  sends N messages of SIZE bytes to all subscribers as fast as they take them, and closes their connections
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 20000, BLOCK = 64 * 1024, LONGEST_FRAME = 128 };

static struct { int fd; size_t sent; } subscribers[MOST];
static int count;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int argument(const char *request, const char *name) {
  const char *found = strstr(request, name);
  return found ? atoi(found + strlen(name)) : 0;
}

// The load client reads the time at the start of the data.
static size_t frame(char *all, int messages, int size) {
  size_t length = 0;
  char *text = malloc(size + LONGEST_FRAME);
  for (int i = 0; i < messages; i++) {
    int n = sprintf(text, "id: aBcDeFgHiJk.%d\ndata: ts=%lu;", i, (unsigned long)now());
    for (int x = 24; x < size; x++) text[n++] = 'x';
    length += sprintf(all + length, "%x\r\n%.*s\n\n\r\n", n + 2, n, text);
  }
  free(text);
  return length;
}

static void broadcast(int messages, int size) {
  char *all = malloc((size_t)messages * (size + LONGEST_FRAME));
  size_t length = frame(all, messages, size);
  int epoll = epoll_create1(0), left = count;
  struct epoll_event event = {.events = EPOLLOUT}, ready[1024];
  for (int i = 0; i < count; i++) {
    event.data.u32 = i;
    epoll_ctl(epoll, EPOLL_CTL_ADD, subscribers[i].fd, &event);
  }
  while (left > 0) {
    int n = epoll_wait(epoll, ready, 1024, -1);
    for (int k = 0; k < n; k++) {
      int i = ready[k].data.u32;
      size_t rest = length - subscribers[i].sent;
      ssize_t sent = send(subscribers[i].fd, all + subscribers[i].sent, rest < BLOCK ? rest : BLOCK, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) subscribers[i].sent += sent;
      if (subscribers[i].sent < length && (sent > 0 || errno == EAGAIN)) continue;
      epoll_ctl(epoll, EPOLL_CTL_DEL, subscribers[i].fd, 0);
      left--;
    }
  }
  for (int i = 0; i < count; i++) close(subscribers[i].fd);
  count = 0;
  close(epoll);
  free(all);
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: burst-ceiling PORT\n"), 2;
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) return perror("burst-ceiling"), 1;
  for (;;) {
    char request[4096];
    int client = accept(listener, 0, 0);
    ssize_t read = recv(client, request, sizeof request - 1, 0);
    request[read > 0 ? read : 0] = 0;
    const char *head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (strncmp(request, "GET ", 4) == 0 && count < MOST) {
      send(client, head, strlen(head), MSG_NOSIGNAL);
      subscribers[count].sent = 0;
      subscribers[count++].fd = client;
      continue;
    }
    broadcast(argument(request, "n="), argument(request, "size="));
    close(client);
  }
}
