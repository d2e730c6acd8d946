#include <stdlib.h>
#include <string.h>

#include "common/pages.h"
#include "profile/view.h"
#include "pyprof/timeline.h"

/* --- the tracks of each thread */

typedef struct track_key {
  const pp_track *track;
  uint32_t number;
} track_key;

static int compare(int64_t a, int64_t b) {
  return (a > b) - (a < b);
}

/* Tracks whose labels but the test are all equal are one thread, if its id is known. */
static int compare_labels(const pp_track *a, const pp_track *b) {
  int order = compare(a->id, b->id);
  if (order == 0) order = compare(a->pid, b->pid);
  if (order == 0) order = compare(a->name, b->name);
  if (order == 0) order = compare(a->command, b->command);
  return order;
}

static int compare_keys(const void *a, const void *b) {
  const track_key *one = a, *other = b;
  int order = compare_labels(one->track, other->track);
  if (order == 0) order = compare(one->track->family, other->track->family);
  return order != 0 ? order : compare(one->number, other->number);
}

static bool number_threads(pp_common *common) {
  const pp_base *base = common->base;
  uint32_t count = base->track_count;
  uint32_t *threads = malloc(((size_t)count + 1) * sizeof *threads);
  track_key *keys = malloc(((size_t)count + 1) * sizeof *keys);
  if (threads == NULL || keys == NULL) {
    free(threads);
    free(keys);
    return false;
  }
  for (uint32_t i = 0; i < count; i++) keys[i] = (track_key){&base->tracks[i], i};
  qsort(keys, count, sizeof *keys, compare_keys);
  uint32_t number = 0;
  for (uint32_t i = 0; i < count; i++) {
    const pp_track *last = i > 0 ? keys[i - 1].track : NULL, *track = keys[i].track;
    bool same = i > 0 && compare_labels(track, last) == 0 &&
                (track->id >= 0 || (track->family != 0 && track->family == last->family));
    if (i > 0 && !same) number++;
    threads[keys[i].number] = number;
  }
  free(keys);
  common->threads = threads;
  common->thread_count = count == 0 ? 0 : number + 1;
  return true;
}

pp_code pp_view_number_threads(pp_profile *view, pp_error *error) {
  if (view->common->threads != NULL || number_threads(view->common)) return PP_OK;
  return pp_error_memory(error);
}

/* --- threads that Python's module threading started: their stacks begin in its _bootstrap */

static bool ends_with(pp_text text, const char *end, char before) {
  size_t length = strlen(end);
  if (text.length < length) return false;
  if (memcmp(text.bytes + text.length - length, end, length) != 0) return false;
  return text.length == length || text.bytes[text.length - length - 1] == before;
}

static bool is_bootstrap(const pp_base *base, uint32_t frame) {
  return ends_with(pp_view_text(base->strings, base->frames[frame].name), "_bootstrap", '.') &&
         ends_with(pp_view_text(base->strings, base->frames[frame].file), "threading.py", '/');
}

/* One byte for each node of the base, as pages: does its stack contain _bootstrap? NULL: no
 * memory. */
static uint8_t *find_started(const pp_base *base, const uint8_t *bootstrap) {
  const pp_tree *tree = &base->tree;
  uint8_t *started = pp_pages_resize(NULL, 0, tree->count);
  if (started == NULL) return NULL;
  started[PP_NODE_ROOT] = 0;
  uint8_t above = 0;
  for (uint32_t i = 1; i < tree->count; i++) { /* no branch, since it could not be predicted */
    uint32_t word = tree->words[i], header = 0 - (word >> 31), number = word & ~PP_TREE_HEADER;
    uint8_t here = (uint8_t)((above | bootstrap[number & ~header]) & ~header);
    above = started[i] = here | started[number & header];
  }
  return started;
}

bool pp_view_find_started(const pp_base *base, uint8_t *started_tracks) {
  uint8_t *bootstrap = calloc((size_t)base->frame_count + 1, 1);
  if (bootstrap == NULL) return false;
  bool any = false;
  for (uint32_t i = 0; i < base->frame_count; i++) {
    bootstrap[i] = is_bootstrap(base, i);
    any |= bootstrap[i] != 0;
  }
  uint8_t *started = any ? find_started(base, bootstrap) : NULL;
  free(bootstrap);
  if (any && started == NULL) return false;
  for (uint32_t t = 0; t < base->track_count; t++) {
    started_tracks[t] = base->tracks[t].started;
    pp_track_cursor cursor;
    pp_track_begin(&base->tracks[t], &cursor);
    while (any && started_tracks[t] == 0 && pp_track_next(&cursor)) {
      if (cursor.node != PP_NODE_GAP) started_tracks[t] = started[cursor.node];
    }
  }
  if (started != NULL) pp_pages_free(started, base->tree.count);
  return true;
}

/* --- the threads in a view */

