#include "pyprof/scan_many.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/workers.h"
#include "pyprof/buffer.h"

/* SLOTS is how many files the threads may be ahead of the caller that takes them. */
enum { SLOTS = 128, ALONE = 4, MAX_THREADS = 32, KEPT_ROOM = 256 * 1024 };
/* Folders are walked while files are scanned. If fewer than FEW paths wait, AT_A_TIME more are
 * found at once. */
enum { FEW = 64, AT_A_TIME = 32 };

/* A file that was begun and is not yet taken. The scanner's result is copied here, so that the
 * scanner can continue. */
typedef struct slot {
  char *path;
  const pp_kept_file *text; /* NULL: the file has to be read */
  pp_scan scan;
  pp_buffer definitions, names, found, groups, texts;
  pp_found_list list;
  char message[256]; /* the scan's error, or why the file cannot be read */
  pp_code code;
  bool finished;
} slot;

struct pp_scan_many {
  pp_scan_many_options options;
  pp_files *files; /* used by the thread that is listing; NULL: options.texts has the files */
  char *paths[FEW + AT_A_TIME]; /* paths that wait; that of file n is at n % (FEW + AT_A_TIME) */
  slot slots[SLOTS];
  uint64_t listed, begun, taken; /* files so far; file n is in slots[n % SLOTS] */
  bool listing, all_listed;
  bool at_end, stopped;
  pp_code code;          /* the failure that ended the list early */
  pp_error error;
  pthread_mutex_t lock;
  pthread_cond_t finished; /* wakes the caller that takes the files, if `waiting` */
  pthread_cond_t room;     /* wakes the `idle` threads */
  pthread_cond_t more;     /* more files were listed */
  bool waiting;
  int idle;
  pp_scanner *scanner; /* the scanner of the caller that takes the files */
  pp_workers workers;
  pp_scan_many_file file;
};

/* The path of kept file n, which the caller frees; NULL at the end. */
static pp_code text_path(const pp_kept_files *texts, uint64_t n, char **path, pp_error *error) {
  *path = n < texts->count ? strdup(texts->texts[n].path) : NULL;
  return n < texts->count && *path == NULL ? pp_error_memory(error) : PP_OK;
}

/* Finds more files. The caller has the lock, which is released meanwhile. */
static void list_more(pp_scan_many *scans) {
  char *found[AT_A_TIME];
  size_t count = 0;
  pp_code code = PP_OK;
  const pp_kept_files *texts = scans->options.texts;
  uint64_t listed = scans->listed;
  scans->listing = true;
  pthread_mutex_unlock(&scans->lock);
  do {
    code = texts != NULL ? text_path(texts, listed + count, &found[count], &scans->error)
                         : pp_files_next(scans->files, &found[count], &scans->error);
  } while (code == PP_OK && found[count] != NULL && ++count < AT_A_TIME);
  pthread_mutex_lock(&scans->lock);
  scans->listing = false;
  for (size_t i = 0; i < count; i++) {
    scans->paths[scans->listed++ % (FEW + AT_A_TIME)] = found[i];
  }
  if (count < AT_A_TIME) {
    scans->all_listed = true;
    scans->code = code;
  }
  pthread_cond_broadcast(&scans->more);
}

/* The next file's slot; NULL: no file can begin now. The caller has the lock, which may be released
 * meanwhile. */
static slot *begin(pp_scan_many *scans) {
  while (!scans->at_end && scans->begun - scans->taken < SLOTS) {
    uint64_t waiting = scans->listed - scans->begun;
    if (waiting < FEW && !scans->all_listed && !scans->listing) {
      list_more(scans);
    } else if (waiting > 0) {
      slot *room = &scans->slots[scans->begun % SLOTS];
      const pp_kept_files *texts = scans->options.texts;
      room->text = texts != NULL ? &texts->texts[scans->begun] : NULL;
      room->path = scans->paths[scans->begun++ % (FEW + AT_A_TIME)];
      room->finished = false;
      return room;
    } else if (scans->all_listed) {
      scans->at_end = true;
    } else {
      pthread_cond_wait(&scans->more, &scans->lock);
    }
  }
  return NULL;
}

static void say(slot *room, const char *message) {
  size_t length = strnlen(message, sizeof room->message - 1);
  memcpy(room->message, message, length);
  room->message[length] = '\0';
}

