// SPDX-License-Identifier: Apache-2.0
/*
 * The loader refuses what it should, with the file and the fix in the text,
 * and what it accepts stays.
 */
#include "tests/support/suite.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.h"
#include "loader.h"

static char specimens[PATH_MAX / 2]; /* as built */
static char folder[PATH_MAX / 2];    /* the test's own, mode 0755 */
static struct loader *loader;
static struct vs_error error;

static const char *in(const char *directory, const char *file)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	return path;
}

static void set_up(void)
{
	struct loader_config config = {.directory = folder,
				       .paths_allowed = true};

	snprintf(specimens, sizeof(specimens), "%s/tests/specimens",
		 getenv("VS_BUILD_DIR"));
	strcpy(folder, "/tmp/vs-loader-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chmod(folder, 0755), 0);
	loader = loader_create(&config);
	memset(&error, 0, sizeof(error));
}

static void tear_down(void)
{
	loader_destroy(loader);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	unlink(in(folder, "good.so"));
	unlink(in(folder, "other.so"));
	ck_assert_int_eq(rmdir(folder), 0);
}

/* Copies specimen NAME.so into the test's folder as `as`, mode 0644. */
static void place(const char *name, const char *as)
{
	char bytes[4096];
	FILE *from = fopen(in(specimens, name), "rb");
	FILE *to = fopen(in(folder, as), "wb");
	size_t size;

	ck_assert(from && to);
	while ((size = fread(bytes, 1, sizeof(bytes), from)))
		ck_assert_uint_eq(fwrite(bytes, 1, size, to), size);
	fclose(from);
	ck_assert_int_eq(fclose(to), 0);
	ck_assert_int_eq(chmod(in(folder, as), 0644), 0);
}

/* Loading specimen NAME is refused, and the text holds `words`. */
static void check_specimen(const char *name, const char *words)
{
	char path[PATH_MAX], file[64];

	snprintf(file, sizeof(file), "%s.so", name);
	snprintf(path, sizeof(path), "%s/%s", specimens, file);
	ck_assert_ptr_null(loader_load(loader, name, path, &error));
	ck_assert_msg(strstr(error.path, file), "path: %s", error.path);
	ck_assert_msg(strstr(error.text, words), "text: %s", error.text);
}

/* Loading `good` from the test's folder is refused with code and words. */
static void check_placed(int code, const char *words)
{
	ck_assert_ptr_null(loader_load(loader, "good", NULL, &error));
	ck_assert_int_eq(error.code, code);
	ck_assert_msg(strstr(error.path, folder), "path: %s", error.path);
	ck_assert_msg(strstr(error.text, words), "text: %s", error.text);
}

START_TEST(good_library_is_loaded_by_name)
{
	const struct vs_extension *first = NULL, *second = NULL;

	place("good.so", "good.so");
	first = loader_load(loader, "good", NULL, &error);
	ck_assert_ptr_nonnull(first);
	ck_assert_str_eq(first->name, "good");
	second = loader_load(loader, "good", NULL, &error);
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_eq(first, second);
}
END_TEST

START_TEST(extensions_of_this_build_are_loaded)
{
	static const char *const names[] = {"passthrough", "capture", "wnv"};
	const struct vs_extension *extension;
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/lib/vswitch/%s.so",
			 getenv("VS_BUILD_DIR"), names[i]);
		extension = loader_load(loader, names[i], path, &error);
		ck_assert_msg(extension, "%s: %s", error.path, error.text);
	}
}
END_TEST

START_TEST(replaced_file_is_another_library_and_the_old_one_stays)
{
	const struct vs_extension *old = NULL, *new = NULL;
	char good[PATH_MAX];

	place("good.so", "good.so");
	old = loader_load(loader, "good", NULL, &error);
	ck_assert_ptr_nonnull(old);
	place("good.so", "other.so");
	snprintf(good, sizeof(good), "%s/good.so", folder);
	ck_assert_int_eq(rename(in(folder, "other.so"), good), 0);
	new = loader_load(loader, "good", NULL, &error);
	ck_assert_ptr_nonnull(new);
	ck_assert_ptr_ne(old, new);
	ck_assert_str_eq(old->name, "good");
	ck_assert_str_eq(new->name, "good");
}
END_TEST

