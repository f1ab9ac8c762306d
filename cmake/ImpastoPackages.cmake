# What `cpack` makes in the build folder: Debian packages, and one archive to unpack anywhere. docs/packaging.md says
# what is in them. The torch half is in none: its library is 1.2 GiB, and no package of the distribution's fits.

set(CPACK_PACKAGE_NAME impasto)
set(CPACK_PACKAGE_VENDOR "The Impasto authors")
set(CPACK_PACKAGE_CONTACT "The Impasto authors")
set(CPACK_PACKAGE_DESCRIPTION "Impasto learns the style of a painting and applies it to photos and films: a network is
trained once, and from then on restyles any picture in one pass.")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB TGZ)
string(TOLOWER "impasto-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" CPACK_PACKAGE_FILE_NAME)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_SOURCE_DIR}/cmake/cpack_generators.cmake")

# --- Debian packages: one a component -----------------------------------------------------------------
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)  # With it the package tells ldconfig.

# impasto_package(<component> <name> <section> <summary> <more variables of CPack's Debian generator>...)
function(impasto_package component name section summary)
  string(TOUPPER ${component} key)
  set(values PACKAGE_NAME "${name}" PACKAGE_SECTION "${section}" ${ARGN})
  while(values)
    list(POP_FRONT values variable value)
    set(CPACK_DEBIAN_${key}_${variable} "${value}" PARENT_SCOPE)
  endwhile()
  set(CPACK_COMPONENT_${key}_DESCRIPTION "${summary}\n${CPACK_PACKAGE_DESCRIPTION}" PARENT_SCOPE)
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" RENAME copyright
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${name}" COMPONENT ${component})
endfunction()

set(same "(= ${PROJECT_VERSION})")
impasto_package(runtime impasto graphics "Style transfer for pictures: programs, libraries and models"
  PACKAGE_RECOMMENDS "impasto-opencv ${same}")
impasto_package(opencv impasto-opencv graphics "Films, cameras and BMP files for impasto"
  PACKAGE_DEPENDS "impasto ${same}" PACKAGE_RECOMMENDS ffmpeg)
impasto_package(engine libimpasto-engine libs "The CPU engine of impasto behind a C interface")
impasto_package(development libimpasto-dev libdevel "Headers, CMake package and pkg-config files of impasto"
  PACKAGE_DEPENDS "impasto ${same}, libimpasto-engine ${same}")
install(FILES "${PROJECT_SOURCE_DIR}/CHANGELOG.md" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/impasto" COMPONENT runtime)

# --- the archive: with the libraries that stylize needs for picture files, in a folder of their own ------
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
install(CODE "set(libraries $<TARGET_FILE:impasto_image> $<TARGET_FILE:impasto_tiff>)
set(folder \"${CMAKE_INSTALL_LIBDIR}/impasto\")
set(notices \"${CMAKE_INSTALL_DATADIR}/doc/impasto\")"
  COMPONENT bundle EXCLUDE_FROM_ALL)
install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/bundle_libraries.cmake" COMPONENT bundle EXCLUDE_FROM_ALL)

include(CPack)