/* Puts a copy of an array in the buffer. */
static bool copy(pp_buffer *buffer, const void *array, size_t size) {
  buffer->length = 0;
  return pp_buffer_add(buffer, array, size);
}

static bool keep_found(slot *room, const pp_found_list *list) {
  room->list = *list;
  if (list->count == 0) return true;
  if (!copy(&room->found, list->found, list->count * sizeof *list->found) ||
      !copy(&room->groups, list->groups, list->group_count * sizeof *list->groups) ||
      !copy(&room->texts, list->texts, list->texts_length)) {
    return false;
  }
  room->list.found = (const pp_found *)(const void *)room->found.data;
  room->list.groups = (const pp_piece *)(const void *)room->groups.data;
  room->list.texts = room->texts.data;
  return true;
}

/* Keeps the scanner's result. */
static bool keep(slot *room, const pp_scan *scan) {
  room->scan = *scan;
  size_t size = scan->definition_count * sizeof *scan->definitions;
  size_t names = 0;
  if (scan->definition_count > 0) {
    const pp_definition *last = &scan->definitions[scan->definition_count - 1];
    names = last->name + last->name_length;
  }
  if (!copy(&room->definitions, scan->definitions, size) ||
      !copy(&room->names, scan->names, names)) {
    return false;
  }
  room->scan.definitions = (const pp_definition *)(const void *)room->definitions.data;
  room->scan.names = room->names.data;
  room->scan.text = NULL;
  room->scan.length = 0;
  if (scan->error != NULL) {
    say(room, scan->error);
    room->scan.error = room->message;
  }
  return true;
}

static void scan(pp_scanner *scanner, slot *room) {
  const pp_scan *found;
  pp_error error;
  const pp_kept_file *text = room->text;
  if (text == NULL) {
    room->code = pp_scanner_file(scanner, room->path, &found, &error);
  } else if (text->bytes == NULL) {
    room->code = pp_error_set(&error, PP_SYSTEM, "%s", text->message);
  } else {
    room->code = pp_scanner_bytes(scanner, text->bytes, text->length, &found, &error);
  }
  if (room->code == PP_OK) {
    if (!keep(room, found) || !keep_found(room, pp_scanner_found(scanner))) {
      room->code = PP_MEMORY;
    }
  } else {
    say(room, error.message);
  }
}

/* Begins, scans and finishes one file; false: none can begin. The caller has the lock. */
static bool work(pp_scan_many *scans, pp_scanner *scanner) {
  slot *room = begin(scans);
  if (room == NULL) return false;
  pthread_mutex_unlock(&scans->lock);
  scan(scanner, room);
  pthread_mutex_lock(&scans->lock);
  room->finished = true;
  return true;
}

static pp_scanner *scanner_new(const pp_scan_many *scans, pp_error *error) {
  pp_scanner *scanner = NULL;
  if (pp_scanner_new(scans->options.complexity, &scanner, error) != PP_OK) return NULL;
  if (scans->options.portable) pp_scanner_use(scanner, 0);
  if (pp_scanner_rules(scanner, scans->options.rules, error) != PP_OK) {
    pp_scanner_free(scanner);
    return NULL;
  }
  return scanner;
}

static void *thread_main(void *argument) {
  pp_scan_many *scans = argument;
  pp_scanner *scanner = scanner_new(scans, NULL);
  if (scanner == NULL) return NULL; /* the other threads do its work */
  pthread_mutex_lock(&scans->lock);
  while (!scans->stopped && !scans->at_end) {
    if (work(scans, scanner)) {
      if (scans->waiting) pthread_cond_signal(&scans->finished);
    } else if (!scans->at_end) {
      scans->idle++;
      pthread_cond_wait(&scans->room, &scans->lock);
      scans->idle--;
    }
  }
  pthread_mutex_unlock(&scans->lock);
  pp_scanner_free(scanner);
  return NULL;
}

pp_code pp_scan_many_new(const char *const *paths, size_t count,
                         const pp_scan_many_options *options,
                         pp_scan_many **scans, pp_error *error) {
  pp_scan_many *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  made->options = *options;
  pthread_mutex_init(&made->lock, NULL);
  pthread_cond_init(&made->finished, NULL);
  pthread_cond_init(&made->room, NULL);
  pthread_cond_init(&made->more, NULL);
  pp_code code = options->texts != NULL
    ? PP_OK : pp_files_new(paths, count, &options->files, &made->files, error);
  if (code == PP_OK && (made->scanner = scanner_new(made, error)) == NULL) code = PP_MEMORY;
  if (code != PP_OK) {
    pp_scan_many_free(made);
    return code;
  }
  *scans = made;
  return PP_OK;
}