START_TEST(refused_library_does_not_stand_in_for_the_next_file)
{
	const struct vs_extension *extension = NULL;

	/* both get the same file descriptor number */
	check_specimen("twins", "share number 1");
	place("good.so", "good.so");
	extension = loader_load(loader, "good", NULL, &error);
	ck_assert_ptr_nonnull(extension);
	ck_assert_str_eq(extension->name, "good");
}
END_TEST

START_TEST(other_abi_is_refused_with_both_numbers)
{
	check_specimen("abi", "ABI 7, this switch has ABI 0");
	ck_assert_ptr_nonnull(strstr(error.text, "rebuild"));
}
END_TEST

START_TEST(other_size_is_refused_with_both_numbers)
{
	char words[64];

	snprintf(words, sizeof(words), "has 96 bytes, this switch's %zu",
		 sizeof(struct vs_extension));
	check_specimen("size", words);
}
END_TEST

START_TEST(other_build_is_refused_with_both_ids)
{
	check_specimen("build", "build 0.0.9-abc, this switch is build ");
	ck_assert_ptr_nonnull(strstr(error.text, VS_BUILD_ID));
}
END_TEST

START_TEST(library_without_the_symbol_is_refused)
{
	check_specimen("symbol", "exports no object vs_extension");
}
END_TEST

START_TEST(unresolved_symbol_is_refused_and_named)
{
	check_specimen("needs", "specimen_needs_this");
	ck_assert_ptr_null(strstr(error.text, "/proc/"));
}
END_TEST

START_TEST(file_named_otherwise_is_refused)
{
	check_specimen("renamed",
		       "its name is original, the file's is renamed");
}
END_TEST

START_TEST(path_named_otherwise_is_refused)
{

	ck_assert_ptr_null(loader_load(loader, "another",
				       in(specimens, "good.so"), &error));
	ck_assert_int_eq(error.code, EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "another.so: rename"));
}
END_TEST

START_TEST(two_class_tables_are_refused)
{
	check_specimen("classes", "fills 2 class tables: fill exactly one");
}
END_TEST

START_TEST(reason_that_is_not_snake_case_is_refused)
{
	check_specimen("reason", "\"Specimen-Dropped\"): its name must be in "
				 "snake_case");
}
END_TEST

START_TEST(reasons_that_share_a_number_are_refused)
{
	check_specimen("twins", "specimen_first and specimen_dropped share "
				"number 1");
}
END_TEST

START_TEST(attach_without_detach_is_refused)
{
	check_specimen("pair", "attach and detach come as a pair");
}
END_TEST

START_TEST(capture_with_a_veto_is_refused)
{
	check_specimen("voice", "a capture has no say in what comes to be");
}
END_TEST

START_TEST(missing_file_is_refused)
{
	check_placed(ENOENT, "cannot be opened: No such file");
}
END_TEST

START_TEST(text_file_is_refused)
{
	FILE *file = fopen(in(folder, "good.so"), "w");

	fputs("This is a text of more than sixty-four bytes, which an ELF "
	      "header has at least.\n",
	      file);
	fclose(file);
	check_placed(ENOEXEC, "not an ELF file");
}
END_TEST

START_TEST(empty_file_is_refused)
{
	fclose(fopen(in(folder, "good.so"), "w"));
	check_placed(ENOEXEC, "not an ELF file");
}
END_TEST

START_TEST(cut_library_is_refused)
{
	place("good.so", "good.so");
	ck_assert_int_eq(truncate(in(folder, "good.so"), 512), 0);
	check_placed(ENOEXEC, "cannot be loaded: ");
}
END_TEST

START_TEST(writable_file_is_refused)
{
	place("good.so", "good.so");
	chmod(in(folder, "good.so"), 0646);
	check_placed(EPERM, "has mode 0646, others can change it: chmod go-w");
	chmod(in(folder, "good.so"), 0664);
	check_placed(EPERM, "has mode 0664");
}
END_TEST

