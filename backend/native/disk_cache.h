// Compiled kernels on disk, shared by the processes of one user: a folder of files, one for each
// kernel, named by a hash of its key.
//
//   DiskCache cache("/home/ada/.cache/dlc", 256 << 20);
//   if (!cache.find(key)) cache.store(key, object);
//
// A file holds a checksum, its key and the object. One that is damaged, or another's (two keys of one
// hash), is not found, and is replaced when its kernel is stored anew. Files appear by rename, so a
// reader sees all of one or nothing. Since what lies here is executed, a folder or file that another
// user owns or may write is not used.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dlc::backend::native {

/// Thread-safe, and any number of processes may use one folder. Nothing here fails: what cannot be
/// read is not found, what cannot be written is not stored.
class DiskCache {
 public:
  /// The folder is made, for its owner alone, when something is stored.
  DiskCache(std::string folder, int64_t limit_bytes) : folder_(std::move(folder)), limit_(limit_bytes) {}

  /// The cache that DLC_CACHE and DLC_CACHE_MB describe, by default `$XDG_CACHE_HOME/dlc` or
  /// `~/.cache/dlc`; with `choice`, what a program has set instead of DLC_CACHE ("off" or a folder).
  /// Null: there is none. One object a folder, for the process's life.
  static DiskCache* get(const std::string& choice = "");

  /// The object stored under the key. Counts as a use.
  std::optional<std::string> find(std::string_view key);
  /// Keeps the object, and now and then removes those not used for longest, so that the files stay
  /// within the limit: for a while each process may exceed it by a sixteenth.
  void store(std::string_view key, std::string_view object);

  const std::string& folder() const { return folder_; }

 private:
  std::string path_of(std::string_view key) const;
  bool make_folder() const;
  void remove_oldest() const;

  const std::string folder_;
  const int64_t limit_;
  std::atomic<int64_t> written_{-1};  ///< bytes since files were counted; -1: not in this process
};

}  // namespace dlc::backend::native
