// For clang-tidy alone, which includes it before each source (scripts/lint): clang 14, Debian 12's,
// has coroutines but not the builtin that std::source_location is made of.
#pragma once

#if !__has_builtin(__builtin_source_location)
namespace std {
struct source_location {
  static constexpr source_location current(const char* file = __builtin_FILE(),
                                           const char* function = __builtin_FUNCTION(),
                                           unsigned line = __builtin_LINE()) {
    return {file, function, line};
  }
  constexpr const char* file_name() const { return file; }
  constexpr const char* function_name() const { return function; }
  constexpr unsigned line() const { return number; }
  const char *file = "", *function = "";
  unsigned number = 0;
};
}  // namespace std
#endif
