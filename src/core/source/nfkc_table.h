/* nfkc_table.h - the tables of nfkc.c, made by src/tools/nfkc.py. All are sorted. */
#ifndef PYPROF_CORE_SOURCE_NFKC_TABLE_H
#define PYPROF_CORE_SOURCE_NFKC_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* `count` characters from `first` on. */
typedef struct pp_nfkc_run {
  uint32_t first, count, value;
} pp_nfkc_run;

typedef struct pp_nfkc_pair {
  uint32_t first, second, both;
} pp_nfkc_pair;

extern const pp_nfkc_run pp_nfkc_single[];  /* become the characters from `value` on */
extern const pp_nfkc_run pp_nfkc_several[]; /* one becomes `count`, at texts[value] */
extern const pp_nfkc_run pp_nfkc_class[];   /* have the combining class `value` */
extern const pp_nfkc_pair pp_nfkc_pairs[];  /* `both` is the composition of the two */
extern const size_t pp_nfkc_single_count, pp_nfkc_several_count, pp_nfkc_class_count,
  pp_nfkc_pairs_count;
extern const uint32_t pp_nfkc_texts[];

#endif
