#include "pyprof/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "pyprof/utf8.h"

#define STAGE PP_BLOCK(65536)
#define SLICE 50 /* milliseconds between two checks for ^C */

typedef enum encoding { UNKNOWN, UTF8, UTF16_LE, UTF16_BE } encoding;

struct pp_input {
  const pp_control *control;
  const char *path; /* the caller's */
  int fd;
  bool owned;   /* we close the descriptor */
  bool waits;   /* it is no regular file, and nothing came yet */
  bool probed;  /* the first bytes were checked for gzip */
  bool ended;   /* the file has no more bytes */
  bool gzip, inflating, in_member;
  encoding encoding;
  uint64_t consumed, total;
  z_stream stream;
  size_t raw_at, raw_end;   /* the unread bytes of the file in raw */
  size_t text_at, text_end; /* the unread unpacked bytes in text (UTF-16, and the first ones) */
  size_t head_at, head_end; /* the text that pp_input_head read ahead */
  unsigned char raw[STAGE];
  unsigned char text[STAGE];
  char head[PP_INPUT_HEAD];
};

pp_code pp_input_open(const char *path, const pp_control *control, pp_input **input,
                      pp_error *error) {
  *input = NULL;
  pp_input *in = calloc(1, sizeof *in);
  if (in == NULL) return pp_error_memory(error);
  in->control = control;
  in->owned = strcmp(path, "-") != 0;
  in->path = path;
  struct stat status;
  bool fifo = in->owned && stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
  /* A blocking open would wait for the FIFO's writer without checking for ^C. */
  in->fd = in->owned ? open(path, O_RDONLY | O_CLOEXEC | (fifo ? O_NONBLOCK : 0)) : STDIN_FILENO;
  if (in->fd < 0 || fstat(in->fd, &status) != 0) {
    pp_error_system(error, NULL, errno);
    pp_input_close(in);
    return PP_SYSTEM;
  }
  if (S_ISREG(status.st_mode)) in->total = (uint64_t)status.st_size;
  else in->waits = true;
  *input = in;
  return PP_OK;
}

void pp_input_close(pp_input *input) {
  if (input == NULL) return;
  if (input->owned && input->fd >= 0) close(input->fd);
  if (input->inflating) inflateEnd(&input->stream);
  free(input);
}

/* Waits until there is something to read; calls `waiting` after a second. */
static pp_code wait_first(pp_input *in, pp_error *error) {
  struct pollfd polled = {.fd = in->fd, .events = POLLIN};
  for (int slices = 0; poll(&polled, 1, SLICE) <= 0; slices++) {
    if (pp_control_cancelled(in->control)) return pp_error_set(error, PP_CANCELLED, "cancelled");
    bool late = slices == 1000 / SLICE;
    if (late && in->control != NULL && in->control->waiting != NULL) in->control->waiting(in->path);
  }
  in->waits = false;
  int flags = fcntl(in->fd, F_GETFL);
  if (in->owned && flags >= 0) fcntl(in->fd, F_SETFL, flags & ~O_NONBLOCK);
  return PP_OK;
}

