/* Gzip, UTF-16 and recognizing files: the text or the error is the same, in whatever pieces the
 * file comes. */
#include "fuzz.h"
#include "pyprof/buffer.h"
#include "pyprof/input.h"
#include "pyprof/recording.h"

enum { MOST = 1 << 20 }; /* a few packed bytes may become gigabytes */

static pp_code text_in_pieces(const char *path, bool head, size_t piece, size_t room,
                              pp_buffer *text, pp_error *error) {
  pp_input *input;
  const char *bytes;
  size_t length, got = 1;
  fuzz_piece = piece;
  text->length = 0;
  REQUIRE(pp_input_open(path, NULL, &input, error) == PP_OK);
  pp_code code = head ? pp_input_head(input, &bytes, &length, error) : PP_OK;
  while (code == PP_OK && got > 0 && text->length < MOST) {
    REQUIRE(pp_buffer_reserve(text, room));
    code = pp_input_read(input, text->data + text->length, room, &got, error);
    if (code == PP_OK) text->length += got;
  }
  pp_input_close(input);
  fuzz_piece = 0;
  return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static pp_buffer text, other;
  pp_error error = {0}, piecewise = {0};
  bool is, is_in_pieces;
  const char *path = fuzz_file(bytes, length);
  size_t piece = 1 + (length > 0 ? bytes[length / 2] % 16 : 0) + length / 128;
  pp_code code = text_in_pieces(path, false, 0, PP_INPUT_HEAD, &text, &error);
  pp_code other_code = text_in_pieces(path, true, piece, 1024 + piece, &other, &piecewise);
  size_t common = text.length < other.length ? text.length : other.length;
  bool cut = text.length >= MOST || other.length >= MOST;
  REQUIRE(code == other_code || cut);
  REQUIRE(code != other_code || fuzz_is_same_error(&error, &piecewise));
  REQUIRE(common == 0 || memcmp(text.data, other.data, common) == 0);
  REQUIRE(code != PP_OK || text.length == other.length || cut);
  REQUIRE(pp_recording_sniff(path, &is, &error) == PP_OK);
  fuzz_piece = piece;
  REQUIRE(pp_recording_sniff(path, &is_in_pieces, &error) == PP_OK);
  fuzz_piece = 0;
  /* What is broken behind its head may be seen or not. */
  REQUIRE(is == is_in_pieces || code != PP_OK || cut);
  return 0;
}