START_TEST(writable_directory_is_refused)
{
	place("good.so", "good.so");
	chmod(folder, 0777);
	check_placed(EPERM, "directory has mode 0777");
	chmod(folder, 01777);
	check_placed(EPERM, "directory has mode 1777");
}
END_TEST

START_TEST(file_of_another_user_is_refused)
{
	if (geteuid() != 0)
		return; /* only root can give a file away */
	place("good.so", "good.so");
	ck_assert_int_eq(chown(in(folder, "good.so"), 12345, 0), 0);
	check_placed(EPERM, "belongs to uid 12345: chown it to root");
}
END_TEST

START_TEST(symbolic_link_is_refused)
{
	place("good.so", "other.so");
	ck_assert_int_eq(symlink("other.so", in(folder, "good.so")), 0);
	check_placed(ELOOP, "a symbolic link: copy the library there");
}
END_TEST

START_TEST(fifo_is_refused_and_does_not_block)
{
	ck_assert_int_eq(mkfifo(in(folder, "good.so"), 0644), 0);
	check_placed(EINVAL, "not a regular file");
}
END_TEST

START_TEST(names_that_leave_the_directory_are_refused)
{
	static const char *const names[] = {"", "../good", "a/b", ".hidden",
					    "new\nline"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_ptr_null(loader_load(loader, names[i], NULL, &error));
		ck_assert_int_eq(error.code, EINVAL);
	}
}
END_TEST

START_TEST(paths_are_refused_unless_configured)
{
	struct loader_config config = {.directory = folder};
	struct loader *strict = loader_create(&config);

	ck_assert_ptr_null(
		loader_load(strict, "good", in(specimens, "good.so"), &error));
	ck_assert_int_eq(error.code, EPERM);
	ck_assert_ptr_nonnull(strstr(error.text, folder));
	loader_destroy(strict);
}
END_TEST

START_TEST(relative_path_is_refused)
{

	ck_assert_ptr_null(loader_load(loader, "good", "good.so", &error));
	ck_assert_int_eq(error.code, EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "not an absolute path"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("loader");
	TCase *tcase = tcase_create("loader");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, good_library_is_loaded_by_name);
	tcase_add_test(tcase, extensions_of_this_build_are_loaded);
	tcase_add_test(tcase,
		       replaced_file_is_another_library_and_the_old_one_stays);
	tcase_add_test(tcase,
		       refused_library_does_not_stand_in_for_the_next_file);
	tcase_add_test(tcase, other_abi_is_refused_with_both_numbers);
	tcase_add_test(tcase, other_size_is_refused_with_both_numbers);
	tcase_add_test(tcase, other_build_is_refused_with_both_ids);
	tcase_add_test(tcase, library_without_the_symbol_is_refused);
	tcase_add_test(tcase, unresolved_symbol_is_refused_and_named);
	tcase_add_test(tcase, file_named_otherwise_is_refused);
	tcase_add_test(tcase, path_named_otherwise_is_refused);
	tcase_add_test(tcase, two_class_tables_are_refused);
	tcase_add_test(tcase, reason_that_is_not_snake_case_is_refused);
	tcase_add_test(tcase, reasons_that_share_a_number_are_refused);
	tcase_add_test(tcase, attach_without_detach_is_refused);
	tcase_add_test(tcase, capture_with_a_veto_is_refused);
	tcase_add_test(tcase, missing_file_is_refused);
	tcase_add_test(tcase, text_file_is_refused);
	tcase_add_test(tcase, empty_file_is_refused);
	tcase_add_test(tcase, cut_library_is_refused);
	tcase_add_test(tcase, writable_file_is_refused);
	tcase_add_test(tcase, writable_directory_is_refused);
	tcase_add_test(tcase, file_of_another_user_is_refused);
	tcase_add_test(tcase, symbolic_link_is_refused);
	tcase_add_test(tcase, fifo_is_refused_and_does_not_block);
	tcase_add_test(tcase, names_that_leave_the_directory_are_refused);
	tcase_add_test(tcase, paths_are_refused_unless_configured);
	tcase_add_test(tcase, relative_path_is_refused);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
