#include "recording/speedscope.h"

#include <string.h>

#include "recording/speedscope_lists.h"

#define RECORD_MOST PP_BLOCK((size_t)16 << 20)

typedef struct reader {
  pp_json json;
  pp_stacks stacks;
  pp_raw *raw;
  bool has_frames, has_profiles, has_record, active_known;
  uint64_t active;
  uint64_t values_as_strings, without_type, odd_lines, repeated_weights;
} reader;

static bool count(reader *r, const char *what, uint64_t times) {
  return pp_base_count(r->raw->base, what, times) || pp_json_no_memory(&r->json);
}

static bool string(reader *r, uint32_t *number) {
  if (!pp_json_string(&r->json)) return false;
  *number = pp_raw_string(r->raw, r->json.string.data, r->json.string.length);
  return *number != PP_INTERN_NONE || pp_json_no_memory(&r->json);
}

/* Reads a string, or null, which means the same as no value. */
static bool optional_string(reader *r, uint32_t *number) {
  if (pp_json_peek(&r->json) == 'n') return pp_json_null(&r->json);
  return string(r, number);
}

static bool twice(reader *r, const char *key) {
  return pp_json_fail(&r->json, r->json.at, "\"%s\" stands twice in %s", key, r->json.place);
}

/* ---- shared.frames */

static bool line(reader *r, uint32_t *number) {
  pp_json *json = &r->json;
  if (pp_json_peek(json) == 'n') return pp_json_null(json);
  pp_number value;
  uint64_t index;
  if (!pp_json_number(json, &value)) return false;
  if (pp_number_index(&value, UINT32_MAX, &index)) *number = (uint32_t)index;
  else r->odd_lines++;
  return true;
}

static bool frame(reader *r) {
  pp_json *json = &r->json;
  pp_frame frame = {0};
  if (!pp_json_take(json, '{', "'{'")) return false;
  for (bool first = true; pp_json_key(json, &first);) {
    bool ok;
    if (pp_json_key_is(json, "name")) ok = optional_string(r, &frame.name);
    else if (pp_json_key_is(json, "file")) ok = optional_string(r, &frame.file);
    else if (pp_json_key_is(json, "line")) ok = line(r, &frame.line);
    else ok = pp_json_skip(json);
    if (!ok) return false;
  }
  if (json->code != PP_OK) return false;
  if (r->raw->frame_count == PP_MOST_FRAMES) {
    return pp_json_fail(json, json->at, "more than 2^31 frames");
  }
  return pp_raw_add_frame(r->raw, frame) || pp_json_no_memory(json);
}

static bool frames(reader *r) {
  pp_json *json = &r->json;
  if (r->has_frames) return twice(r, "frames");
  r->has_frames = true;
  json->place = "\"frames\"";
  if (!pp_json_take(json, '[', "'['")) return false;
  for (bool first = true; pp_json_item(json, ']', &first);) {
    if (!frame(r)) return false;
  }
  json->place = "\"shared\"";
  return json->code == PP_OK;
}

static bool shared(reader *r) {
  pp_json *json = &r->json;
  json->place = "\"shared\"";
  if (!pp_json_take(json, '{', "'{'")) return false;
  for (bool first = true; pp_json_key(json, &first);) {
    if (!(pp_json_key_is(json, "frames") ? frames(r) : pp_json_skip(json))) return false;
  }
  return json->code == PP_OK;
}

/* ---- profiles */

struct found {
  enum { ABSENT, SAMPLED, EVENTED } type;
  bool samples, weights, events;
};

static bool type(reader *r, struct found *found) {
  pp_json *json = &r->json;
  if (!pp_json_string(json)) return false;
  if (pp_json_key_is(json, "sampled")) found->type = SAMPLED;
  else if (pp_json_key_is(json, "evented")) found->type = EVENTED;
  else return pp_json_fail(json, json->at, "a profile's type is \"sampled\" or \"evented\"");
  return true;
}

