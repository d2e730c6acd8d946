/* read_many.c - reading one or several recordings on threads, merging them in the given order.
 *
 * Those that were read and not yet merged take most of the memory, so a batch is read and merged
 * before the next one. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/workers.h"
#include "profile/merge.h"
#include "profile/metric.h"
#include "pyprof/profile.h"
#include "pyprof/recording.h"
#include "recording/read.h"

#ifdef PP_SMALL_BLOCKS
#define BATCH 2
#else
#define BATCH 128
#endif

typedef struct job {
  const char *path;
  pp_base *base;
  pp_error error;
  pp_code code;
  _Atomic uint64_t done; /* bytes */
} job;

typedef struct pool {
  job *jobs;
  size_t count;
  size_t begin, end; /* of the batch */
  uint64_t total;    /* bytes of all; 0: not known */
  const pp_recording_options *options;
  const pp_control *control;
  atomic_size_t next, failed; /* recordings after the first failed one need not be read */
  size_t running;             /* guarded by the mutex, like the condition */
  pthread_mutex_t mutex;
  pthread_cond_t changed;
} pool;

static const char *metric_of(const pp_recording_options *options) {
  return options != NULL ? options->metric : NULL;
}

static void put_path_in_front(const char *path, pp_error *error) {
  if (error == NULL) return;
  if (strcmp(path, "-") == 0) path = "standard input";
  char message[sizeof error->message];
  memcpy(message, error->message, sizeof message);
  /* A path may be too long for the message; its end says more than its beginning. */
  size_t length = strlen(path), most = sizeof message / 2;
  if (length > most) path += length - most;
  snprintf(error->message, sizeof error->message, "%s: %.*s", path, (int)most - 4, message);
}

static void note_done(void *data, uint64_t done, uint64_t total) {
  job *j = data;
  (void)total;
  atomic_store_explicit(&j->done, done, memory_order_relaxed);
}

static void *work(void *data) {
  pool *p = data;
  for (;;) {
    size_t i = atomic_fetch_add(&p->next, 1);
    if (i >= p->end) break;
    if (i > atomic_load(&p->failed)) continue;
    job *j = &p->jobs[i];
    pp_control control = {.progress = note_done, .data = j};
    if (p->control != NULL) {
      control.cancel = p->control->cancel;
      control.waiting = p->control->waiting;
    }
    j->code = pp_recording_base(j->path, metric_of(p->options), &control, &j->base, &j->error);
    if (j->code == PP_OK) continue;
    size_t failed = atomic_load(&p->failed);
    while (i < failed && !atomic_compare_exchange_weak(&p->failed, &failed, i)) continue;
  }
  pthread_mutex_lock(&p->mutex);
  p->running--;
  pthread_cond_signal(&p->changed);
  pthread_mutex_unlock(&p->mutex);
  return NULL;
}

