#include "pyprof/survey.h"

#include <stdlib.h>

struct pp_survey {
  pp_files *files;
  pp_scanner *scanner;
  char *path;
  pp_survey_file file;
  pp_error error;
};

pp_code pp_survey_new(const char *const *paths, size_t count, const pp_survey_options *options,
                      pp_survey **survey, pp_error *error) {
  pp_survey *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  pp_code code = pp_files_new(paths, count, &options->files, &made->files, error);
  if (code == PP_OK) code = pp_scanner_new(options->complexity, &made->scanner, error);
  if (code != PP_OK) {
    pp_survey_free(made);
    return code;
  }
  *survey = made;
  return PP_OK;
}

void pp_survey_free(pp_survey *survey) {
  if (survey == NULL) return;
  pp_files_free(survey->files);
  pp_scanner_free(survey->scanner);
  free(survey->path);
  free(survey);
}

pp_code pp_survey_next(pp_survey *survey, const pp_control *control, const pp_survey_file **file,
                       pp_error *error) {
  if (pp_control_cancelled(control)) return pp_error_set(error, PP_CANCELLED, "interrupted");
  free(survey->path);
  *file = NULL;
  pp_code code = pp_files_next(survey->files, &survey->path, error);
  if (code != PP_OK || survey->path == NULL) return code;
  survey->file = (pp_survey_file){ .path = survey->path };
  code = pp_scanner_file(survey->scanner, survey->path, &survey->file.scan, &survey->error);
  if (code == PP_MEMORY) return pp_error_memory(error);
  if (code != PP_OK) survey->file.message = survey->error.message;
  *file = &survey->file;
  return PP_OK;
}