static bool unit(reader *r, pp_raw_profile *profile) {
  pp_json *json = &r->json;
  if (pp_json_peek(json) == 'n') return pp_json_null(json);
  if (!pp_json_string(json)) return false;
  for (int i = PP_UNIT_NONE; i <= PP_UNIT_BYTES; i++) {
    if (!pp_json_key_is(json, pp_unit_name((pp_unit)i))) continue;
    profile->unit = (pp_unit)i;
    return true;
  }
  return pp_json_fail(json, json->at, "unknown unit: expected none, nanoseconds, "
                      "microseconds, milliseconds, seconds or bytes");
}

/* Skips startValue or endValue, which we do not use; some producers write them as strings. */
static bool value(reader *r) {
  if (pp_json_peek(&r->json) == '"') r->values_as_strings++;
  return pp_json_skip(&r->json);
}

static bool open_list(reader *r, bool *seen, const char *key, const char *quoted) {
  if (*seen) return twice(r, key);
  *seen = true;
  r->json.place = quoted;
  return pp_json_take(&r->json, '[', "'['");
}

static bool profile_key(reader *r, struct found *found, pp_raw_profile *profile) {
  pp_json *json = &r->json;
  if (pp_json_key_is(json, "samples")) {
    return open_list(r, &found->samples, "samples", "\"samples\"") &&
           pp_stacks_samples(&r->stacks, &profile->nodes);
  }
  if (pp_json_key_is(json, "weights")) {
    if (found->events) return pp_json_fail(json, json->at, "\"weights\" beside \"events\"");
    return open_list(r, &found->weights, "weights", "\"weights\"") &&
           pp_stacks_weights(&r->stacks, &profile->weights);
  }
  if (pp_json_key_is(json, "events")) {
    if (found->samples || found->weights) {
      return pp_json_fail(json, json->at, "\"events\" beside \"samples\" or \"weights\"");
    }
    return open_list(r, &found->events, "events", "\"events\"") &&
           pp_stacks_events(&r->stacks, &profile->nodes, &profile->weights);
  }
  if (pp_json_key_is(json, "type")) return type(r, found);
  if (pp_json_key_is(json, "name")) return optional_string(r, &profile->name);
  if (pp_json_key_is(json, "unit")) return unit(r, profile);
  if (pp_json_key_is(json, "startValue") || pp_json_key_is(json, "endValue")) return value(r);
  return pp_json_skip(json);
}

/* Do the parts of the profile fit together? */
static bool check_profile(reader *r, const struct found *found, pp_raw_profile *profile) {
  pp_json *json = &r->json;
  const char *end = json->at - 1;
  if (found->type == ABSENT) r->without_type++;
  if (found->type == EVENTED || (found->type == ABSENT && found->events)) {
    return found->events || pp_json_fail(json, end, "an evented profile without \"events\"");
  }
  if (!found->samples) return pp_json_fail(json, end, "a sampled profile without \"samples\"");
  if (!found->weights) return pp_json_fail(json, end, "a sampled profile without \"weights\"");
  uint64_t samples = profile->nodes.length, weights = profile->weights.length;
  if (samples == weights) return true;
  if (samples == 0 || weights < samples || weights % samples != 0) {
    return pp_json_fail(json, end, "the number of samples is %llu, that of weights %llu",
                        (unsigned long long)samples, (unsigned long long)weights);
  }
  r->repeated_weights++; /* rbspy writes all weights once for each process */
  return pp_weights_cut(&profile->weights, samples) || pp_json_no_memory(json);
}

static bool profile(reader *r) {
  pp_json *json = &r->json;
  json->place = "a profile";
  struct found found = {0};
  pp_raw_profile *profile = pp_raw_add_profile(r->raw);
  if (profile == NULL) return pp_json_no_memory(json);
  if (!pp_json_take(json, '{', "'{'")) return false;
  for (bool first = true; pp_json_key(json, &first);) {
    if (!profile_key(r, &found, profile)) return false;
    json->place = "a profile";
  }
  return json->code == PP_OK && check_profile(r, &found, profile);
}

