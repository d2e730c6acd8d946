/* read_many.c - reading one or several recordings on threads, merging them in the given order. */
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
    if (i >= p->count) break;
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

static void tell(const pool *p, uint64_t total) {
  uint64_t done = 0;
  for (size_t i = 0; i < p->count; i++) done += atomic_load(&p->jobs[i].done);
  p->control->progress(p->control->data, done, total);
}

/* Only the caller's own thread reports progress, so its callback need not be thread-safe. */
static void wait_for_all(pool *p) {
  bool telling = p->control != NULL && p->control->progress != NULL;
  uint64_t total = telling ? total_size(p) : 0;
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
    tell(p, total);
    pthread_mutex_lock(&p->mutex);
  }
  pthread_mutex_unlock(&p->mutex);
  if (telling) tell(p, total);
}

static size_t thread_count(const pool *p) {
  size_t wanted = pp_workers_cores();
  if (p->options != NULL && p->options->threads > 0) wanted = (size_t)p->options->threads;
  return wanted < p->count ? wanted : p->count;
}

static pp_code read_all(pool *p, pp_error *error) {
  size_t wanted = thread_count(p);
  pp_workers workers;
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

static pp_code refuse_metrics(const job *a, const job *b, pp_error *error) {
  pp_buffer first = {0}, second = {0};
  bool ok = pp_metric_text(a->base->strings, a->base->metric, &first) &&
            pp_metric_text(b->base->strings, b->base->metric, &second) &&
            pp_buffer_add_byte(&first, 0) && pp_buffer_add_byte(&second, 0);
  pp_code code = !ok ? pp_error_memory(error)
                     : pp_error_set(error, PP_ARGUMENT,
                                    "%.300s: measures '%s', but %.300s measures '%s': they "
                                    "cannot be added up",
                                    b->path, second.data, a->path, first.data);
  pp_buffer_free(&first);
  pp_buffer_free(&second);
  return code;
}

/* A recording without profiles has no metric, so it can be merged with any other. */
static pp_code check_metrics(const pool *p, pp_error *error) {
  const job *first = NULL;
  for (size_t i = 0; i < p->count; i++) {
    const job *j = &p->jobs[i];
    if (j->base->metric_count == 0) continue;
    if (first == NULL) first = j;
    else if (!same_metric(first->base, j->base)) return refuse_metrics(first, j, error);
  }
  return PP_OK;
}

static pp_code merge(pool *p, pp_profile **profile, pp_error *error) {
  pp_base **bases = calloc(p->count, sizeof(pp_base *));
  if (bases == NULL) return pp_error_memory(error);
  size_t made = 0, empty = 0;
  for (size_t i = 0; i < p->count; i++) empty += p->jobs[i].base->metric_count == 0;
  for (size_t i = 0; i < p->count; i++) {
    job *j = &p->jobs[i];
    if (j->base->metric_count == 0 && empty < p->count) continue;
    bases[made++] = j->base;
    j->base = NULL;
  }
  pp_code code = pp_bases_merge(bases, made, p->control, profile, error);
  for (size_t i = 0; i < made; i++) pp_base_free(bases[i]);
  free(bases);
  return code;
}

static pp_code read_several(pool *p, pp_profile **profile, pp_error *error) {
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->changed, NULL);
  pp_code code = read_all(p, error);
  if (code == PP_OK) code = check_metrics(p, error);
  if (code == PP_OK) code = merge(p, profile, error);
  for (size_t i = 0; i < p->count; i++) pp_base_free(p->jobs[i].base);
  pthread_cond_destroy(&p->changed);
  pthread_mutex_destroy(&p->mutex);
  return code;
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
