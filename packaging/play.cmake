# SPDX-License-Identifier: Apache-2.0
#
# A test of vswitch_add_extension_test: what comes must be what is expected.

execute_process(COMMAND ${RUN} ${OPTIONS} --log ${LOG} ${EXTENSION} ${FRAMES}
	RESULT_VARIABLE code)
if(NOT code EQUAL 0)
	message(FATAL_ERROR "vswitch-ext-run ends with ${code}")
endif()
if(DEFINED ENV{VS_ACCEPT})
	file(COPY_FILE ${LOG} ${EXPECTED})
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${LOG} ${EXPECTED}
	RESULT_VARIABLE code)
if(NOT code EQUAL 0)
	file(READ ${LOG} came)
	file(READ ${EXPECTED} wanted)
	message("expected, by ${EXPECTED}:\n${wanted}came:\n${came}")
	message(FATAL_ERROR "not what was expected; if it is meant, "
		"run the test again with VS_ACCEPT=1 in its environment")
endif()
