/* view.c - making, sharing and freeing the parts of a view. */
#include "profile/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

pp_code pp_view_cancel(pp_error *error) {
  return pp_error_set(error, PP_CANCELLED, "interrupted");
}

void pp_entries_free(pp_entries *entries) {
  free(entries->nodes);
  free(entries->amounts);
  free(entries->starts);
  *entries = (pp_entries){0};
}

bool pp_entries_copy(const pp_entries *from, pp_entries *to, uint32_t track_count,
                     uint32_t digits) {
  to->nodes = malloc((from->count + 1) * sizeof *to->nodes);
  to->amounts = malloc((from->count + 1) * digits * sizeof *to->amounts);
  to->starts = malloc(((size_t)track_count + 1) * sizeof *to->starts);
  if (to->nodes == NULL || to->amounts == NULL || to->starts == NULL) return false;
  if (from->count > 0) {
    memcpy(to->nodes, from->nodes, from->count * sizeof *to->nodes);
    memcpy(to->amounts, from->amounts, from->count * digits * sizeof *to->amounts);
  }
  memcpy(to->starts, from->starts, ((size_t)track_count + 1) * sizeof *to->starts);
  to->count = from->count;
  to->capacity = from->count + 1;
  return true;
}

static void common_release(pp_common *common) {
  if (atomic_fetch_sub_explicit(&common->references, 1, memory_order_acq_rel) != 1) return;
  pp_base_free(common->base);
  free(common->ends);
  free(common->threads);
  pp_intern_free(common->tests);
  free(common->test_of);
  if (common->owner != NULL) common_release(common->owner);
  free(common);
}

void pp_shape_release(pp_shape *shape) {
  if (shape == NULL) return;
  if (atomic_fetch_sub_explicit(&shape->references, 1, memory_order_acq_rel) != 1) return;
  pp_tree_free(&shape->tree);
  free(shape);
}

pp_naming *pp_naming_new(void) {
  pp_naming *naming = calloc(1, sizeof *naming);
  if (naming == NULL) return NULL;
  atomic_init(&naming->references, 1);
  naming->strings = pp_intern_new();
  if (naming->strings == NULL) {
    pp_naming_release(naming);
    return NULL;
  }
  return naming;
}

void pp_naming_release(pp_naming *naming) {
  if (naming == NULL) return;
  if (atomic_fetch_sub_explicit(&naming->references, 1, memory_order_acq_rel) != 1) return;
  pp_intern_free(naming->strings);
  free(naming->frames);
  free(naming);
}

pp_map *pp_map_new(size_t count) {
  pp_map *map = malloc(sizeof *map + count * sizeof *map->nodes);
  if (map != NULL) atomic_init(&map->references, 1);
  return map;
}

void pp_map_release(pp_map *map) {
  if (map == NULL) return;
  if (atomic_fetch_sub_explicit(&map->references, 1, memory_order_acq_rel) == 1) free(map);
}

pp_common *pp_common_new(pp_base *base) {
  pp_common *common = calloc(1, sizeof *common);
  if (common == NULL) return NULL;
  atomic_init(&common->references, 1);
  common->base = base;
  common->per_second = base->has_time ? pp_unit_per_second(base->metric.unit) : 0;
  return common;
}

pp_profile *pp_profile_from_base(pp_base *base) {
  pp_common *common = pp_common_new(base);
  pp_profile *profile = calloc(1, sizeof *profile);
  if (common == NULL || profile == NULL) {
    free(common);
    free(profile);
    pp_base_free(base);
    return NULL;
  }
  profile->common = common;
  profile->from = -INFINITY;
  profile->to = INFINITY;
  return profile;
}

void pp_profile_free(pp_profile *profile) {
  if (profile == NULL) return;
  pp_entries_free(&profile->entries);
  pp_map_release(profile->map);
  free(profile->tracks);
  pp_shape_release(profile->shape);
  pp_naming_release(profile->naming);
  common_release(profile->common);
  free(profile);
}

