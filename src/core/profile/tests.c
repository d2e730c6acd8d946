/* tests.c - the tests whose samples a view has. A track has the samples of one test, or of none. */
#include "pyprof/tests.h"

#include <stdlib.h>
#include <string.h>

#include "profile/view.h"

/* Numbers the tests in the order in which the tracks have them; 0 is no test. */
pp_code pp_view_number_tests(pp_profile *view, pp_error *error) {
  pp_common *common = view->common;
  if (common->test_of != NULL) return PP_OK;
  const pp_base *base = common->base;
  pp_intern *names = pp_intern_new();
  uint32_t *test_of = malloc(((size_t)base->track_count + 1) * sizeof *test_of);
  bool made = names != NULL && test_of != NULL;
  for (uint32_t i = 0; made && i < base->track_count; i++) {
    pp_text name = pp_view_text(base->strings, base->tracks[i].test);
    test_of[i] = pp_intern_add(names, name.bytes, name.length);
    made = test_of[i] != PP_INTERN_NONE;
  }
  if (!made) {
    pp_intern_free(names);
    free(test_of);
    return pp_error_memory(error);
  }
  common->tests = names;
  common->test_of = test_of;
  return PP_OK;
}

static pp_code prepare(pp_profile *profile, const pp_control *control, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  return code == PP_OK ? pp_view_number_tests(profile, error) : code;
}

pp_code pp_profile_tests(pp_profile *profile, const pp_control *control, pp_test **tests,
                         uint32_t *count, pp_error *error) {
  pp_code code = prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_common *common = profile->common;
  const pp_scale *scale = &common->scale;
  const pp_entries *entries = &profile->entries;
  uint32_t test_count = pp_intern_count(common->tests);
  pp_test *made = calloc(test_count, sizeof *made);
  uint32_t *amounts = calloc((size_t)test_count * scale->digits, sizeof *amounts);
  if (made == NULL || amounts == NULL) {
    free(made);
    free(amounts);
    return pp_error_memory(error);
  }
  for (uint32_t place = 0; place < pp_view_track_count(profile); place++) {
    uint32_t test = common->test_of[pp_view_track(profile, place)];
    made[test].present |= entries->starts[place] < entries->starts[place + 1];
    for (size_t i = entries->starts[place]; i < entries->starts[place + 1]; i++) {
      if (entries->nodes[i] == PP_NODE_ROOT) continue; /* an empty sample */
      pp_amount_add(scale, amounts + test * (size_t)scale->digits,
                    entries->amounts + i * scale->digits);
    }
  }
  for (uint32_t i = 0; i < test_count; i++) {
    made[i].name = pp_view_text(common->tests, i);
    made[i].samples = pp_amount_samples(scale, amounts + i * (size_t)scale->digits);
    made[i].weight = pp_amount_weight(scale, amounts + i * (size_t)scale->digits);
  }
  free(amounts);
  *tests = made;
  *count = test_count;
  return PP_OK;
}

pp_code pp_profile_test(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error) {
  pp_code code = prepare(profile, control, error);
  if (code != PP_OK) return code;
  uint32_t track_count = pp_view_track_count(profile), count = 0;
  uint32_t *places = malloc(((size_t)track_count + 1) * sizeof *places);
  if (places == NULL) return pp_error_memory(error);
  for (uint32_t i = 0; i < track_count; i++) {
    if (mask[profile->common->test_of[pp_view_track(profile, i)]] != 0) places[count++] = i;
  }
  pp_profile *made = pp_view_take_tracks(profile, places, count);
  free(places);
  if (made == NULL) return pp_error_memory(error);
  *view = made;
  return PP_OK;
}

/* --- the leaves of each test */

typedef struct record {
  uint32_t test, group;
  size_t entry;
} record;

static int compare_records(const void *a, const void *b) {
  const record *one = a, *other = b;
  if (one->test != other->test) return one->test < other->test ? -1 : 1;
  if (one->group != other->group) return one->group < other->group ? -1 : 1;
  return (one->entry > other->entry) - (one->entry < other->entry);
}

static size_t list_records(const pp_profile *profile, const uint32_t *groups, record *records) {
  const pp_entries *entries = &profile->entries;
  const pp_tree *tree = pp_view_tree(profile);
  size_t count = 0;
  for (uint32_t place = 0; place < pp_view_track_count(profile); place++) {
    uint32_t test = profile->common->test_of[pp_view_track(profile, place)];
    for (size_t i = entries->starts[place]; test != 0 && i < entries->starts[place + 1]; i++) {
      if (entries->nodes[i] == PP_NODE_ROOT) continue;
      uint32_t group = groups[pp_tree_frame(tree, entries->nodes[i])];
      if (group != 0) records[count++] = (record){test, group, i};
    }
  }
  if (count > 1) qsort(records, count, sizeof *records, compare_records);
  return count;
}

pp_code pp_profile_test_leaves(pp_profile *profile, const uint32_t *groups,
                               const pp_control *control, pp_test_leaf **leaves, size_t *count,
                               pp_error *error) {
  pp_code code = prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_scale *scale = &profile->common->scale;
  size_t room = profile->entries.count + 1, made = 0;
  record *records = malloc(room * sizeof *records);
  pp_test_leaf *list = malloc(room * sizeof *list);
  if (records == NULL || list == NULL) {
    free(records);
    free(list);
    return pp_error_memory(error);
  }
  size_t record_count = list_records(profile, groups, records);
  for (size_t i = 0; i < record_count;) {
    const record *first = &records[i];
    uint32_t sum[PP_DIGITS_MAX] = {0};
    for (; i < record_count && records[i].test == first->test &&
           records[i].group == first->group; i++) {
      pp_amount_add(scale, sum, profile->entries.amounts + records[i].entry * scale->digits);
    }
    list[made++] = (pp_test_leaf){first->test, first->group, pp_amount_samples(scale, sum),
                                  pp_amount_weight(scale, sum)};
  }
  free(records);
  *leaves = list;
  *count = made;
  return PP_OK;
}