static uint64_t total_size(const pool *p) {
  uint64_t total = 0;
  struct stat status;
  for (size_t i = 0; i < p->count; i++) {
    if (stat(p->jobs[i].path, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    total += (uint64_t)status.st_size;
  }
  return total;
}

static void tell(const pool *p) {
  uint64_t done = 0;
  for (size_t i = 0; i < p->count; i++) done += atomic_load(&p->jobs[i].done);
  p->control->progress(p->control->data, done, p->total);
}

static bool is_telling(const pool *p) {
  return p->control != NULL && p->control->progress != NULL;
}

/* Only the caller's own thread reports progress, so its callback need not be thread-safe. */
static void wait_for_all(pool *p) {
  bool telling = is_telling(p);
  pthread_mutex_lock(&p->mutex);
  while (p->running > 0) {
    if (!telling) {
      pthread_cond_wait(&p->changed, &p->mutex);
      continue;
    }
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 50000000;
    if (until.tv_nsec >= 1000000000) {
      until.tv_nsec -= 1000000000;
      until.tv_sec++;
    }
    pthread_cond_timedwait(&p->changed, &p->mutex, &until);
    pthread_mutex_unlock(&p->mutex);
    tell(p);
    pthread_mutex_lock(&p->mutex);
  }
  pthread_mutex_unlock(&p->mutex);
  if (telling) tell(p);
}

static size_t thread_count(const pool *p) {
  size_t wanted = pp_workers_cores();
  if (p->options != NULL && p->options->threads > 0) wanted = (size_t)p->options->threads;
  size_t most = p->end - p->begin;
  return wanted < most ? wanted : most;
}

static pp_code read_batch(pool *p, pp_error *error) {
  size_t wanted = thread_count(p);
  pp_workers workers;
  atomic_store(&p->next, p->begin);
  p->running = wanted;
  pp_workers_start(&workers, wanted, work, p);
  pthread_mutex_lock(&p->mutex);
  p->running -= wanted - workers.count;
  pthread_mutex_unlock(&p->mutex);
  if (workers.count > 0) {
    wait_for_all(p);
  } else {
    p->running = 1;
    work(p); /* The system gives no thread. */
  }
  pp_workers_join(&workers);
  size_t failed = atomic_load(&p->failed);
  if (failed == p->count) return PP_OK;
  if (error != NULL) *error = p->jobs[failed].error;
  put_path_in_front(p->jobs[failed].path, error);
  return p->jobs[failed].code;
}

/* ---- merging */

static bool same_metric(const pp_base *a, const pp_base *b) {
  size_t a_length, b_length;
  const char *a_kind = pp_intern_text(a->strings, a->metric.kind, &a_length);
  const char *b_kind = pp_intern_text(b->strings, b->metric.kind, &b_length);
  return a->metric.unit == b->metric.unit && a_length == b_length &&
         memcmp(a_kind, b_kind, a_length) == 0;
}

/* What was merged so far, and the path of its first recording that has a metric. */
typedef struct sum {
  pp_base *base;
  const char *path;
} sum;

static pp_code refuse_metrics(const char *path, const pp_base *base, const job *other,
                              pp_error *error) {
  pp_buffer first = {0}, second = {0};
  bool ok = pp_metric_text(base->strings, base->metric, &first) &&
            pp_metric_text(other->base->strings, other->base->metric, &second) &&
            pp_buffer_add_byte(&first, 0) && pp_buffer_add_byte(&second, 0);
  pp_code code = !ok ? pp_error_memory(error)
                     : pp_error_set(error, PP_ARGUMENT,
                                    "%.300s: measures '%s', but %.300s measures '%s': they "
                                    "cannot be added up",
                                    other->path, second.data, path, first.data);
  pp_buffer_free(&first);
  pp_buffer_free(&second);
  return code;
}

/* A recording without profiles has no metric, so it can be merged with any other. */
static pp_code check_metrics(const pool *p, sum *so_far, pp_error *error) {
  const pp_base *first = so_far->path != NULL ? so_far->base : NULL;
  for (size_t i = p->begin; i < p->end; i++) {
    const job *j = &p->jobs[i];
    if (j->base->metric_count == 0) continue;
    if (first == NULL) {
      first = j->base;
      so_far->path = j->path;
    } else if (!same_metric(first, j->base)) {
      return refuse_metrics(so_far->path, first, j, error);
    }
  }
  return PP_OK;
}

/* Moves a base to the list; those without a metric count only as long as none has one. */
static void move_base(pp_base **base, bool all, pp_base **bases, size_t *count) {
  if (*base == NULL || (!all && (*base)->metric_count == 0)) return;
  bases[(*count)++] = *base;
  *base = NULL;
}

static pp_code merge_batch(pool *p, sum *so_far, pp_error *error) {
  pp_base *bases[BATCH + 1];
  size_t count = 0;
  bool all = so_far->path == NULL;
  move_base(&so_far->base, all, bases, &count);
  for (size_t i = p->begin; i < p->end; i++) {
    move_base(&p->jobs[i].base, all, bases, &count);
    pp_base_free(p->jobs[i].base);
    p->jobs[i].base = NULL;
  }
  pp_base_free(so_far->base);
  so_far->base = NULL;
  if (count == 1) {
    so_far->base = bases[0];
    return PP_OK;
  }
  pp_code code = pp_bases_merge(bases, count, p->control, &so_far->base, error);
  for (size_t i = 0; i < count; i++) pp_base_free(bases[i]);
  return code;
}

static pp_code read_several(pool *p, pp_profile **profile, pp_error *error) {
  sum so_far = {0};
  pp_code code = PP_OK;
  if (is_telling(p)) p->total = total_size(p);
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->changed, NULL);
  for (p->begin = 0; code == PP_OK && p->begin < p->count; p->begin = p->end) {
    p->end = p->count - p->begin < BATCH ? p->count : p->begin + BATCH;
    code = read_batch(p, error);
    if (code == PP_OK) code = check_metrics(p, &so_far, error);
    if (code == PP_OK) code = merge_batch(p, &so_far, error);
  }
  for (size_t i = 0; i < p->count; i++) pp_base_free(p->jobs[i].base);
  pthread_cond_destroy(&p->changed);
  pthread_mutex_destroy(&p->mutex);
  if (code != PP_OK) {
    pp_base_free(so_far.base);
    return code;
  }
  *profile = pp_profile_from_base(so_far.base);
  return *profile != NULL ? PP_OK : pp_error_memory(error);
}

static pp_code read_one(const char *path, const pp_recording_options *options,
                        const pp_control *control, pp_profile **profile, pp_error *error) {
  pp_base *base;
  pp_code code = pp_recording_base(path, metric_of(options), control, &base, error);
  if (code != PP_OK) {
    put_path_in_front(path, error);
    return code;
  }
  *profile = pp_profile_from_base(base);
  return *profile != NULL ? PP_OK : pp_error_memory(error);
}

pp_code pp_recording_read(const char *const *paths, size_t count,
                          const pp_recording_options *options, const pp_control *control,
                          pp_profile **profile, pp_error *error) {
  *profile = NULL;
  if (count == 0) return pp_error_set(error, PP_ARGUMENT, "no recording is named");
  if (count == 1) return read_one(paths[0], options, control, profile, error);
  pool p = {.count = count, .options = options, .control = control};
  atomic_init(&p.failed, count);
  p.jobs = calloc(count, sizeof *p.jobs);
  if (p.jobs == NULL) return pp_error_memory(error);
  for (size_t i = 0; i < count; i++) p.jobs[i].path = paths[i];
  pp_code code = read_several(&p, profile, error);
  free(p.jobs);
  return code;
}
