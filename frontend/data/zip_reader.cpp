#include "frontend/data/zip_reader.h"

#include <zip.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "frontend/data/elements.h"

namespace dlc {
namespace {

constexpr size_t kMaxNameBytes = 1024;

}  // namespace

struct ZipReader::State {
  std::string name;  // of the archive
  uint64_t archive_bytes = 0;
  zip_t* zip = nullptr;
  zip_uint64_t next_index = 0;
  std::string member;
  zip_stat_t info = {};
  uint64_t compressed_total = 0;  // of the members so far

  ~State() {
    if (zip != nullptr) zip_discard(zip);
  }
  Error damaged(std::string_view what) const {
    return make_error(ErrorCode::kData, "{}: damaged ZIP archive: {}", name, what);
  }
  Expected<void> open(zip_source_t* source, zip_error_t& error);
  Expected<void> read_member_info();
};

namespace {

class MemberSource : public ByteSource {
 public:
  MemberSource(zip_file_t* file, std::string name, uint64_t size)
      : ByteSource(std::move(name)), file_(file), remaining_(size) {}
  ~MemberSource() override { zip_fclose(file_); }

  Expected<void> read(std::span<std::byte> out) override {
    if (out.size() > remaining_) return ends_early(out.size(), remaining_);
    while (!out.empty()) {
      const zip_int64_t got = zip_fread(file_, out.data(), std::min<size_t>(out.size(), size_t{1} << 30));
      if (got < 0) return failed();
      if (got == 0) return ends_early(out.size(), 0);
      out = out.subspan(static_cast<size_t>(got));
      remaining_ -= static_cast<uint64_t>(got);
    }
    return Ok{};
  }
  uint64_t max_remaining() const override { return remaining_; }

  Expected<void> finish() override {
    if (remaining_ > 0) return trailing_bytes(remaining_);
    // libzip compares checksum and size when it meets the end, so it must be made to look for it.
    char extra = 0;
    const zip_int64_t got = zip_fread(file_, &extra, 1);
    if (got < 0) return failed();
    if (got > 0) return make_error(ErrorCode::kData, "{}: has more bytes than the directory says", name());
    return Ok{};
  }

 private:
  Error failed() const {
    zip_error_t* error = zip_file_get_error(file_);
    if (zip_error_code_zip(error) == ZIP_ER_CRC)
      return make_error(ErrorCode::kData, "{}: the checksum (CRC-32) does not match; the file is damaged", name());
    return make_error(ErrorCode::kData, "{}: cannot read the member: {}", name(), zip_error_strerror(error));
  }

