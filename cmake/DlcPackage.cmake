# What other projects get, by find_package(dlc) and by add_subdirectory alike:
#   dlc::dlc      libdlc.so, <dlc/dlc.h>
#   dlc::runtime  libdlc_runtime.so alone, <dlc/runtime.h>, for programs compiled ahead of time
# docs/using.md is about them, docs/design/0007-one-library-for-others.md about why they are so.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Headers include each other from the root of the repository, "support/error.h": names that another
# project has too. For others they are copied to a folder dlc/ and include each other as <dlc/support/error.h>.
# Public is what is in include/dlc and what that needs.
set(public_headers ${PROJECT_BINARY_DIR}/include)
file(GLOB to_do CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/dlc/*.h)
file(GLOB_RECURSE outdated ${public_headers}/dlc/*)
set(done "")
while(to_do)
  list(POP_FRONT to_do header)
  list(APPEND done ${header})
  file(READ ${header} text)
  string(REGEX MATCHALL "\n#include \"[^\"]+" includes "${text}")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE ".*\"" "${PROJECT_SOURCE_DIR}/" include "${include}")
    if(NOT include IN_LIST done AND NOT include IN_LIST to_do)
      list(APPEND to_do ${include})
    endif()
  endforeach()
  string(REGEX REPLACE "\n#include \"([^\"]+)\"" "\n#include <dlc/\\1>" text "${text}")
  string(REGEX REPLACE "^${PROJECT_SOURCE_DIR}/(include/dlc/)?" "" name ${header})
  file(CONFIGURE OUTPUT ${public_headers}/dlc/${name} CONTENT "${text}" @ONLY)  # leaves equal files alone
  list(REMOVE_ITEM outdated ${public_headers}/dlc/${name})
endwhile()
if(outdated)
  file(REMOVE ${outdated})
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${done})

# One library out of those of all layers; what it needs stays behind it.
set(layers dlc_support dlc_ir dlc_passes dlc_loops dlc_runtime dlc_backend dlc_frontend)
list(TRANSFORM layers REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
set(exports ${PROJECT_SOURCE_DIR}/cmake/exports.map)
add_library(dlc_shared SHARED ${objects})
target_link_libraries(dlc_shared PUBLIC fmt::fmt PRIVATE dlc_options TBB::tbb Threads::Threads ZLIB::ZLIB LibZip::zip
                                                         nlohmann_json::nlohmann_json ${CMAKE_DL_LIBS})
target_link_options(dlc_shared PRIVATE -Wl,--version-script=${exports})
target_compile_features(dlc_shared INTERFACE cxx_std_20)
# Beside libdlc_llvm.so here, above it where it is installed: libdlc.so finds it in both.
add_dependencies(dlc_shared dlc_llvm)
set_target_properties(
  dlc_shared
  PROPERTIES OUTPUT_NAME dlc
             EXPORT_NAME dlc
             VERSION ${PROJECT_VERSION}
             SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
             LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib
             BUILD_RPATH ${PROJECT_BINARY_DIR}/lib
             INSTALL_RPATH "$ORIGIN/dlc"
             LINK_DEPENDS ${exports})
add_library(dlc::dlc ALIAS dlc_shared)

set_target_properties(dlc_runtime_shared PROPERTIES EXPORT_NAME runtime)
add_library(dlc::runtime ALIAS dlc_runtime_shared)

foreach(target IN ITEMS dlc_shared dlc_runtime_shared)
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${public_headers}>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()

install(DIRECTORY ${public_headers}/dlc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS dlc_shared dlc_runtime_shared EXPORT dlcTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS dlc_llvm LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/dlc)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/dlc)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/dlcConfig.cmake.in ${PROJECT_BINARY_DIR}/dlcConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dlcConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dlcConfig.cmake ${PROJECT_BINARY_DIR}/dlcConfigVersion.cmake
        DESTINATION ${package})
install(EXPORT dlcTargets NAMESPACE dlc:: DESTINATION ${package})