void pp_scan_many_free(pp_scan_many *scans) {
  if (scans == NULL) return;
  pthread_mutex_lock(&scans->lock);
  scans->stopped = true;
  pthread_cond_broadcast(&scans->room);
  pthread_mutex_unlock(&scans->lock);
  pp_workers_join(&scans->workers);
  while (scans->begun < scans->listed) {
    free(scans->paths[scans->begun++ % (FEW + AT_A_TIME)]);
  }
  for (int i = 0; i < SLOTS; i++) {
    free(scans->slots[i].path);
    pp_buffer_free(&scans->slots[i].definitions);
    pp_buffer_free(&scans->slots[i].names);
    pp_buffer_free(&scans->slots[i].found);
    pp_buffer_free(&scans->slots[i].groups);
    pp_buffer_free(&scans->slots[i].texts);
  }
  pp_scanner_free(scans->scanner);
  pp_files_free(scans->files);
  pthread_mutex_destroy(&scans->lock);
  pthread_cond_destroy(&scans->finished);
  pthread_cond_destroy(&scans->room);
  pthread_cond_destroy(&scans->more);
  free(scans);
}

static void start_threads(pp_scan_many *scans) {
  size_t wanted = scans->options.threads > 0 ? (size_t)scans->options.threads
                                              : pp_workers_cores();
  if (wanted > MAX_THREADS) wanted = MAX_THREADS;
  /* The caller that takes the files is one of the threads. Fewer threads are enough, too. */
  pp_workers_start(&scans->workers, wanted - 1, thread_main, scans);
}

/* Frees the slot of the file that was taken last. The caller has the lock. */
static void drop_taken(pp_scan_many *scans) {
  slot *room = &scans->slots[scans->taken++ % SLOTS];
  free(room->path);
  room->path = NULL;
  scans->file.path = NULL;
  if (room->definitions.capacity > KEPT_ROOM) pp_buffer_free(&room->definitions);
  if (room->names.capacity > KEPT_ROOM) pp_buffer_free(&room->names);
  if (room->texts.capacity > KEPT_ROOM) pp_buffer_free(&room->texts);
  /* A few files are not worth threads. */
  if (scans->taken == ALONE && !scans->at_end) start_threads(scans);
  /* Waking a thread costs time, so it must have enough to do. */
  if (scans->idle > 0 && scans->begun - scans->taken <= SLOTS / 2) {
    pthread_cond_broadcast(&scans->room);
  }
}

pp_code pp_scan_many_next(pp_scan_many *scans, const pp_control *control,
                          const pp_scan_many_file **file, pp_error *error) {
  *file = NULL;
  if (pp_control_cancelled(control)) return pp_error_set(error, PP_CANCELLED, "interrupted");
  pthread_mutex_lock(&scans->lock);
  if (scans->file.path != NULL) drop_taken(scans);
  slot *room = &scans->slots[scans->taken % SLOTS];
  while (scans->begun == scans->taken || !room->finished) {
    /* Scan the next file here, rather than wait for a thread. */
    if (work(scans, scans->scanner)) continue;
    if (scans->begun == scans->taken) break; /* the end */
    scans->waiting = true;
    while (!room->finished) pthread_cond_wait(&scans->finished, &scans->lock);
    scans->waiting = false;
  }
  static const pp_found_list none;
  bool some = scans->begun != scans->taken;
  pp_code code = some ? room->code : scans->code;
  pthread_mutex_unlock(&scans->lock);
  if (code == PP_MEMORY) return pp_error_memory(error);
  if (some && code == PP_LIMIT) {
    return pp_error_set(error, code, "%s: %s", room->path, room->message);
  }
  if (!some) {
    if (code != PP_OK) *error = scans->error;
    return code;
  }
  scans->file = (pp_scan_many_file){
    .path = room->path, .scan = code == PP_OK ? &room->scan : NULL,
    .message = code == PP_OK ? NULL : room->message, .found = code == PP_OK ? &room->list : &none,
  };
  *file = &scans->file;
  return PP_OK;
}
