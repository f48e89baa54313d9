// The files of a run on disk.
#include "harness/bench/result_folder.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "harness/base/files.hpp"
#include "harness/base/json.hpp"
#include "workloads/json_text.hpp"

namespace contend {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* samples_name = "samples.jsonl";
constexpr const char* result_name = "result.json";
constexpr const char* latest_name = "latest";

[[noreturn]] void fail(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

fs::path new_run_folder(const fs::path& out, const std::string& suite) {
  fs::create_directories(out);
  const std::string id = fmt::format("{:%Y%m%dT%H%M%S}-{}", fmt::gmtime(std::time(nullptr)), suite);
  fs::path path = out / id;
  for (int again = 2; !fs::create_directory(path); ++again)
    path = out / fmt::format("{}-{}", id, again);
  return path;
}

void point_latest(const fs::path& folder) {
  replace_link(folder.parent_path() / latest_name, folder.filename());
}

ResultFolder::ResultFolder(fs::path path) : path_(std::move(path)) {
  const fs::path file = path_ / samples_name;
  samples_.reset(::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  if (!samples_) fail(file);
  if (flock(samples_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail(file);
    throw std::invalid_argument(path_.string() + ": another contend is writing to it");
  }
  sync_folder(path_);
}

ResultFolder ResultFolder::create(const fs::path& out, const std::string& suite) {
  ResultFolder folder(new_run_folder(out, suite));
  folder.becomes_latest_ = true;
  return folder;
}

ResultFolder ResultFolder::create_within(const fs::path& folder, const std::string& name) {
  fs::create_directory(folder / name);
  return ResultFolder(folder / name);
}

ResultFolder ResultFolder::open(const fs::path& folder) {
  if (!fs::exists(folder / result_name))
    throw std::invalid_argument(folder.string() + ": there is no result.json to go on with");
  ResultFolder opened(fs::canonical(folder));  // `latest` is a link
  opened.becomes_latest_ = true;
  const fs::path file = opened.path_ / samples_name;
  const std::string text = content_of(file);
  const std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
  if (whole != text.size() && ftruncate(opened.samples_.get(), static_cast<off_t>(whole)) != 0)
    fail(file);
  return opened;
}

void ResultFolder::append(const Sample& sample) {
  write_all(samples_.get(), json_text(to_json(sample)) + "\n", path_ / samples_name);
  if (fdatasync(samples_.get()) != 0) fail(path_ / samples_name);
}

Result ResultFolder::result() const {
  const fs::path file = path_ / result_name;
  return parse_result(parse_json(content_of(file), file.string()), file.string());
}

std::vector<Sample> ResultFolder::samples() const {
  const fs::path file = path_ / samples_name;
  std::vector<Sample> samples;
  std::istringstream text(content_of(file));
  for (std::string line; std::getline(text, line);) {
    const std::string where = fmt::format("{}:{}", file.string(), samples.size() + 1);
    samples.push_back(parse_sample(parse_json(line, where), where));
  }
  return samples;
}

void ResultFolder::write(const Result& result) {
  replace_file(path_ / result_name, json_text(to_json(result)) + "\n");
  // Only now, so that what `latest` leads to can always be read and resumed.
  if (std::exchange(becomes_latest_, false)) point_latest(path_);
}

}  // namespace contend