static void describe(const pp_profile *view, const uint8_t *started, pp_thread *threads) {
  const pp_common *common = view->common;
  const pp_base *base = common->base;
  for (uint32_t t = base->track_count; t-- > 0;) {
    const pp_track *track = &base->tracks[t];
    pp_thread *thread = &threads[common->threads[t]];
    bool unknown = track->pid < 0 || track->id < 0;
    bool main = unknown ? started[t] == 0 : track->id == track->pid;
    bool seen = thread->name.bytes != NULL;
    *thread = (pp_thread){
      .name = pp_view_text(base->strings, track->name),
      .command = pp_view_text(base->strings, track->command),
      .id = track->id,
      .pid = track->pid,
      .parent = track->parent_pid < 0 && seen ? thread->parent : track->parent_pid,
      .main = main && (!seen || thread->main),
      .present = thread->present,
    };
  }
}

static void count_samples(const pp_profile *view, uint32_t *amounts, pp_thread *threads) {
  const pp_scale *scale = &view->common->scale;
  const pp_entries *entries = &view->entries;
  for (uint32_t place = 0; place < pp_view_track_count(view); place++) {
    uint32_t number = view->common->threads[pp_view_track(view, place)];
    uint32_t *to = amounts + number * (size_t)scale->digits;
    threads[number].present |= entries->starts[place] < entries->starts[place + 1];
    for (size_t i = entries->starts[place]; i < entries->starts[place + 1]; i++) {
      if (entries->nodes[i] == PP_NODE_ROOT) continue;
      pp_amount_add(scale, to, entries->amounts + i * scale->digits);
    }
  }
}

pp_code pp_profile_threads(pp_profile *profile, const pp_control *control, pp_thread **threads,
                           uint32_t *count, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code == PP_OK) code = pp_view_number_threads(profile, error);
  if (code != PP_OK) return code;
  const pp_common *common = profile->common;
  const pp_scale *scale = &common->scale;
  size_t thread_count = common->thread_count;
  pp_thread *made = calloc(thread_count + 1, sizeof *made);
  uint32_t *amounts = calloc((thread_count + 1) * scale->digits, sizeof *amounts);
  uint8_t *started = calloc((size_t)common->base->track_count + 1, 1);
  if (made == NULL || amounts == NULL || started == NULL ||
      !pp_view_find_started(common->base, started)) {
    free(made);
    made = NULL;
    code = pp_error_memory(error);
  } else {
    describe(profile, started, made);
    count_samples(profile, amounts, made);
    for (size_t i = 0; i < thread_count; i++) {
      made[i].samples = pp_amount_samples(scale, amounts + i * scale->digits);
      made[i].weight = pp_amount_weight(scale, amounts + i * scale->digits);
    }
    *threads = made;
    *count = common->thread_count;
  }
  free(amounts);
  free(started);
  return code;
}

/* --- views of some threads */

pp_code pp_profile_thread(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                          pp_profile **view, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code == PP_OK) code = pp_view_number_threads(profile, error);
  if (code != PP_OK) return code;
  uint32_t track_count = pp_view_track_count(profile), count = 0;
  uint32_t *places = malloc(((size_t)track_count + 1) * sizeof *places);
  if (places == NULL) return pp_error_memory(error);
  for (uint32_t i = 0; i < track_count; i++) {
    if (mask[profile->common->threads[pp_view_track(profile, i)]] != 0) places[count++] = i;
  }
  pp_profile *made = pp_view_take_tracks(profile, places, count);
  free(places);
  if (made == NULL) return pp_error_memory(error);
  *view = made;
  return PP_OK;
}

/* Sorts the places of tracks by thread; those of thread t begin at starts[t]. */
static bool sort_places(const pp_profile *profile, uint32_t *places, size_t *starts) {
  const pp_common *common = profile->common;
  uint32_t track_count = pp_view_track_count(profile);
  size_t *next = calloc((size_t)common->thread_count + 1, sizeof *next);
  if (next == NULL) return false;
  for (uint32_t i = 0; i < track_count; i++) {
    starts[common->threads[pp_view_track(profile, i)] + 1]++;
  }
  for (uint32_t t = 0; t < common->thread_count; t++) {
    starts[t + 1] += starts[t];
    next[t] = starts[t];
  }
  for (uint32_t i = 0; i < track_count; i++) {
    places[next[common->threads[pp_view_track(profile, i)]]++] = i;
  }
  free(next);
  return true;
}

pp_code pp_profile_split(pp_profile *profile, const uint32_t *threads, size_t count,
                         const pp_control *control, pp_profile **views, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code == PP_OK) code = pp_view_number_threads(profile, error);
  if (code != PP_OK) return code;
  size_t thread_count = profile->common->thread_count;
  size_t track_count = pp_view_track_count(profile), made = 0;
  uint32_t *places = malloc((track_count + 1) * sizeof *places);
  size_t *starts = calloc(thread_count + 2, sizeof *starts);
  if (places == NULL || starts == NULL || !sort_places(profile, places, starts)) {
    code = pp_error_memory(error);
  }
  for (; code == PP_OK && made < count; made++) {
    if (pp_view_cancelled(control, made)) {
      code = pp_view_cancel(error);
      break;
    }
    size_t start = starts[threads[made]], end = starts[threads[made] + 1];
    views[made] = pp_view_take_tracks(profile, places + start, (uint32_t)(end - start));
    if (views[made] == NULL) {
      code = pp_error_memory(error);
      break;
    }
  }
  while (code != PP_OK && made > 0) {
    pp_profile_free(views[--made]);
    views[made] = NULL;
  }
  free(places);
  free(starts);
  return code;
}