/* Reads bytes of the file as they are. */
static pp_code read_file(pp_input *in, unsigned char *to, size_t room, size_t *got,
                         pp_error *error) {
  *got = 0;
  if (in->waits) {
    pp_code code = wait_first(in, error);
    if (code != PP_OK) return code;
  }
  while (!in->ended) {
    if (pp_control_cancelled(in->control)) {
      return pp_error_set(error, PP_CANCELLED, "cancelled");
    }
    ssize_t count = read(in->fd, to, room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return pp_error_system(error, NULL, errno);
    if (count == 0) {
      in->ended = true;
      break;
    }
    *got = (size_t)count;
    in->consumed += *got;
    const pp_control *control = in->control;
    if (control != NULL && control->progress != NULL) {
      control->progress(control->data, in->consumed, in->total);
    }
    break;
  }
  return PP_OK;
}

static pp_code fill_raw(pp_input *in, pp_error *error) {
  if (in->raw_at == in->raw_end) in->raw_at = in->raw_end = 0;
  size_t got;
  pp_code code = read_file(in, in->raw + in->raw_end, STAGE - in->raw_end, &got, error);
  in->raw_end += got;
  return code;
}

/* Is it gzip? Two bytes decide, and a pipe may give them one by one. */
static pp_code probe(pp_input *in, pp_error *error) {
  while (in->raw_end < 2 && !in->ended) {
    pp_code code = fill_raw(in, error);
    if (code != PP_OK) return code;
  }
  in->probed = true;
  in->gzip = in->raw_end >= 2 && in->raw[0] == 0x1f && in->raw[1] == 0x8b;
  if (!in->gzip) return PP_OK;
  if (inflateInit2(&in->stream, 15 + 16) != Z_OK) return pp_error_memory(error);
  in->inflating = true;
  in->in_member = true;
  return PP_OK;
}

static pp_code broken_gzip(const pp_input *in, pp_error *error, const char *what) {
  uint64_t offset = in->consumed - (in->raw_end - in->raw_at);
  return pp_error_set(error, PP_FORMAT, "gzip, byte %llu: %s", (unsigned long long)offset, what);
}

/* A member is followed by another, by zero bytes (tapes pad with them), or by the end. */
static pp_code next_member(pp_input *in, bool *another, pp_error *error) {
  *another = false;
  for (;;) {
    while (in->raw_at < in->raw_end && in->raw[in->raw_at] == 0) in->raw_at++;
    if (in->raw_at < in->raw_end) break;
    if (in->ended) return PP_OK;
    pp_code code = fill_raw(in, error);
    if (code != PP_OK) return code;
  }
  if (in->raw[in->raw_at] != 0x1f) return broken_gzip(in, error, "garbage after the data");
  inflateReset(&in->stream);
  in->in_member = *another = true;
  return PP_OK;
}

static pp_code read_gzip(pp_input *in, unsigned char *to, size_t room, size_t *got,
                         pp_error *error) {
  *got = 0;
  z_stream *z = &in->stream;
  if (room > 1u << 30) room = 1u << 30;
  while (*got == 0) {
    pp_code code = PP_OK;
    if (!in->in_member) {
      bool another;
      code = next_member(in, &another, error);
      if (code != PP_OK || !another) return code;
    }
    if (in->raw_at == in->raw_end) code = fill_raw(in, error);
    if (code != PP_OK) return code;
    if (in->raw_at == in->raw_end) return broken_gzip(in, error, "the data is cut off");
    z->next_in = in->raw + in->raw_at;
    z->avail_in = (uInt)(in->raw_end - in->raw_at);
    z->next_out = to;
    z->avail_out = (uInt)room;
    int result = inflate(z, Z_NO_FLUSH);
    in->raw_at = in->raw_end - z->avail_in;
    *got = room - z->avail_out;
    if (result == Z_STREAM_END) in->in_member = false;
    if (result == Z_MEM_ERROR) return pp_error_memory(error);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return broken_gzip(in, error, z->msg != NULL ? z->msg : "the data is broken");
    }
  }
  return PP_OK;
}

/* Reads unpacked bytes, not decoded yet. */
static pp_code read_bytes(pp_input *in, unsigned char *to, size_t room, size_t *got,
                          pp_error *error) {
  *got = 0;
  if (!in->probed) {
    pp_code code = probe(in, error);
    if (code != PP_OK) return code;
  }
  if (in->gzip) return read_gzip(in, to, room, got, error);
  if (in->raw_at == in->raw_end) return read_file(in, to, room, got, error);
  *got = in->raw_end - in->raw_at;
  if (*got > room) *got = room;
  memcpy(to, in->raw + in->raw_at, *got);
  in->raw_at += *got;
  return PP_OK;
}

