// Files that are read as a whole and replaced as a whole, whatever lies in their place.
#include "harness/base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "engines/net.hpp"
#include "harness/testing/testing.hpp"

namespace contend {
namespace {

namespace fs = std::filesystem;
using testing::complains;

class FilesTest : public ::testing::Test {
 protected:
  std::string fifo(const std::string& name) const {
    const std::string path = folder_.path() / name;
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  std::string path(const std::string& name) const { return folder_.path() / name; }

  testing::TemporaryFolder folder_;
};

TEST_F(FilesTest, AreReadWhole) {
  std::string text(200'000, 'x');
  text[100'000] = '\0';
  EXPECT_EQ(content_of(folder_.file("large", text)), text);
  EXPECT_EQ(content_of(folder_.file("empty", "")), "");
  EXPECT_EQ(content_of(folder_.file("short", "1234"), 4), "1234");
  EXPECT_TRUE(complains([&] { content_of(folder_.file("long", std::string(1025, ' ')), 1024); },
                        "can't read " + path("long") + ": it is longer than 1 KiB"));
}

TEST_F(FilesTest, ThatMightNeverEndAreNotRead) {
  const auto refused = [](const std::string& name, const std::string& why) {
    return complains([&] { content_of(name); }, fmt::format("can't read {}: {}", name, why));
  };
  EXPECT_TRUE(refused(fifo("fifo"), "it is no regular file"));
  EXPECT_TRUE(refused("/dev/zero", "it is no regular file"));
  EXPECT_TRUE(refused(folder_.path(), "it is a folder"));
  EXPECT_TRUE(refused(path("none"), "No such file or directory"));
  fs::create_symlink("/dev/stdin", path("link"));
  if (!fs::is_regular_file("/dev/stdin")) {
    EXPECT_TRUE(refused(path("link"), "it is no regular file"));
  }
}

TEST_F(FilesTest, ThatWereGivenOpenAreRead) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  write_all(writing.get(), "said", "a pipe");
  writing.reset();
  EXPECT_EQ(content_of(fmt::format("/dev/fd/{}", reading.get())), "said");
}

TEST_F(FilesTest, AreReplacedThoughAKilledProcessLeftSomething) {
  folder_.file("x.json", "old");
  folder_.file(".x.json.new", std::string(1000, 'x'));
  replace_file(path("x.json"), "new");
  EXPECT_EQ(content_of(path("x.json")), "new");
  EXPECT_FALSE(fs::exists(path(".x.json.new")));
  fs::create_symlink(path("x.json"), path(".y.json.new"));
  EXPECT_TRUE(complains([&] { replace_file(path("y.json"), "new"); }, ".y.json.new"))
      << "a link that somebody planted leads nowhere";
  EXPECT_EQ(content_of(path("x.json")), "new");
}

TEST_F(FilesTest, AreNeverSeenInPartsWhoeverWrites) {
  constexpr std::size_t size = 300'000;
  const auto write = [&](char letter) {
    for (int i = 0; i < 30; ++i) replace_file(path("x"), std::string(size, letter));
  };
  replace_file(path("x"), std::string(size, 'a'));
  std::atomic<bool> done = false;
  std::thread one(write, 'a'), other(write, 'b');
  std::thread end([&] {
    one.join();
    other.join();
    done = true;
  });
  while (!done) {
    const std::string text = content_of(path("x"));
    ASSERT_EQ(text, std::string(size, text.empty() ? ' ' : text[0]));
  }
  end.join();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
}

TEST_F(FilesTest, LinksAreReplacedWhoeverDoesItToo) {
  fs::create_symlink("left by a killed process", path(".latest.new"));
  std::vector<std::thread> threads;
  for (const char* target : {"a", "b", "c"})
    threads.emplace_back([&, target] {
      for (int i = 0; i < 100; ++i) replace_link(path("latest"), target);
    });
  for (std::thread& thread : threads) thread.join();
  const std::string target = fs::read_symlink(path("latest"));
  EXPECT_TRUE(target == "a" || target == "b" || target == "c") << target;
  EXPECT_FALSE(fs::exists(fs::symlink_status(path(".latest.new"))));
  fs::create_directory(path("folder"));
  EXPECT_TRUE(complains([&] { replace_link(path("folder"), "a"); }, path("folder")));
}

}  // namespace
}  // namespace contend
