/* serve.h - shows one page to browsers of this machine, or of one that forwards a port to it.
 *
 * The server listens on the loopback address alone and answers GET and HEAD of one path, which
 * holds a random token: nobody else on the machine can guess it. Every other request gets 404.
 */
#ifndef PYPROF_SERVE_H
#define PYPROF_SERVE_H

#include <stddef.h>
#include <stdint.h>

#include "pyprof/error.h"

#define PP_SERVE_TOKEN 32 /* letters of a token: 128 bits */

typedef struct pp_server {
  int descriptor; /* -1: closed */
  uint16_t port;
  char token[PP_SERVE_TOKEN + 1];
} pp_server;

/* Begins to listen on this port; 0: on any that is free. */
pp_code pp_serve_open(uint16_t port, pp_server *server, pp_error *error);
/* Answers requests for http://127.0.0.1:PORT/TOKEN with the page, until SIGINT, SIGTERM or SIGHUP
 * comes: these signals then have no other effect. */
pp_code pp_serve_run(const pp_server *server, const char *page, size_t length, pp_error *error);
void pp_serve_close(pp_server *server); /* twice is fine */

#endif
