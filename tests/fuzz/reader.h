/* reader.h - any bytes are a recording or an error, which is the same in whatever pieces they
 * come. */
#ifndef PYPROF_TESTS_FUZZ_READER_H
#define PYPROF_TESTS_FUZZ_READER_H

#include "fuzz.h"
#include "pyprof/calls.h"
#include "pyprof/input.h"
#include "pyprof/profile.h"
#include "pyprof/timeline.h"
#include "pyprof/totals.h"
#include "recording/raw.h"

typedef pp_code fuzz_read(pp_input *input, pp_raw *raw, pp_error *error);

static pp_base *base_in_pieces(fuzz_read *read_format, const char *path, size_t piece,
                               pp_error *error) {
  pp_raw raw;
  pp_input *input;
  pp_base *base = NULL;
  fuzz_piece = piece;
  *error = (pp_error){0};
  REQUIRE(pp_input_open(path, NULL, &input, error) == PP_OK);
  REQUIRE(pp_raw_open(&raw));
  pp_code code = read_format(input, &raw, error);
  pp_input_close(input);
  if (code == PP_OK) code = pp_raw_normalize(&raw, NULL, &base, error);
  pp_raw_close(&raw);
  fuzz_piece = 0;
  REQUIRE((code == PP_OK) == (base != NULL));
  REQUIRE(code == PP_OK || (error->code == code && error->message[0] != '\0'));
  REQUIRE(strchr(error->message, '\n') == NULL);
  return base;
}

static uint64_t mix(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * 0x9E3779B97F4A7C15u;
  return sum ^ sum >> 29;
}

static uint64_t mix_string(uint64_t sum, const pp_base *base, uint32_t number) {
  size_t length;
  REQUIRE(number < pp_intern_count(base->strings));
  const char *text = pp_intern_text(base->strings, number, &length);
  for (size_t i = 0; i < length; i++) sum = mix(sum, (unsigned char)text[i]);
  return mix(sum, length);
}

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Adds a track's samples, whatever runs they are stored in. */
static uint64_t mix_track(uint64_t sum, const pp_base *base, const pp_track *track) {
  pp_track_cursor cursor;
  pp_node node = PP_NODE_NONE;
  uint64_t weight = 0, times = 0;
  sum = mix_string(mix_string(sum, base, track->name), base, track->command);
  sum = mix(mix(sum, (uint64_t)track->id), (uint64_t)track->pid);
  for (pp_track_begin(track, &cursor); pp_track_next(&cursor); times += cursor.times) {
    REQUIRE(cursor.node == PP_NODE_GAP || cursor.node < base->tree.count);
    if (cursor.node == node && bits_of(cursor.weight) == weight) continue;
    sum = mix(mix(mix(sum, node), weight), times);
    node = cursor.node;
    weight = bits_of(cursor.weight);
    times = 0;
  }
  return mix(mix(mix(sum, node), weight), times);
}

/* Everything that was read, as one number. */
static uint64_t sum_of(const pp_base *base) {
  uint64_t sum = 1;
  for (uint32_t i = 0; i < base->frame_count; i++) {
    const pp_frame *frame = &base->frames[i];
    sum = mix(mix_string(mix_string(sum, base, frame->name), base, frame->file), frame->line);
  }
  for (uint32_t i = 1; i < base->tree.count; i++) {
    sum = mix(sum, base->tree.words[i]);
    uint32_t below = base->tree.words[i] & ~PP_TREE_HEADER;
    REQUIRE(below < (pp_tree_is_node(&base->tree, i) ? base->frame_count : i));
  }
  for (uint32_t i = 0; i < base->track_count; i++) sum = mix_track(sum, base, &base->tracks[i]);
  for (uint32_t i = 0; i < base->metric_count; i++) {
    sum = mix(mix_string(sum, base, base->metrics[i].kind), base->metrics[i].unit);
  }
  for (uint32_t i = 0; i < base->quality_count; i++) {
    sum = mix(mix_string(sum, base, base->quality[i].what), base->quality[i].count);
  }
  sum = mix(mix_string(sum, base, base->metric.kind), base->metric.unit);
  return mix(mix_string(sum, base, base->exporter), bits_of(base->rate) ^ base->has_time);
}

/* Checks sums; every frame is a group of its own. */
static void require_sums(pp_profile *profile, const pp_profile_info *info) {
  uint32_t count = pp_profile_frame_count(profile);
  size_t room = (size_t)count + 1;
  uint32_t *groups = calloc(room, sizeof *groups), *line = calloc(room, sizeof *line);
  uint64_t *self = calloc(room, sizeof *self), *total = calloc(room, sizeof *total), sum = 0;
  double *self_weight = calloc(room, sizeof(double)), *total_weight = calloc(room, sizeof(double));
  uint8_t *seen = calloc(room, 1);
  pp_calls *calls;
  pp_call root;
  for (uint32_t i = 0; i < count; i++) groups[i] = i + 1;
  pp_grouping grouping = {groups, count};
  pp_totals totals = {self, total, self_weight, total_weight, line};
  REQUIRE(pp_profile_totals(profile, &grouping, 1, NULL, seen, &totals, NULL) == PP_OK);
  for (size_t i = 0; i < room; i++) {
    REQUIRE(self[i] <= total[i] || i == 0);
    REQUIRE(total[i] <= info->samples && (i == 0 || seen[i - 1] != 0 || total[i] == 0));
    sum += self[i];
  }
  REQUIRE(sum == info->samples);
  REQUIRE(pp_calls_make(profile, groups, count, NULL, &calls, NULL) == PP_OK);
  pp_calls_get(calls, 0, &root);
  REQUIRE(root.total == info->samples);
  pp_calls_free(calls);
  free(groups);
  free(line);
  free(self);
  free(total);
  free(self_weight);
  free(total_weight);
  free(seen);
}

static void require_threads(pp_profile *profile, const pp_profile_info *info) {
  pp_thread *threads;
  uint32_t count;
  uint64_t samples = 0;
  REQUIRE(pp_profile_threads(profile, NULL, &threads, &count, NULL) == PP_OK);
  for (uint32_t i = 0; i < count; i++) samples += threads[i].samples;
  REQUIRE(samples == info->samples);
  free(threads);
}

static int fuzz_reader(fuzz_read *read_format, const uint8_t *bytes, size_t length) {
  pp_error error, piecewise;
  const char *path = fuzz_file(bytes, length);
  pp_base *base = base_in_pieces(read_format, path, 0, &error);
  /* There are at most some hundred pieces, since each costs a system call. */
  size_t piece = 1 + (length > 0 ? bytes[length / 2] % 16 : 0) + length / 128;
  pp_base *other = base_in_pieces(read_format, path, piece, &piecewise);
  REQUIRE((base != NULL) == (other != NULL));
  if (base == NULL) {
    REQUIRE(fuzz_is_same_error(&error, &piecewise));
    return 0;
  }
  REQUIRE(sum_of(base) == sum_of(other));
  pp_base_free(other);
  pp_profile *profile = pp_profile_from_base(base);
  pp_profile_info info;
  REQUIRE(profile != NULL && pp_profile_inform(profile, NULL, &info, NULL) == PP_OK);
  require_sums(profile, &info);
  require_threads(profile, &info);
  pp_profile_free(profile);
  return 0;
}

#endif
