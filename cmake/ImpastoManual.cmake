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
  string(JOIN " " others train stylize optimize evaluate ${IMPASTO_CONVERT_NAME})
  foreach(target IN LISTS ARGN)
    get_target_property(program ${target} OUTPUT_NAME)
    get_target_property(component ${target} IMPASTO_COMPONENT)
    set(help "${folder}/${program}.txt")
    set(command "${AWK}" -f "${scripts}/help.awk" -v program=${program})
    add_custom_command(
      OUTPUT "${folder}/${program}.1" "${folder}/${program}.bash" "${folder}/${program}.zsh" "${folder}/${program}.fish"
      COMMAND ${target} --help > "${help}"
      COMMAND ${command} -v version=${PROJECT_VERSION} -v date=${date} -v "others=${others}"
        -f "${scripts}/man.awk" "${help}" > "${folder}/${program}.1"
      COMMAND ${command} -f "${scripts}/bash.awk" "${help}" > "${folder}/${program}.bash"
      COMMAND ${command} -f "${scripts}/zsh.awk" "${help}" > "${folder}/${program}.zsh"
      COMMAND ${command} -f "${scripts}/fish.awk" "${help}" > "${folder}/${program}.fish"
      DEPENDS ${target} "${scripts}/help.awk" "${scripts}/man.awk" "${scripts}/bash.awk" "${scripts}/zsh.awk"
        "${scripts}/fish.awk"
      COMMENT "Man page and completions of ${program}"
      VERBATIM)
    list(APPEND pages "${folder}/${program}.1")
    if(IMPASTO_INSTALL)
      install(FILES "${folder}/${program}.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT ${component})
      install(FILES "${folder}/${program}.bash" RENAME ${program}
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT ${component})
      install(FILES "${folder}/${program}.zsh" RENAME _${program}
        DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" COMPONENT ${component})
      install(FILES "${folder}/${program}.fish"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" COMPONENT ${component})
    endif()
  endforeach()
  add_custom_target(manual ALL DEPENDS ${pages})
endfunction()
