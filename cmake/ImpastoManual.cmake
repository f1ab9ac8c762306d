# Man pages and shell completions of the programs, made when they are built of what they print for --help.

# impasto_manual(<program>...)
function(impasto_manual)
  find_program(AWK awk)
  if(NOT AWK OR (CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR))
    message(STATUS "No man pages and completions: they take awk, and programs that run here")
    return()
  endif()
  string(TIMESTAMP date "%Y-%m-%d" UTC)  # SOURCE_DATE_EPOCH where that is set
  set(scripts "${PROJECT_SOURCE_DIR}/cmake/manual")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/manual")
  file(MAKE_DIRECTORY "${folder}")
  set(pages "")
  foreach(program IN LISTS ARGN)
    get_target_property(name ${program} OUTPUT_NAME)
    set(help "${folder}/${name}.txt")
    set(command "${AWK}" -f "${scripts}/help.awk" -v program=${name})
    add_custom_command(
      OUTPUT "${folder}/${name}.1" "${folder}/${name}.bash" "${folder}/${name}.zsh" "${folder}/${name}.fish"
      COMMAND ${program} --help > "${help}"
      COMMAND ${command} -v version=${PROJECT_VERSION} -v date=${date} -v "others=${ARGN}"
        -f "${scripts}/man.awk" "${help}" > "${folder}/${name}.1"
      COMMAND ${command} -f "${scripts}/bash.awk" "${help}" > "${folder}/${name}.bash"
      COMMAND ${command} -f "${scripts}/zsh.awk" "${help}" > "${folder}/${name}.zsh"
      COMMAND ${command} -f "${scripts}/fish.awk" "${help}" > "${folder}/${name}.fish"
      DEPENDS ${program} "${scripts}/help.awk" "${scripts}/man.awk" "${scripts}/bash.awk" "${scripts}/zsh.awk"
        "${scripts}/fish.awk"
      COMMENT "Man page and completions of ${name}"
      VERBATIM)
    list(APPEND pages "${folder}/${name}.1")
    if(IMPASTO_INSTALL)
      get_target_property(component ${program} IMPASTO_COMPONENT)
      install(FILES "${folder}/${name}.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT ${component})
      install(FILES "${folder}/${name}.bash" RENAME ${name}
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT ${component})
      install(FILES "${folder}/${name}.zsh" RENAME _${name}
        DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" COMPONENT ${component})
      install(FILES "${folder}/${name}.fish"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" COMPONENT ${component})
    endif()
  endforeach()
  add_custom_target(manual ALL DEPENDS ${pages})
endfunction()
