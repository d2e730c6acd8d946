/* search.h - applying the rules of one scanner. */
#ifndef PYPROF_CORE_SOURCE_SEARCH_H
#define PYPROF_CORE_SOURCE_SEARCH_H

#include "pyprof/rules.h"
#include "source/state.h"

typedef struct pp_search pp_search;

pp_code pp_search_new(const pp_rules *rules, pp_search **search, pp_error *error);
void pp_search_free(pp_search *search); /* NULL is fine */

/* Searches for all rules in the text that the state has scanned, with spans wanted. */
pp_code pp_search_run(pp_search *search, const pp_state *s, pp_error *error);
const pp_found_list *pp_search_found(const pp_search *search);

#endif