size_t pp_profile_memory(const pp_profile *profile) {
  const pp_base *base = profile->common->base;
  size_t entry = sizeof *profile->entries.nodes +
                 profile->common->scale.digits * sizeof *profile->entries.amounts;
  size_t bytes = profile->entries.capacity * entry;
  if (profile->map != NULL) bytes += base->tree.count * sizeof *profile->map->nodes;
  if (profile->shape != NULL) bytes += profile->shape->tree.count * sizeof(uint32_t);
  /* The base counts for the first view of all, which has no map and no tracks of its own. */
  if (profile->map == NULL && profile->tracks == NULL) bytes += base->tree.count * sizeof(uint32_t);
  return bytes;
}

pp_profile *pp_view_share(const pp_profile *view) {
  pp_profile *copy = malloc(sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *view;
  copy->tracks = NULL;
  copy->track_count = 0;
  copy->ready = false;
  copy->entries = (pp_entries){0};
  atomic_fetch_add_explicit(&copy->common->references, 1, memory_order_relaxed);
  if (copy->shape != NULL) {
    atomic_fetch_add_explicit(&copy->shape->references, 1, memory_order_relaxed);
  }
  if (copy->naming != NULL) {
    atomic_fetch_add_explicit(&copy->naming->references, 1, memory_order_relaxed);
  }
  if (copy->map != NULL) {
    atomic_fetch_add_explicit(&copy->map->references, 1, memory_order_relaxed);
  }
  return copy;
}

pp_profile *pp_view_copy(const pp_profile *view) {
  pp_profile *copy = pp_view_share(view);
  if (copy == NULL || view->tracks == NULL) return copy;
  size_t size = view->track_count * sizeof *copy->tracks;
  copy->tracks = malloc(size + 1);
  if (copy->tracks == NULL) {
    pp_profile_free(copy);
    return NULL;
  }
  memcpy(copy->tracks, view->tracks, size);
  copy->track_count = view->track_count;
  return copy;
}

pp_profile *pp_view_take_tracks(const pp_profile *profile, const uint32_t *places,
                                uint32_t count) {
  const pp_entries *from = &profile->entries;
  size_t digits = profile->common->scale.digits, room = 0;
  pp_profile *made = pp_view_share(profile);
  if (made == NULL) return NULL;
  for (uint32_t i = 0; i < count; i++) {
    room += from->starts[places[i] + 1] - from->starts[places[i]];
  }
  pp_entries *to = &made->entries;
  uint32_t *tracks = malloc(((size_t)count + 1) * sizeof *tracks);
  *to = (pp_entries){
    .nodes = malloc((room + 1) * sizeof *to->nodes),
    .amounts = malloc((room + 1) * digits * sizeof *to->amounts),
    .starts = calloc((size_t)count + 1, sizeof *to->starts),
    .capacity = room + 1,
  };
  if (tracks == NULL || to->nodes == NULL || to->amounts == NULL || to->starts == NULL) {
    free(tracks);
    pp_profile_free(made);
    return NULL;
  }
  for (uint32_t i = 0; i < count; i++) {
    size_t start = from->starts[places[i]], many = from->starts[places[i] + 1] - start;
    tracks[i] = pp_view_track(profile, places[i]);
    if (many > 0) {
      memcpy(to->nodes + to->count, from->nodes + start, many * sizeof *to->nodes);
      memcpy(to->amounts + to->count * digits, from->amounts + start * digits,
             many * digits * sizeof *to->amounts);
    }
    to->count += many;
    to->starts[i + 1] = to->count;
  }
  made->tracks = tracks;
  made->track_count = count;
  made->ready = true;
  return made;
}

uint8_t *pp_view_used(const pp_profile *view) {
  const pp_tree *tree = pp_view_tree(view);
  uint8_t *used = calloc(tree->count, 1);
  if (used == NULL) return NULL;
  for (size_t i = 0; i < view->entries.count; i++) used[view->entries.nodes[i]] = 1;
  for (uint32_t i = tree->count - 1; i > 0; i--) {
    if (used[i] != 0) used[pp_tree_parent(tree, i)] = 1;
  }
  return used;
}