/* Fills `text` with at least `wanted` bytes, unless the input has no more. */
static pp_code stage(pp_input *in, size_t wanted, pp_error *error) {
  size_t waiting = in->text_end - in->text_at;
  memmove(in->text, in->text + in->text_at, waiting);
  in->text_at = 0;
  in->text_end = waiting;
  while (in->text_end < wanted) {
    size_t got;
    pp_code code = read_bytes(in, in->text + in->text_end, STAGE - in->text_end, &got, error);
    if (code != PP_OK) return code;
    if (got == 0) break;
    in->text_end += got;
  }
  return PP_OK;
}

static pp_code find_encoding(pp_input *in, pp_error *error) {
  pp_code code = stage(in, 3, error);
  if (code != PP_OK) return code;
  in->encoding = UTF8;
  const unsigned char *b = in->text;
  if (in->text_end >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
    in->text_at = 3;
  } else if (in->text_end >= 2 && b[0] == 0xFF && b[1] == 0xFE) {
    in->encoding = UTF16_LE;
    in->text_at = 2;
  } else if (in->text_end >= 2 && b[0] == 0xFE && b[1] == 0xFF) {
    in->encoding = UTF16_BE;
    in->text_at = 2;
  }
  return PP_OK;
}

static uint32_t unit_at(const pp_input *in, size_t at) {
  uint32_t first = in->text[at], second = in->text[at + 1];
  return in->encoding == UTF16_LE ? first | second << 8 : first << 8 | second;
}

static pp_code read_utf16(pp_input *in, char *to, size_t room, size_t *got,
                          pp_error *error) {
  *got = 0;
  if (in->text_end - in->text_at < 4) {
    pp_code code = stage(in, 4, error);
    if (code != PP_OK) return code;
  }
  if (in->text_end - in->text_at == 1) {
    return pp_error_set(error, PP_FORMAT, "UTF-16 text with an odd number of bytes");
  }
  while (in->text_end - in->text_at >= 2 && room - *got >= 4) {
    uint32_t c = unit_at(in, in->text_at);
    if (c >= 0xD800 && c <= 0xDBFF) {
      size_t waiting = in->text_end - in->text_at;
      if (waiting < 4 && *got > 0) break; /* the other half comes with the next block */
      uint32_t low = waiting < 4 ? 0 : unit_at(in, in->text_at + 2);
      if (low < 0xDC00 || low > 0xDFFF) {
        return pp_error_set(error, PP_FORMAT, "UTF-16 text with half a surrogate pair");
      }
      c = 0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF);
      in->text_at += 2;
    } else if (c >= 0xDC00 && c <= 0xDFFF) {
      return pp_error_set(error, PP_FORMAT, "UTF-16 text with half a surrogate pair");
    }
    in->text_at += 2;
    *got += pp_utf8_put(to + *got, c);
  }
  return PP_OK;
}

static pp_code read_text(pp_input *in, char *to, size_t room, size_t *got, pp_error *error) {
  *got = 0;
  if (in->encoding == UNKNOWN) {
    pp_code code = find_encoding(in, error);
    if (code != PP_OK) return code;
  }
  if (in->encoding != UTF8) return read_utf16(in, to, room, got, error);
  if (in->text_at == in->text_end) return read_bytes(in, (unsigned char *)to, room, got, error);
  *got = in->text_end - in->text_at;
  if (*got > room) *got = room;
  memcpy(to, in->text + in->text_at, *got);
  in->text_at += *got;
  return PP_OK;
}

pp_code pp_input_head(pp_input *input, const char **bytes, size_t *length, pp_error *error) {
  size_t got = 1;
  while (got > 0 && PP_INPUT_HEAD - input->head_end >= 4) {
    pp_code code = read_text(input, input->head + input->head_end,
                             PP_INPUT_HEAD - input->head_end, &got, error);
    if (code != PP_OK) return code;
    input->head_end += got;
  }
  *bytes = input->head;
  *length = input->head_end;
  return PP_OK;
}

pp_code pp_input_read(pp_input *input, char *to, size_t room, size_t *got, pp_error *error) {
  if (input->head_at == input->head_end) return read_text(input, to, room, got, error);
  *got = input->head_end - input->head_at;
  if (*got > room) *got = room;
  memcpy(to, input->head + input->head_at, *got);
  input->head_at += *got;
  return PP_OK;
}
