# Installs what `libraries` load that is not in every Debian system, with the notices of its packages. Run by the
# install step of the component `bundle`, which sets `libraries`, `folder` and `notices`.

file(GET_RUNTIME_DEPENDENCIES LIBRARIES ${libraries}
  RESOLVED_DEPENDENCIES_VAR needed
  PRE_EXCLUDE_REGEXES "^libimpasto_" "^ld-linux" "^lib(c|m|gcc_s|stdc\\+\\+|z|lzma|zstd)\\.so"
  POST_EXCLUDE_REGEXES "/libimpasto_[^/]*$")
foreach(library IN LISTS needed)
  file(INSTALL "${library}" DESTINATION "${CMAKE_INSTALL_PREFIX}/${folder}" FOLLOW_SYMLINK_CHAIN)
  get_filename_component(name "${library}" NAME)
  execute_process(COMMAND dpkg -S "*/${name}" OUTPUT_VARIABLE owner COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "^[^:]+" owner "${owner}")
  file(INSTALL "/usr/share/doc/${owner}/copyright" RENAME copyright.${owner}
    DESTINATION "${CMAKE_INSTALL_PREFIX}/${notices}")
endforeach()
