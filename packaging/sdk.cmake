# SPDX-License-Identifier: Apache-2.0
#
# The SDK as it is installed: headers, libvsext, what CMake and pkg-config ask,
# and a manual page of each header. Included by the top CMakeLists.txt.

set(VS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/VSwitchExt)
set(VS_EXTENSION_INSTALL ${CMAKE_INSTALL_LIBDIR}/vswitch)

install(TARGETS vsext EXPORT VSwitchExt)
if(TARGET vswitch-ext-run)
	install(TARGETS vswitch-ext-run EXPORT VSwitchExt)
endif()
install(EXPORT VSwitchExt NAMESPACE VSwitchExt::
	FILE VSwitchExtTargets.cmake DESTINATION ${VS_CMAKE_DIR})
include(CMakePackageConfigHelpers)
configure_package_config_file(packaging/VSwitchExtConfig.cmake.in
	${PROJECT_BINARY_DIR}/VSwitchExtConfig.cmake
	INSTALL_DESTINATION ${VS_CMAKE_DIR} PATH_VARS VS_EXTENSION_INSTALL)
write_basic_package_version_file(
	${PROJECT_BINARY_DIR}/VSwitchExtConfigVersion.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/VSwitchExtConfig.cmake
	${PROJECT_BINARY_DIR}/VSwitchExtConfigVersion.cmake
	packaging/play.cmake DESTINATION ${VS_CMAKE_DIR})

# from the file's own place: cmake --install --prefix moves the tree
file(RELATIVE_PATH VS_PC_UP /at/${CMAKE_INSTALL_LIBDIR}/pkgconfig /at)
configure_file(packaging/vswitch-ext.pc.in vswitch-ext.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vswitch-ext.pc
	DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY switch/include/vswitch
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_BINARY_DIR}/sdk/vswitch/build.h
	DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vswitch)

# vswitch-NAME(3) of each header; a NAME.3.in beside it is the page around it.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
	set(script ${PROJECT_SOURCE_DIR}/packaging/header_man.py)
	set(pages "")
	foreach(header ${sdk_headers})
		cmake_path(GET header STEM name)
		set(out ${PROJECT_BINARY_DIR}/man/vswitch-${name}.3)
		set(template
			${PROJECT_SOURCE_DIR}/switch/include/vswitch-${name}.3.in)
		if(NOT EXISTS ${template})
			set(template "")
		endif()
		add_custom_command(OUTPUT ${out}
			COMMAND Python3::Interpreter ${script} ${header} ${out}
				${template}
			DEPENDS ${header} ${script} ${template} VERBATIM)
		list(APPEND pages ${out})
	endforeach()
	file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/man)
	add_custom_target(man_sdk ALL DEPENDS ${pages})
	install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)
endif()