static bool profiles(reader *r) {
  pp_json *json = &r->json;
  if (r->has_profiles) return twice(r, "profiles");
  r->has_profiles = true;
  json->place = "\"profiles\"";
  if (!pp_json_take(json, '[', "'['")) return false;
  for (bool first = true; pp_json_item(json, ']', &first);) {
    if (!profile(r)) return false;
    json->place = "\"profiles\"";
  }
  return json->code == PP_OK;
}

/* ---- the whole */

static bool active(reader *r) {
  pp_json *json = &r->json;
  if (pp_json_peek(json) == 'n') return pp_json_null(json);
  pp_number number;
  if (!pp_json_number(json, &number)) return false;
  r->active_known = pp_number_index(&number, UINT32_MAX, &r->active);
  return r->active_known || pp_json_fail(json, number.text, "no profile's number");
}

/* Our own key is no part of the format: what we know of the run. */
static bool record(reader *r) {
  pp_json *json = &r->json;
  if (r->has_record) return twice(r, "pyprof-lua");
  r->has_record = true;
  json->place = "\"pyprof-lua\"";
  pp_json_peek(json);
  json->keep = json->at;
  json->keep_most = RECORD_MOST;
  bool ok = pp_json_skip(json);
  const char *text = json->keep;
  json->keep = NULL;
  json->keep_most = 0;
  if (!ok) return false;
  size_t length = text == NULL ? 0 : (size_t)(json->at - text);
  if (text == NULL || length > RECORD_MOST) {
    return count(r, "records of a run that are too long", 1);
  }
  return pp_base_add_record(r->raw->base, text, length) || pp_json_no_memory(json);
}

static bool top_key(reader *r) {
  pp_json *json = &r->json;
  if (pp_json_key_is(json, "shared")) return shared(r);
  if (pp_json_key_is(json, "profiles")) return profiles(r);
  if (pp_json_key_is(json, "activeProfileIndex")) return active(r);
  if (pp_json_key_is(json, "pyprof-lua")) return record(r);
  if (pp_json_key_is(json, "exporter")) return optional_string(r, &r->raw->base->exporter);
  return pp_json_skip(json);
}

static bool deviations(reader *r) {
  return count(r, "profiles without a type", r->without_type) &&
         count(r, "start or end values written as strings", r->values_as_strings) &&
         count(r, "lines that are no line numbers", r->odd_lines) &&
         count(r, "lists of weights repeated for several processes", r->repeated_weights) &&
         count(r, "halves of surrogate pairs", r->json.lone_surrogates);
}

static bool recording(reader *r) {
  pp_json *json = &r->json;
  if (!pp_json_take(json, '{', "'{'")) return false;
  for (bool first = true; pp_json_key(json, &first);) {
    if (!top_key(r)) return false;
    json->place = "the recording";
  }
  if (!pp_json_finish(json)) return false;
  const char *missing = !r->has_profiles ? "profiles" : !r->has_frames ? "frames" : NULL;
  if (missing != NULL) {
    return pp_json_fail(json, json->at, "no speedscope recording: it has no \"%s\"", missing);
  }
  if (!pp_stacks_check(&r->stacks, r->raw->frame_count)) return false;
  if (r->active_known && r->active < r->raw->profile_count) {
    r->raw->active = (uint32_t)r->active;
  } else if (r->active_known && !count(r, "active profiles that are not there", 1)) {
    return false;
  }
  return deviations(r);
}

pp_code pp_speedscope_read(pp_input *input, pp_raw *raw, pp_error *error) {
  reader r = {.raw = raw};
  if (!pp_json_open(&r.json, input, error)) return PP_MEMORY;
  pp_stacks_open(&r.stacks, &r.json, &raw->base->tree);
  recording(&r);
  pp_stacks_close(&r.stacks);
  pp_json_close(&r.json);
  return r.json.code;
}
