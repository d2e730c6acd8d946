/* intern.h - each distinct string once, by number.
 *
 * Numbers count from 0 in the order in which strings are added; 0 is always the empty string.
 * Strings are (pointer, length), may hold any byte and end with a zero byte that does not count.
 * The pointers that pp_intern_text returns are valid until the next pp_intern_add.
 */
#ifndef PYPROF_INTERN_H
#define PYPROF_INTERN_H

#include <stddef.h>
#include <stdint.h>

#define PP_INTERN_NONE UINT32_MAX

typedef struct pp_intern pp_intern;

pp_intern *pp_intern_new(void);                 /* NULL: no memory */
void pp_intern_free(pp_intern *intern);         /* NULL is fine */
/* The string's number, or PP_INTERN_NONE if no memory is left. */
uint32_t pp_intern_add(pp_intern *intern, const char *text, size_t length);
/* Its number if it is known, else PP_INTERN_NONE. */
uint32_t pp_intern_find(const pp_intern *intern, const char *text, size_t length);
const char *pp_intern_text(const pp_intern *intern, uint32_t number, size_t *length);
uint32_t pp_intern_count(const pp_intern *intern);

#endif