  zip_file_t* file_;
  uint64_t remaining_;
};

}  // namespace

ZipReader::ZipReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader::~ZipReader() = default;

const std::string& ZipReader::member() const { return state_->member; }

Expected<void> ZipReader::State::open(zip_source_t* source, zip_error_t& error) {
  // libzip takes an empty file for an empty archive; one that we want to read has at least its end record.
  constexpr uint64_t kEndRecordBytes = 22;
  if (archive_bytes < kEndRecordBytes) {
    if (source != nullptr) zip_source_free(source);
    return damaged(fmt::format("expected at least {} bytes, found {}", kEndRecordBytes, archive_bytes));
  }
  if (source != nullptr) zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (zip != nullptr) return Ok{};
  if (source != nullptr) zip_source_free(source);
  Error result = damaged(zip_error_strerror(&error));
  zip_error_fini(&error);
  return result;
}

Expected<ZipReader> ZipReader::open(const std::filesystem::path& path) {
  auto state = std::make_unique<State>();
  state->name = path.string();
  {
    // What the file system refuses is told apart here, in our own words.
    DLC_ASSIGN_OR_RETURN(const std::unique_ptr<FileSource> file, FileSource::open(path));
    state->archive_bytes = file->max_remaining();
  }
  zip_error_t error;
  zip_error_init(&error);
  DLC_RETURN_IF_ERROR(state->open(zip_source_file_create(state->name.c_str(), 0, 0, &error), error));
  return ZipReader(std::move(state));
}

Expected<ZipReader> ZipReader::open(std::span<const std::byte> bytes, const std::string& name) {
  auto state = std::make_unique<State>();
  state->name = name;
  state->archive_bytes = bytes.size();
  zip_error_t error;
  zip_error_init(&error);
  DLC_RETURN_IF_ERROR(state->open(zip_source_buffer_create(bytes.data(), bytes.size(), /*freep=*/0, &error), error));
  return ZipReader(std::move(state));
}

Expected<bool> ZipReader::next() {
  if (state_->next_index >= static_cast<zip_uint64_t>(zip_get_num_entries(state_->zip, 0))) return false;
  DLC_RETURN_IF_ERROR(state_->read_member_info());
  ++state_->next_index;
  return true;
}

Expected<void> ZipReader::State::read_member_info() {
  const bool known = zip_stat_index(zip, next_index, ZIP_FL_ENC_RAW, &info) == 0;
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (!known || (info.valid & kNeeded) != kNeeded) return damaged("its directory cannot be read");
  member = info.name;
  DLC_RETURN_IF_ERROR(check_member_name(name, member));

  const std::string where = fmt::format("{}, member {}", name, quote_text(member));
  if (info.encryption_method != ZIP_EM_NONE)
    return make_error(ErrorCode::kUnimplemented, "{}: encrypted members are not supported; save without a password",
                      where);
  const bool stored = info.comp_method == ZIP_CM_STORE;
  if (!stored && info.comp_method != ZIP_CM_DEFLATE)
    return make_error(ErrorCode::kUnimplemented,
                      "{}: compression method {} is not supported; expected stored (0) or deflate (8)", where,
                      info.comp_method);

  // Members lie side by side in honest archives. Ones that overlap are a bomb: small file, vast content.
  if (__builtin_add_overflow(compressed_total, uint64_t{info.comp_size}, &compressed_total) ||
      compressed_total > archive_bytes)
    return damaged(fmt::format("its members claim more bytes than its {} (at {})", archive_bytes, quote_text(member)));
  if (stored && info.size != info.comp_size)
    return make_error(ErrorCode::kData, "{}: stored, but its two sizes differ: {} and {}", where, info.comp_size,
                      info.size);
  if (!stored && info.size / kMaxDeflateRatio > info.comp_size)
    return make_error(ErrorCode::kData, "{}: claims to expand from {} to {} bytes, more than deflate can", where,
                      info.comp_size, info.size);
  return Ok{};
}

Expected<std::unique_ptr<ByteSource>> ZipReader::open_member() {
  State& s = *state_;
  std::string where = fmt::format("{}, member {}", s.name, quote_text(s.member));
  zip_file_t* file = zip_fopen_index(s.zip, s.info.index, 0);
  if (file == nullptr)
    return make_error(ErrorCode::kData, "{}: cannot open the member: {}", where, zip_strerror(s.zip));
  return std::unique_ptr<ByteSource>(std::make_unique<MemberSource>(file, std::move(where), uint64_t{s.info.size}));
}

Expected<void> check_member_name(const std::string& archive, const std::string& name) {
  const auto bad = [&](std::string_view why) {
    return make_error(ErrorCode::kData, "{}: bad member name {}: {}", archive, quote_text(name), why);
  };
  if (name.empty()) return bad("it is empty");
  if (name.size() > kMaxNameBytes) return bad(fmt::format("expected at most {} bytes", kMaxNameBytes));
  if (name.front() == '/') return bad("it is an absolute path");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return bad("it has control characters");
    if (c == '\\') return bad("it has a backslash");
  }
  for (size_t start = 0; start <= name.size();) {
    const size_t end = std::min(name.find('/', start), name.size());
    if (std::string_view(name).substr(start, end - start) == "..") return bad("it leads out of the archive");
    start = end + 1;
  }
  return Ok{};
}

}  // namespace dlc
